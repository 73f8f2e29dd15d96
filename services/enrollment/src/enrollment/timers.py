"""The timer of enrollments: automatic checks, reminders, ends, and reviews that are late."""

from chassis import Cause, Fire, Handler, MongoStore
from enrollment.checks.business_checks import BusinessChecks
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.checking import RecordChecks, checked_company, outstanding
from enrollment.domain.enrollment.deadlines import Elapse


def waiting(store: MongoStore, handler: Handler, checks: BusinessChecks) -> Fire:
    async def fire(id: str, cause: Cause) -> None:
        """The checks come first. The timer fires again for what else is due."""
        state = await store.get_or_initial(ENROLLMENT, id)
        if outstanding(state):
            company = checked_company(state)
            results = await checks.carry_out(company, state.dossier.checks)
            await handler.handle(ENROLLMENT, id, RecordChecks(company=company, results=results), cause)
            return
        await handler.handle(ENROLLMENT, id, Elapse(cause.time), cause)

    return fire
