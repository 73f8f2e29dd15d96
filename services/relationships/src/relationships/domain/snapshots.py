"""What the topic ``relationships.snapshot`` says of customers, partnerships and partners."""

from kontor_contracts.relationships import CustomerSnapshot, Edge, EdgeGrant, PartnershipSnapshot, PartnerSnapshot
from relationships.domain import partner as domain_partner
from relationships.domain import partnership as domain_partnership
from relationships.domain.customer.state import Relationship
from relationships.domain.customer.state import State as CustomerState


def of_customer(state: CustomerState) -> CustomerSnapshot | None:
    """None: the customer works with nobody now."""
    holding = state.holding
    if state.account is None or not holding:
        return None
    return CustomerSnapshot(customer_id=state.account.customer_id, edges=tuple(_edge(one) for one in holding))


def of_partnership(state: domain_partnership.State) -> PartnershipSnapshot | None:
    """None: the two do not work together now."""
    pair = domain_partnership.present_partnership(state)
    if pair is None:
        return None
    return PartnershipSnapshot(
        partnership_id=pair.partnership_id,
        provider_id=pair.provider.organization_id,
        reseller_id=pair.reseller.organization_id,
        active=pair.active,
        since=pair.since,
        admin_access=pair.admin_access,
        admin_access_until=pair.admin_access_until,
    )


def of_partner(state: domain_partner.State) -> PartnerSnapshot | None:
    """None: the company is no active partner now."""
    company = domain_partner.active_company(state)
    if company is None:
        return None
    return PartnerSnapshot(organization_id=company.partner.organization_id, partner_id=company.partner.partner_id)


def _edge(one: Relationship) -> Edge:
    return Edge(
        partner_id=one.partner_id,
        permissions=one.permissions,
        version=one.version,
        since=one.since,
        grants=tuple(EdgeGrant(grant_id=g.grant_id, roles=g.roles, expires_at=g.expires_at) for g in one.grants),
    )
