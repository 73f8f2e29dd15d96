"""Addresses to which no mail goes: looked at before each attempt, listed after replies that leave no hope."""

from collections.abc import Callable
from datetime import datetime

from chassis import Cause, Handler, MongoStore, derived_id
from kontor_contracts.notifications import SuppressionReason
from notifications.documents import SUPPRESSION, suppression_id, suppression_key
from notifications.domain.mail.masking import masked
from notifications.domain.suppression.state import SuppressAddress


class Suppressions:
    def __init__(self, store: MongoStore, handler: Handler, now: Callable[[], datetime]) -> None:
        self._store = store
        self._handler = handler
        self._now = now

    async def holds(self, email: str) -> SuppressionReason | None:
        """Why no mail goes to the address now, or None."""
        found = await self._store.get(SUPPRESSION, suppression_id(email))
        return found.holds(self._now()) if found else None

    async def suppress(self, email: str, reason: SuppressionReason, mail_id: str) -> None:
        """``mail_id``: the mail whose outcome is the reason."""
        now, id = self._now(), suppression_id(email)
        cause = Cause(
            id=f"suppress:{derived_id(id, mail_id)}",
            time=now,
            correlation_id=mail_id,
            actor="service:notifications",
        )
        command = SuppressAddress(
            address=masked(email), reason=reason, at=now, by="service:notifications", key=suppression_key(email)
        )
        await self._handler.handle(SUPPRESSION, id, command, cause)
