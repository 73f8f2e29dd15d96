"""The timer of enrollments: reminders, ends, and reviews that are late."""

from chassis import Cause, Fire, Handler
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.deadlines import Elapse


def waiting(handler: Handler) -> Fire:
    async def fire(id: str, cause: Cause) -> None:
        await handler.handle(ENROLLMENT, id, Elapse(cause.time), cause)

    return fire
