"""May this partner do that for this customer? What it takes to know, and the answer."""

from collections.abc import Mapping
from typing import Literal

from kontor_contracts.values import Permission
from relationships.domain.customer import State

Reason = Literal["granted", "no-relationship", "not-permitted", "partner-not-active", "unknown-customer"]
Grants = Mapping[str, tuple[Permission, ...]]
"""What a customer's partners may do for it, by partner id."""


def grants_of(customer: State | None) -> Grants | None:
    """None: nobody knows this customer."""
    if customer is None or customer.account is None:
        return None
    return {one.partner_id: one.permissions for one in customer.relationships}


def reason_for(grants: Grants | None, partner_id: str | None, action: Permission) -> Reason:
    """Whether a partner may do ``action``, and why. ``partner_id`` None: the company is no active partner."""
    if partner_id is None:
        return "partner-not-active"
    if grants is None:
        return "unknown-customer"
    if partner_id not in grants:
        return "no-relationship"
    return "granted" if action in grants[partner_id] else "not-permitted"
