"""State of a second factor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

WITHHELD = frozenset({"customers:read", "customers:invite"})
"""Permissions that need a sign-in with a second factor: those of the customers' pages."""


@dataclass(frozen=True, slots=True)
class Factor:
    """``due_at``: the end of the grace period. After it, a sign-in without a second factor does not get ``WITHHELD``.

    ``last_step``: the time step of the last code that counted. ``recovery``: hashes of the unused recovery codes.
    ``set_up_at``: when the secret was made. ``used_at``: the last code that counted. None for older factors.
    """

    user_id: str = ""
    organization_id: str = ""
    status: Literal["off", "pending", "active"] = "off"
    sealed_secret: str = ""
    last_step: int = -1
    recovery: tuple[str, ...] = ()
    due_at: datetime | None = None
    wrong: int = 0
    closed_until: datetime | None = None
    set_up_at: datetime | None = None
    used_at: datetime | None = None

    def predates(self, proof: datetime) -> bool:
        """Whether it was set up before the user's address was proved, and not used since: it may be a stranger's."""
        return self.status != "off" and all(at is None or at < proof for at in (self.set_up_at, self.used_at))
