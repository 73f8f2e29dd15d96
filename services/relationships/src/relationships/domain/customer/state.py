"""A customer with all the partners it works with, in one document.

All its relationships are in this document, so a joint acceptance makes reseller and provider the customer's resellers
in one write: both or none.

Relationships are keyed by the partner id of the membership registry, not by the organization. Every list asks for the
caller's own partner id. So a customer imported for a partner that is not enrolled yet needs no second step later: it is
in the partner's list as soon as the partner is active. An activation writes to no customer, and an import cannot
race with one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kontor_contracts.admin_grants import GrantRole
from kontor_contracts.customers import Channel, EndedBy
from kontor_contracts.values import Partner, Permission, Recipient

MOST_PARTNERS = 100
"""Partners of one customer. With so many, imports and acceptances are refused (`has_room`)."""
MOST_WITH_LATE_ONES = 120
"""Relationships in one document, with those of acceptances that were given at the same moment, and those that ended."""
MOST_PAST = 20
"""Relationships that ended and were followed by a new one with the same partner: the newest."""
MOST_PORTALS = 20
"""That report active subscriptions of one relationship."""
MOST_MATCHES = 5
"""Imported customers that one customer has confirmed to be."""
MOST_COUNTS = MOST_PORTALS * (MOST_MATCHES + 1)
"""Of subscriptions in one relationship: those of the customer and of each imported customer that it is."""
UNDO_WITHIN = timedelta(days=30)
"""After a match, either side can undo it."""
MOST_GRANTS = 20
"""Open administrator grants of one relationship."""
MOST_INVITATIONS = 20
"""Accepted invitations that a relationship names: the newest. Watermarks recognize repeated messages about older ones."""

Origin = Literal["imported", "invitation"]
Role = Literal["reseller", "provider"]
ROLE_PERMISSIONS: Mapping[Role, tuple[Permission, ...]] = {"reseller": ("administer",), "provider": ("order",)}


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """How many subscriptions of the customer with the partner are active in a portal, as the portal reported last."""

    portal: str
    active: int


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """An administrator grant that counts until it expires."""

    grant_id: str
    roles: tuple[GrantRole, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """The customer and one partner. An import knows neither the partner's organization nor its role.

    ``version`` counts its changes; a relationship that follows an ended one counts on. ``invitations``: those that the
    customer accepted; ``accepted_at`` and ``consent`` are of the last one. ``ended_at``: None while the
    relationship holds. ``customer_name``: the customer's when it ended. ``channel``: how the partner found the customer; what
    it says is its own and shown to no other company.
    """

    partner_id: str
    organization_id: str | None = None
    name: str | None = None
    role: Role | None = None
    permissions: tuple[Permission, ...]
    since: datetime
    invitations: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    consent: str | None = None
    version: int = 1
    subscriptions: tuple[Subscriptions, ...] = ()
    grants: tuple[HeldGrant, ...] = ()
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    ended_reason: str | None = None
    customer_name: str | None = None
    channel: Channel | None = None

    @property
    def holds(self) -> bool:
        """Only a relationship that holds gives permissions and shows the customer to the partner."""
        return self.ended_at is None

    @property
    def origin(self) -> Origin:
        return "invitation" if self.invitations else "imported"

    @property
    def active_subscriptions(self) -> int:
        return sum(one.active for one in self.subscriptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The customer: known by its own work account, or by the number that another portal gave it.

    ``contact`` and ``contact_user`` are the user who accepted last; None once that user is purged. ``domain``: of the
    contact's mail address. ``closed``: identity closed the work account, and has not reopened it.
    """

    customer_id: str
    name: str
    country: str
    contact: Recipient | None = None
    contact_user: str | None = None
    portal: str | None = None
    external_id: str | None = None
    domain: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A relationship that came with a match; ``before``: the customer's own with the same partner, None without one."""

    taken: Relationship
    before: Relationship | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An imported customer that this customer is. Its messages are applied here."""

    imported_id: str
    imported_name: str
    portal: str
    external_id: str
    matched_at: datetime
    undo_until: datetime
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchedInto:
    """The imported customer is the customer ``customer_id``. It gives no rights and is in no list."""

    customer_id: str
    matched_at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """``closed_before``: identity closed the work account before the customer became known here.

    ``matches``: of a customer with a work account; ``matched``: of an imported one; ``unmatched``: imported
    customers whose match was undone, the last ones. ``relationships`` of a matched customer
    are as they were, for the case that the match is undone.
    """

    account: Account | None = None
    relationships: tuple[Relationship, ...] = ()
    closed_before: bool = False
    past: tuple[Relationship, ...] = ()
    matches: tuple[Match, ...] = ()
    matched: MatchedInto | None = None
    unmatched: tuple[str, ...] = ()

    @property
    def holding(self) -> tuple[Relationship, ...]:
        """The relationships that hold: none while the customer is closed or matched. Those that ended are history."""
        if self.matched is not None:
            return ()
        if self.account is not None and self.account.closed:
            return ()
        return tuple(one for one in self.relationships if one.holds)


# -- questions


def visible_to(state: State, partner_id: str) -> tuple[Relationship, ...]:
    """What a partner sees of a customer's partners: itself, and those that came with it by a joint invitation."""
    own = held(state, partner_id)
    if own is None:
        return ()
    return tuple(one for one in state.holding if one is own or not set(one.invitations).isdisjoint(own.invitations))


def has_room(state: State | None, partner_ids: Iterable[str], *, most: int = MOST_PARTNERS) -> bool:
    """Whether the customer may work with these partners, too. Those that it works with already take no further room."""
    known = {one.partner_id for one in state.relationships if one.holds} if state else set[str]()
    wanted = known.union(partner_ids)
    return wanted == known or len(wanted) <= most


def permissions_of(partner: Partner) -> tuple[Permission, ...]:
    """What an acceptance gives: the reseller administers, the provider orders (the program's "Connect with new customers")."""
    return ROLE_PERMISSIONS["reseller" if partner.program == "indirect-reseller" else "provider"]


def works_with(state: State, partner_id: str) -> bool:
    """Whether the two have a relationship that has not ended, also while the customer is closed."""
    return not_ended(state, partner_id) is not None


def holds_grant(state: State, grant_id: str) -> bool:
    return any(grant.grant_id == grant_id for one in state.relationships for grant in one.grants)


def history_of(state: State) -> tuple[Relationship, ...]:
    """The relationships that ended."""
    return (*(one for one in state.relationships if not one.holds), *state.past)


def known(state: State, partner_id: str) -> Relationship | None:
    """The relationship with a partner, also one that ended."""
    return next((one for one in state.relationships if one.partner_id == partner_id), None)


def held(state: State, partner_id: str) -> Relationship | None:
    return next((one for one in state.holding if one.partner_id == partner_id), None)


def not_ended(state: State, partner_id: str) -> Relationship | None:
    """The relationship that a new fact continues, also while the customer is closed."""
    found = known(state, partner_id)
    return found if found and found.holds and state.matched is None else None


def moving(state: State) -> tuple[Relationship, ...]:
    """The relationships of a matched customer that held when it was matched."""
    return tuple(one for one in state.relationships if one.holds)


def match_of(state: State, imported_id: str) -> Match | None:
    return next((one for one in state.matches if one.imported_id == imported_id), None)


def had_match(state: State | None, imported_id: str) -> bool:
    """Whether there is such a match or was one, so that a repeated request gets its answer again."""
    return state is not None and (imported_id in state.unmatched or match_of(state, imported_id) is not None)


def came_with(match: Match, partner_id: str) -> Moved | None:
    return next((one for one in match.moved if one.taken.partner_id == partner_id), None)
