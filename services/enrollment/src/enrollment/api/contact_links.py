"""The personal links on which a primary contact confirms, and the mails that carry them."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Response

from chassis import Cause, Handler, Principal
from chassis.http.pages import PersonalLinks
from chassis.limits import MailBudgets
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.application import Mailing
from enrollment.domain.enrollment.decide import Command
from enrollment.domain.enrollment.state import Enrollment


@dataclass(frozen=True, slots=True)
class ContactLinks:
    """Makes the links and charges for their mails."""

    links: PersonalLinks
    lifetime: timedelta
    handler: Handler
    budgets: MailBudgets

    def new(self, enrollment_id: str, culture: str, cause: Cause) -> Mailing:
        expires_at = cause.time + self.lifetime
        link = self.links.new(f"/verify-contact/{enrollment_id}", expires_at=expires_at, culture=culture)
        return Mailing(token_hash=link.token_hash, sealed_link=link.sealed, expires_at=link.expires_at)

    async def charge(
        self,
        state: Enrollment,
        email: str | None,
        command: Command,
        *,
        cause: Cause,
        caller: Principal,
        response: Response,
    ) -> None:
        """Charge the contact for the mail. The company is not verified yet, so the small budget applies.

        The contact's budget is counted for each company alone, or strangers could use it up: an enrollment names a member
        of the registry, so there are not many that they can have.
        """
        id = ENROLLMENT.id(state.enrollment_id)
        if email is None or not await self.handler.would_change(ENROLLMENT, id, command, cause):
            return
        headers = await self.budgets.by_organization(
            cause, organization_id=caller.organization_id, person=caller.user_id, proved=False
        )
        await self.budgets.by_addressee(cause, email=email, purpose="contact", organization_id=state.organization_id)
        response.headers.update(headers)
