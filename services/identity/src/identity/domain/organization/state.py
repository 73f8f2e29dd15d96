"""State of an organization."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kontor_contracts.identity import OrganizationProfile, OrganizationStatus

EnrollmentStatus = Literal["registered", "enrolling", "qualified", "rejected", "suspended", "active", "former"]

FEW = 2
"""An organization should have at least two global admins: a single one has no colleague who can help."""

PARTNER: frozenset[OrganizationStatus] = frozenset({"active", "suspended"})


MOST_COUNTED = 200
"""Global admins in the document. With so many, giving the role is refused (`domain.user.access.role_rules`).
Roles given at the same time are not counted."""
MOST_RELEASED = 200
"""Former global admins in the document, because late events about them may still arrive."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a user counts as a global admin, as of the user's ``as_of``-th change of roles."""

    user_id: str
    as_of: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Organization:
    """``profile`` None: events of its administrators arrived before its registration.

    ``submitted``: an enrollment was submitted, so country and kind are final. ``reopenable_until``: closed until then.
    """

    profile: OrganizationProfile | None = None
    status: OrganizationStatus = "registered"
    enrollment_id: str | None = None
    submitted: bool = False
    reopenable_until: datetime | None = None
    erased: bool = False
    standings: tuple[Standing, ...] = ()

    def knows(self, user_id: str) -> bool:
        """Whether the user counts as a global admin, or counted once."""
        return self.standing_of(user_id) is not None

    def standing_of(self, user_id: str) -> Standing | None:
        return next((known for known in self.standings if known.user_id == user_id), None)

    @property
    def closed(self) -> bool:
        return self.reopenable_until is not None or self.erased

    @property
    def global_admins(self) -> int:
        """The number of counted global admins."""
        return sum(standing.counted for standing in self.standings)

    @property
    def admins_full(self) -> bool:
        return self.global_admins >= MOST_COUNTED
