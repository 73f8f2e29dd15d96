"""Decisions on the end of a relationship, on its channel, and on the active subscriptions that prevent its end."""

from kontor_contracts.customer_matches import PortalMessagePassedOn
from kontor_contracts.customers import RelationshipEnded, SubscriptionsRefused, SubscriptionsReported
from relationships.domain.customer.commands import EndRelationship, NameChannel, ReportSubscriptions
from relationships.domain.customer.evolve import ChannelNamed
from relationships.domain.customer.passing_on import pass_on
from relationships.domain.customer.refusals import RelationshipRefused, refused
from relationships.domain.customer.state import MOST_PORTALS, State, Subscriptions, known, not_ended


def end(command: EndRelationship, state: State) -> list[RelationshipEnded | RelationshipRefused]:
    """The program's staff may end a relationship also while a portal reports active subscriptions: portals may be gone."""
    before, account = known(state, command.partner_id), state.account
    if before is None or account is None or state.matched is not None:
        return [refused("no-relationship")]
    if not before.holds:
        return []
    if before.active_subscriptions and command.by != "program":
        return [refused("subscriptions-active")]
    partner = command.partner
    return [
        RelationshipEnded(
            customer_id=account.customer_id,
            customer_name=account.name,
            partner_id=before.partner_id,
            organization_id=partner.organization_id if partner else before.organization_id,
            partner_name=partner.name if partner else before.name,
            ended_by=command.by,
            ended_by_user=command.user_id,
            reason=command.reason,
            ended_at=command.at,
            version=before.version + 1,
            contact=account.contact,
            partner=partner,
            others=command.others,
        )
    ]


def name_channel(command: NameChannel, state: State) -> list[ChannelNamed | RelationshipRefused]:
    before = not_ended(state, command.partner_id)
    if before is None:
        return [refused("no-relationship")]
    return [] if before.channel == command.channel else [ChannelNamed(command.partner_id, command.channel)]


def report(
    command: ReportSubscriptions, state: State
) -> list[SubscriptionsReported | SubscriptionsRefused | PortalMessagePassedOn]:
    if not command.entitled:
        return [report_refused(command, "portal-not-entitled")]
    if state.matched is not None:
        return [*pass_on(command, state)]
    before = not_ended(state, command.partner_id)
    if before is None:
        return [report_refused(command, "no-relationship")]
    reported = next((one for one in before.subscriptions if one.portal == command.portal), Subscriptions("", 0))
    if reported.active == command.active:
        return []
    if not reported.active and len(before.subscriptions) >= MOST_PORTALS:
        return [report_refused(command, "too-many-portals")]
    return [
        SubscriptionsReported(
            customer_id=command.customer_id,
            partner_id=command.partner_id,
            portal=command.portal,
            active=command.active,
            reported_at=command.at,
        )
    ]


def report_refused(command: ReportSubscriptions, reason: str) -> SubscriptionsRefused:
    return SubscriptionsRefused.model_validate(
        {
            "customer_id": command.customer_id,
            "partner_id": command.partner_id,
            "portal": command.portal,
            "reason": reason,
        }
    )
