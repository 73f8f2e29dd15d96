"""How facts change a customer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from kontor_contracts.addresses import mail_domain
from kontor_contracts.admin_grants import AdminGrantDropped, AdminGrantHeld
from kontor_contracts.customer_matches import (
    CustomerMatched,
    CustomerMatchUndone,
    ImportedCustomerRestored,
    PortalMessagePassedOn,
    RelationshipsMoved,
)
from kontor_contracts.customers import Channel, RelationshipEnded, SubscriptionsRefused, SubscriptionsReported
from kontor_contracts.relationships import (
    CustomerClosed,
    CustomerImported,
    CustomerImportRefused,
    CustomerReopened,
    ResellersAuthorized,
    ResellersRefused,
)
from kontor_contracts.values import Permission
from relationships.domain.customer.facts import Restored, TakenOver
from relationships.domain.customer.grants import with_grant, without_grant
from relationships.domain.customer.match_evolve import (
    imported_again,
    match_with,
    matched,
    restored,
    taken_over,
    undone,
)
from relationships.domain.customer.passing_on import count_of
from relationships.domain.customer.refusals import RelationshipRefused
from relationships.domain.customer.state import (
    MOST_INVITATIONS,
    MOST_PAST,
    MOST_WITH_LATE_ONES,
    Account,
    Relationship,
    State,
    known,
    not_ended,
)


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """The customer or its contact has a new name, or the contact is purged. Identity announces these."""

    account: Account


@dataclass(frozen=True, slots=True)
class ClosedBefore:
    """Identity closed the work account of a customer that is not known yet, or reopened it."""

    closed: bool


@dataclass(frozen=True, slots=True)
class ChannelNamed:
    """The partner's own note. It is not announced."""

    partner_id: str
    channel: Channel | None


Fact = (
    AdminGrantHeld
    | CustomerMatched
    | RelationshipsMoved
    | CustomerMatchUndone
    | ImportedCustomerRestored
    | PortalMessagePassedOn
    | TakenOver
    | Restored
    | AdminGrantDropped
    | ChannelNamed
    | AccountChanged
    | ClosedBefore
    | CustomerClosed
    | CustomerReopened
    | ResellersAuthorized
    | ResellersRefused
    | CustomerImported
    | CustomerImportRefused
    | RelationshipEnded
    | RelationshipRefused
    | SubscriptionsReported
    | SubscriptionsRefused
)


def evolve(state: State, event: Fact) -> State:  # noqa: C901, PLR0911, PLR0912  one answer per fact
    match event:
        case ResellersAuthorized():
            return _authorized(state, event)
        case CustomerImported():
            found = match_with(state, event.portal, event.external_id)
            return imported_again(state, event, found) if found else _imported(state, event)
        case CustomerMatched():
            return matched(state, event)
        case TakenOver():
            return taken_over(state, event)
        case CustomerMatchUndone():
            return undone(state, event)
        case Restored():
            return restored(state, event)
        case RelationshipsMoved() | ImportedCustomerRestored() | PortalMessagePassedOn():
            # The facts beside them say the whole.
            return state
        case AccountChanged(account):
            return replace(state, account=account)
        case CustomerClosed() | CustomerReopened():
            closed = isinstance(event, CustomerClosed)
            return replace(state, account=replace(state.account, closed=closed)) if state.account else state
        case ClosedBefore(closed):
            return replace(state, closed_before=closed)
        case ChannelNamed(partner_id, channel):
            named = not_ended(state, partner_id)
            return _with(state, replace(named, channel=channel)) if named else state
        case AdminGrantHeld():
            holder = not_ended(state, event.partner_id)
            return _with(state, with_grant(holder, event)) if holder else state
        case AdminGrantDropped():
            holder = not_ended(state, event.partner_id)
            return _with(state, without_grant(holder, event.grant_id)) if holder else state
        case RelationshipEnded():
            return _ended(state, event)
        case SubscriptionsReported():
            return _reported(state, event)
        case ResellersRefused() | CustomerImportRefused() | RelationshipRefused() | SubscriptionsRefused():
            return state
        case _:
            assert_never(event)


def _authorized(state: State, event: ResellersAuthorized) -> State:
    if event.country is None or event.accepted_at is None:
        # The fields are optional on the wire alone. `decide` always sets them.
        return state
    account = Account(
        customer_id=event.customer_id,
        name=event.customer_name,
        country=event.country,
        contact=event.contact,
        domain=mail_domain(event.contact.email),
        contact_user=event.accepted_by,
        # An acceptance of before the closing may arrive after it.
        closed=state.account is not None and state.account.closed,
    )
    changed = replace(state, account=account)
    for grant in event.grants:
        partner, before = grant.partner, not_ended(state, grant.partner.partner_id)
        relationship = Relationship(
            partner_id=partner.partner_id,
            organization_id=partner.organization_id,
            name=partner.name,
            role="reseller" if partner.program == "indirect-reseller" else "provider",
            permissions=_union(before.permissions if before else (), grant.permissions),
            since=before.since if before else event.accepted_at,
            invitations=(*(before.invitations if before else ()), event.invitation_id)[-MOST_INVITATIONS:],
            accepted_at=event.accepted_at,
            consent=event.consent,
            version=_next_version(state, partner.partner_id),
            subscriptions=before.subscriptions if before else (),
            grants=before.grants if before else (),
            channel=before.channel if before else None,
        )
        changed = _with(changed, relationship)
    return changed


def _imported(state: State, event: CustomerImported) -> State:
    if event.permissions is None or event.imported_at is None:
        return state
    account = Account(
        customer_id=event.customer_id,
        name=event.name,
        country=event.country,
        portal=event.portal,
        external_id=event.external_id,
        domain=event.domain,
    )
    before = not_ended(state, event.partner_id)
    permissions = _union((), event.permissions)
    if before is None:
        relationship = Relationship(
            partner_id=event.partner_id,
            permissions=permissions,
            since=event.imported_at,
            version=_next_version(state, event.partner_id),
        )
    elif before.permissions != permissions:
        relationship = replace(before, permissions=permissions, version=before.version + 1)
    else:
        relationship = before
    return _with(replace(state, account=account), relationship)


def _ended(state: State, event: RelationshipEnded) -> State:
    before = not_ended(state, event.partner_id)
    if before is None:
        return state
    ended = replace(
        before,
        ended_at=event.ended_at,
        ended_by=event.ended_by,
        ended_reason=event.reason,
        customer_name=event.customer_name,
        subscriptions=(),
        grants=(),
        version=event.version,
    )
    return _with(state, ended)


def _reported(state: State, event: SubscriptionsReported) -> State:
    before = not_ended(state, event.partner_id)
    if before is None:
        return state
    count = count_of(event)
    others = tuple(one for one in before.subscriptions if one.portal != count.portal)
    now = (count,) if count.active else ()
    return _with(state, replace(before, subscriptions=(*others, *now)))


def _next_version(state: State, partner_id: str) -> int:
    before = known(state, partner_id)
    return before.version + 1 if before else 1


def _with(state: State, changed: Relationship) -> State:
    """With ``changed`` instead of what was there for the same partner, in the same place.

    One that ended goes to the past when another one follows it.
    """
    before = known(state, changed.partner_id)
    if before is None:
        return replace(state, relationships=_bounded((*state.relationships, changed)))
    followed = not before.holds and changed.holds
    past = (*state.past, before)[-MOST_PAST:] if followed else state.past
    present = tuple(changed if one.partner_id == changed.partner_id else one for one in state.relationships)
    return replace(state, relationships=present, past=past)


def _bounded(relationships: tuple[Relationship, ...]) -> tuple[Relationship, ...]:
    """Without those that ended first, where there are too many."""
    ended = [one for one in relationships if not one.holds]
    gone = sorted(ended, key=lambda one: str(one.ended_at))[: max(0, len(relationships) - MOST_WITH_LATE_ONES)]
    return tuple(one for one in relationships if one not in gone) if gone else relationships


def _union(have: Sequence[Permission], more: Sequence[Permission]) -> tuple[Permission, ...]:
    return tuple(dict.fromkeys((*have, *more)))
