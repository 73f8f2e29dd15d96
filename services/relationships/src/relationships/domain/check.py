"""The authorization check: may a partner act for a customer, and why."""

from collections.abc import Mapping
from typing import Literal

from kontor_contracts.values import Permission
from relationships.domain.customer.state import State

Reason = Literal["granted", "no-relationship", "not-permitted", "partner-not-active", "unknown-customer"]
Grants = Mapping[str, tuple[Permission, ...]]
"""The permissions that a customer has given its partners, by partner id."""


def grants_of(customer: State | None) -> Grants | None:
    """The permissions of relationships that hold. None: the customer is unknown."""
    if customer is None or customer.account is None:
        return None
    return {one.partner_id: one.permissions for one in customer.holding}


def reason_for(grants: Grants | None, partner_id: str | None, action: Permission) -> Reason:
    """Whether a partner may do ``action``, and why. ``partner_id`` None: the company is not an active partner."""
    if partner_id is None:
        return "partner-not-active"
    if grants is None:
        return "unknown-customer"
    if partner_id not in grants:
        return "no-relationship"
    return "granted" if action in grants[partner_id] else "not-permitted"
