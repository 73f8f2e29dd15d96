"""A provider and a reseller that work together. One document per pair, in either direction of invitation.

It shares no customers. The provider gets administrator access to the reseller's own work account (the program's "Connect
with an indirect provider"); the reseller can remove it alone, limit it in time, and grant it again. When the two connect
again after an end, a new partnership begins and the old one is history.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from kontor_contracts.relationships import (
    PartnershipEnded,
    PartnershipEndReason,
    PartnershipEstablished,
    PartnershipResumed,
    PartnershipSide,
    PartnershipSuspended,
    ProviderAdminAccessGranted,
    ProviderAdminAccessRemoved,
    ResellerReauthorizationDue,
    ResellerReauthorized,
)
from kontor_contracts.values import Partner
from relationships.domain.partnership_refusals import PartnershipRefused

Status = Literal["active", "suspended", "ended"]
PartnershipShown = Literal["present", "active", "suspended", "ended", "all"]
"""Partnerships in a list; *present*: all that have not ended."""

MOST_PAST = 50
"""Former partnerships of one pair that the document lists: the newest. The activity log has all."""

# -- state


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """``by``: the organization that ended the partnership; None: the program."""

    at: datetime
    by: str | None
    reason: PartnershipEndReason
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partnership:
    """``invitation_id``: the invitation whose acceptance established it. ``suspended``: the sides that are no active partner.

    ``reauthorization_due``: the reseller has to confirm its data until then, or it leaves the program.
    ``admin_access`` may have a time limit, ``admin_access_until``: ask `admin_access_holds`.
    """

    partnership_id: str
    provider: Partner
    reseller: Partner
    admin_access: bool
    since: datetime
    invitation_id: str
    status: Status = "active"
    suspended: tuple[PartnershipSide, ...] = ()
    admin_access_until: datetime | None = None
    ending: Ending | None = None
    reauthorization_due: datetime | None = None

    @property
    def active(self) -> bool:
        """Only an active partnership connects the two: in lists, drafts and joint acceptances."""
        return self.status == "active"

    @property
    def ended(self) -> bool:
        return self.status == "ended"

    def admin_access_holds(self, at: datetime) -> bool:
        """Whether the provider may administer the reseller's own account. The timer may be late; this is not."""
        return self.active and self.admin_access and (self.admin_access_until is None or at < self.admin_access_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPartnership:
    """A partnership of the same two that ended."""

    invitation_id: str
    since: datetime
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class State:
    """``past``: oldest first."""

    partnership: Partnership | None = None
    past: tuple[PastPartnership, ...] = ()


# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishPartnership:
    """The reseller accepted the provider's invitation."""

    provider: Partner
    reseller: Partner
    invitation_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPartnership:
    """One side, or the program (``by`` None), ends it."""

    by: str | None
    reason: PartnershipEndReason
    comment: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAdminAccess:
    """The reseller grants the provider administrator access, or changes its end. ``consent``: it ticked the box."""

    by: str
    until: datetime | None
    consent: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAdminAccess:
    """The reseller removes the access."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ExpireAdminAccess:
    """The timer: the time that the reseller set may be over."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PresentPartner:
    """A company as it is now: its name and contact, and whether it is an active partner."""

    partner: Partner
    active: bool


@dataclass(frozen=True, slots=True)
class FollowPartners:
    """One or both of the two companies changed. It has their present state, so it may be repeated."""

    REPEATABLE: ClassVar[bool] = True
    present: tuple[PresentPartner, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class FollowReauthorization:
    """The reseller has to confirm its data by this moment; None: it has confirmed.

    ``announced``: only a date that the provider knows of is corrected.
    """

    due_at: datetime | None
    announced: bool = False


Command = (
    EstablishPartnership
    | EndPartnership
    | GrantAdminAccess
    | RemoveAdminAccess
    | ExpireAdminAccess
    | FollowPartners
    | FollowReauthorization
)

# -- events


@dataclass(frozen=True, slots=True)
class PartnerChanged:
    """One side has another name or contact. Enrollment announces these."""

    partner: Partner


Fact = (
    PartnershipEstablished
    | PartnershipEnded
    | PartnershipSuspended
    | PartnershipResumed
    | ProviderAdminAccessGranted
    | ProviderAdminAccessRemoved
    | PartnerChanged
    | ResellerReauthorizationDue
    | ResellerReauthorized
    | PartnershipRefused
)


def due(state: State) -> datetime | None:
    """When the timer ends the provider's administrator access."""
    partnership = state.partnership
    if partnership is None or partnership.ended or not partnership.admin_access:
        return None
    return partnership.admin_access_until


# -- questions


def partnership_id(provider_id: str, reseller_id: str) -> str:
    """The id of a pair of organizations. Their ids hold no dot (identity's are UUIDs), so no two pairs share one."""
    return f"{provider_id}.{reseller_id}"


def active_partnership(state: State | None) -> Partnership | None:
    """The partnership while it connects the two; None otherwise."""
    partnership = state.partnership if state else None
    return partnership if partnership and partnership.active else None


def present_partnership(state: State | None) -> Partnership | None:
    """The partnership while it has not ended, suspended or not."""
    partnership = state.partnership if state else None
    return partnership if partnership and not partnership.ended else None


def partnership_of(state: State | None, organization_id: str) -> Partnership | None:
    """The present or last partnership, as one of the two may see it, whatever its status; None for anybody else."""
    partnership = state.partnership if state else None
    return partnership if partnership and side_of(partnership, organization_id) else None


def known_partnership(state: State) -> Partnership | None:
    """The present or last partnership of the two, whatever its status: for those who may see its history."""
    return state.partnership


def side_of(partnership: Partnership, organization_id: str) -> PartnershipSide | None:
    """The side of an organization; None for a stranger."""
    if organization_id == partnership.provider.organization_id:
        return "provider"
    return "reseller" if organization_id == partnership.reseller.organization_id else None
