"""Whether a provider may name a reseller on a subscription of a customer, and why not (the program's partner-of-record check)."""

from typing import Literal

from relationships.domain import partner, partnership
from relationships.domain.customer.state import State as CustomerState
from relationships.domain.partner import Company

Reason = Literal[
    "valid",
    "partner-id-unknown",
    "not-a-reseller",
    "provider-not-active",
    "reseller-not-active",
    "region-differs",
    "partnership-missing",
    "customer-not-shared",
]


def judged(  # noqa: PLR0911  one return per reason
    provider: Company | None,
    reseller: partner.State | None,
    pair: partnership.State | None,
    shared_with: CustomerState | None,
    *,
    for_customer: bool,
) -> Reason:
    """The first thing that is wrong. An active partner has signed the agreement. ``for_customer``: it has to be shared.

    ``provider`` None: it is no active partner.
    """
    if provider is None:
        return "provider-not-active"
    company = partner.known_company(reseller)
    if company is None:
        return "partner-id-unknown"
    if company.partner.program != "indirect-reseller":
        return "not-a-reseller"
    if not company.active:
        return "reseller-not-active"
    if company.region != provider.region:
        return "region-differs"
    if partnership.active_partnership(pair) is None:
        return "partnership-missing"
    both = {provider.partner.partner_id, company.partner.partner_id}
    if for_customer and not both <= _partners_of(shared_with):
        return "customer-not-shared"
    return "valid"


def _partners_of(state: CustomerState | None) -> set[str]:
    return {one.partner_id for one in state.holding} if state else set()
