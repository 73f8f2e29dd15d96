"""The authorization check: may a partner act for a customer, by which relationship, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from kontor_contracts.customers import Action
from kontor_contracts.values import Permission
from relationships.domain.actions import ACTIONS, PERMITTED_BY
from relationships.domain.customer.state import HeldGrant, State

Reason = Literal["granted", "no-relationship", "not-permitted", "partner-not-active", "unknown-customer"]


class Held(NamedTuple):
    """A relationship that holds. ``edge`` names it, ``version`` counts its changes."""

    permissions: tuple[Permission, ...]
    edge: str
    version: int
    grants: tuple[HeldGrant, ...] = ()


Relationships = Mapping[str, Held]
"""What a customer has given its partners, by partner id."""


class Verdict(NamedTuple):
    """The answer to a check; ``held``: the relationship that it rests on, None where there is none.

    ``grant_id``: the administrator grant that it rests on beside it.
    """

    reason: Reason
    held: Held | None = None
    grant_id: str | None = None


def held_by(customer: State | None) -> Relationships | None:
    """The relationships that hold. None: the customer is unknown."""
    if customer is None or customer.account is None:
        return None
    customer_id = customer.account.customer_id
    return {
        one.partner_id: Held(one.permissions, edge_of(customer_id, one.partner_id), one.version, one.grants)
        for one in customer.holding
    }


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
    if held is None:
        return NO_RELATIONSHIP
    if action == "view" or any(one in held.permissions for one in PERMITTED_BY[action]):
        return Verdict("granted", held)
    for grant in held.grants:
        if at < grant.expires_at and any(action in ACTIONS[role] for role in grant.roles):
            return Verdict("granted", held, grant.grant_id)
    return Verdict("not-permitted", held)


PARTNER_NOT_ACTIVE = Verdict("partner-not-active")
UNKNOWN_CUSTOMER = Verdict("unknown-customer")
NO_RELATIONSHIP = Verdict("no-relationship")
