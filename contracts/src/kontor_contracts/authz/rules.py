"""The rules of authorization checks. The service over HTTP and readers in their own process decide by these alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from kontor_contracts.admin_grants import GrantRole
from kontor_contracts.customers import Action
from kontor_contracts.values import Permission

Reason = Literal["granted", "no-relationship", "not-permitted", "partner-not-active", "unknown-customer"]

PERMITTED_BY: Mapping[Action, tuple[Permission, ...]] = {
    "administer": ("administer",),
    "administer-users": ("administer",),
    "administer-licences": ("administer",),
    "administer-subscriptions": ("administer",),
    "order": ("order",),
    "add-subscription": ("order",),
    "view": ("administer", "order"),
}
"""Any of these permits the action. Who has a relationship that holds may always view the customer."""

ACTIONS: Mapping[GrantRole, tuple[Action, ...]] = {
    "global-administrator": (
        "administer",
        "administer-users",
        "administer-licences",
        "administer-subscriptions",
        "view",
    ),
    "user-administrator": ("administer-users", "view"),
    "licence-administrator": ("administer-licences", "view"),
    "subscription-administrator": ("administer-subscriptions", "view"),
    "global-reader": ("view",),
}
"""What each role permits. A role that is not here permits nothing."""


class CountedGrant(Protocol):
    """An administrator grant. It counts until it expires."""

    @property
    def grant_id(self) -> str: ...
    @property
    def roles(self) -> tuple[GrantRole, ...]: ...
    @property
    def expires_at(self) -> datetime: ...


class Held(NamedTuple):
    """A relationship that holds. ``edge`` names it, ``version`` counts its changes."""

    permissions: tuple[Permission, ...]
    edge: str
    version: int
    grants: Sequence[CountedGrant] = ()


Relationships = Mapping[str, Held]
"""What a customer has given its partners, by partner id."""


class Verdict(NamedTuple):
    """The answer to a check; ``held``: the relationship that it rests on, None where there is none.

    ``grant_id``: the administrator grant that it rests on beside it.
    """

    reason: Reason
    held: Held | None = None
    grant_id: str | None = None


PARTNER_NOT_ACTIVE = Verdict("partner-not-active")
UNKNOWN_CUSTOMER = Verdict("unknown-customer")
NO_RELATIONSHIP = Verdict("no-relationship")


def edge_of(customer_id: str, partner_id: str) -> str:
    """The name of a relationship. It stays the same when the two end it and connect again; the version goes on."""
    return f"{customer_id}.{partner_id}"


def verdict_on(relationships: Relationships | None, partner_id: str | None, action: Action, at: datetime) -> Verdict:
    """Whether a partner may do ``action`` now, and why. ``partner_id`` None: the company is not an active partner."""
    if partner_id is None:
        return PARTNER_NOT_ACTIVE
    if relationships is None:
        return UNKNOWN_CUSTOMER
    held = relationships.get(partner_id)
    return NO_RELATIONSHIP if held is None else verdict_by(held, action, at)


def verdict_by(held: Held, action: Action, at: datetime) -> Verdict:
    """The same for an active partner and its relationship."""
    if action == "view" or any(one in held.permissions for one in PERMITTED_BY[action]):
        return Verdict("granted", held)
    for grant in held.grants:
        if at < grant.expires_at and any(action in ACTIONS.get(role, ()) for role in grant.roles):
            return Verdict("granted", held, grant.grant_id)
    return Verdict("not-permitted", held)
