"""Messages of portals about an imported customer that is matched: it passes them on, and the other one applies them."""

from kontor_contracts.customer_matches import PortalMessagePassedOn
from kontor_contracts.customers import SubscriptionsReported
from kontor_contracts.relationships import CustomerImported
from relationships.domain.customer.commands import ApplyPassedOn, ImportCustomer, ReportSubscriptions
from relationships.domain.customer.match_evolve import imported_again
from relationships.domain.customer.matching import counted_for
from relationships.domain.customer.state import (
    MOST_COUNTS,
    Match,
    State,
    Subscriptions,
    has_room,
    known,
    match_of,
    not_ended,
)


def pass_on(command: ImportCustomer | ReportSubscriptions, state: State) -> list[PortalMessagePassedOn]:
    if state.account is None or state.matched is None:
        return []
    return [
        PortalMessagePassedOn(
            imported_id=state.account.customer_id,
            customer_id=state.matched.customer_id,
            partner_id=command.partner_id,
            portal=command.portal,
            organization_id=command.organization_id if isinstance(command, ImportCustomer) else None,
            permissions=command.permissions if isinstance(command, ImportCustomer) else None,
            active=command.active if isinstance(command, ReportSubscriptions) else None,
            at=command.at,
        )
    ]


def apply_passed_on(command: ApplyPassedOn, state: State) -> list[CustomerImported | SubscriptionsReported]:
    message = command.message
    found = match_of(state, message.imported_id)
    if found is None or state.account is None:
        return []
    if message.permissions is not None:
        return _import(message, found, state)
    return _report(message, found, state)


def _import(
    message: PortalMessagePassedOn, found: Match, state: State
) -> list[CustomerImported | SubscriptionsReported]:
    before = known(state, message.partner_id)
    if state.account is None or (before and not before.holds) or not has_room(state, [message.partner_id]):
        return []
    imported = CustomerImported(
        customer_id=state.account.customer_id,
        name=state.account.name,
        country=state.account.country,
        portal=found.portal,
        external_id=found.external_id,
        partner_id=message.partner_id,
        permissions=message.permissions,
        imported_at=message.at,
        organization_id=message.organization_id,
    )
    return [imported] if imported_again(state, imported, found) != state else []


def _report(
    message: PortalMessagePassedOn, found: Match, state: State
) -> list[CustomerImported | SubscriptionsReported]:
    before = not_ended(state, message.partner_id)
    if before is None or state.account is None or message.active is None:
        return []
    name = counted_for(found.imported_id, message.portal)
    reported = next((one.active for one in before.subscriptions if one.portal == name), 0)
    if reported == message.active or (not reported and len(before.subscriptions) >= MOST_COUNTS):
        return []
    return [
        SubscriptionsReported(
            customer_id=state.account.customer_id,
            partner_id=message.partner_id,
            portal=message.portal,
            active=message.active,
            reported_at=message.at,
            imported_id=found.imported_id,
        )
    ]


def count_of(event: SubscriptionsReported) -> Subscriptions:
    name = counted_for(event.imported_id, event.portal) if event.imported_id else event.portal
    return Subscriptions(name, event.active)
