"""Decisions on a customer and the partners it works with."""

from dataclasses import replace
from typing import Any, Literal, assert_never

from kontor_contracts.addresses import domain_key
from kontor_contracts.customers import SubscriptionsRefused
from kontor_contracts.names import is_plain_name
from kontor_contracts.relationships import (
    CustomerClosed,
    CustomerImported,
    CustomerImportRefused,
    CustomerReopened,
    Grant,
    ResellersAuthorized,
    ResellersRefused,
)
from kontor_contracts.values import Partner
from relationships.domain.customer.commands import (
    ApplyPassedOn,
    AuthorizeResellers,
    Command,
    DropGrant,
    EndRelationship,
    FollowAccount,
    ForgetContact,
    HoldGrant,
    ImportCustomer,
    MatchCustomer,
    NameChannel,
    RenameContact,
    RenameCustomer,
    ReportSubscriptions,
    RestoreImported,
    TakeOver,
    UndoMatch,
)
from relationships.domain.customer.ending import end, name_channel, report, report_refused
from relationships.domain.customer.evolve import AccountChanged, ClosedBefore, Fact, evolve
from relationships.domain.customer.grants import drop, hold
from relationships.domain.customer.matching import match as match_customer
from relationships.domain.customer.matching import restore, take_over, undo
from relationships.domain.customer.passing_on import apply_passed_on, pass_on
from relationships.domain.customer.state import (
    MOST_WITH_LATE_ONES,
    Account,
    State,
    has_room,
    known,
    permissions_of,
)


def decide(command: Command, state: State) -> list[Fact]:  # noqa: C901, PLR0911, PLR0912  one answer per command
    match command:
        case AuthorizeResellers():
            return _authorize(command, state)
        case ImportCustomer():
            return _import(command, state)
        case ForgetContact(user_id):
            return _forget(user_id, state.account)
        case EndRelationship():
            return [*end(command, state)]
        case HoldGrant():
            return [*hold(command, state)]
        case DropGrant():
            return [*drop(command, state)]
        case MatchCustomer():
            return [*match_customer(command, state)]
        case TakeOver():
            return [*take_over(command, state)]
        case UndoMatch():
            return [*undo(command, state)]
        case RestoreImported():
            return [*restore(command, state)]
        case ApplyPassedOn():
            return [*apply_passed_on(command, state)]
        case NameChannel():
            return [*name_channel(command, state)]
        case ReportSubscriptions():
            return [*report(command, state)]
        case RenameCustomer() | RenameContact() | FollowAccount():
            return _follow(command, state)
        case _:
            assert_never(command)


def _authorize(command: AuthorizeResellers, state: State) -> list[Fact]:
    # An acceptance that is read again, or late, must not bring back what has ended since.
    partners = tuple(one for one in command.partners if not _ended_since(command, state, one))
    ever = (*state.relationships, *state.past)
    counted = {one.partner_id for one in ever if command.invitation_id in one.invitations}
    if counted.issuperset(partner.partner_id for partner in partners):
        return []
    if not has_room(state, [partner.partner_id for partner in partners], most=MOST_WITH_LATE_ONES):
        return [_too_many(command)]
    authorized = ResellersAuthorized(
        customer_id=command.customer_id,
        customer_name=command.name,
        contact=command.contact,
        grants=tuple(Grant(partner=partner, permissions=permissions_of(partner)) for partner in partners),
        invitation_id=command.invitation_id,
        country=command.country,
        accepted_by=command.contact_user,
        accepted_at=command.at,
        consent=command.consent,
    )
    # A closing that came before the customer was known holds for it, and is announced with it.
    early = state.account is None and state.closed_before
    return [authorized, CustomerClosed(customer_id=command.customer_id)] if early else [authorized]


def _ended_since(command: AuthorizeResellers, state: State, partner: Partner) -> bool:
    """Whether customer and partner ended a relationship after the acceptance was given, also if they connected again."""
    return any(
        one.ended_at is not None and one.ended_at >= command.at
        for one in (*state.relationships, *state.past)
        if one.partner_id == partner.partner_id
    )


def _too_many(command: AuthorizeResellers) -> ResellersRefused:
    return ResellersRefused(
        customer_id=command.customer_id,
        partners=command.partners,
        invitation_id=command.invitation_id,
        reason="too-many-partners",
        customer_name=command.name,
        contact=command.contact,
    )


def _import(command: ImportCustomer, state: State) -> list[Fact]:
    if state.account is not None and state.account.country != command.country:
        return [_import_refused(command, "country-changed")]
    if not is_plain_name(command.name):
        return [_import_refused(command, "name-not-plain")]
    if state.matched is not None:
        return [*pass_on(command, state)]
    before = known(state, command.partner_id)
    if before and not before.holds:
        # Somebody ended it. A portal that goes on sending must not bring the right back.
        return [_import_refused(command, "relationship-ended")]
    if not has_room(state, [command.partner_id]):
        return [_import_refused(command, "too-many-partners")]
    imported = CustomerImported(
        customer_id=command.customer_id,
        name=command.name,
        country=command.country,
        portal=command.portal,
        external_id=command.external_id,
        partner_id=command.partner_id,
        permissions=command.permissions,
        imported_at=command.at,
        organization_id=command.organization_id,
        domain=domain_key(command.domain) if command.domain else None,
    )
    return [imported] if evolve(state, imported) != state else []


def refuse(command: Command, reason: Literal["id-reused", "too-late"]) -> CustomerImportRefused | SubscriptionsRefused:
    """Refuse a command that carries an id of its sender."""
    if isinstance(command, ReportSubscriptions):
        return report_refused(command, reason)
    assert isinstance(command, ImportCustomer), "no other command comes over the bus"
    return _import_refused(command, reason)


def _import_refused(
    command: ImportCustomer,
    reason: Literal[
        "country-changed", "id-reused", "name-not-plain", "relationship-ended", "too-late", "too-many-partners"
    ],
) -> CustomerImportRefused:
    return CustomerImportRefused(
        customer_id=command.customer_id,
        portal=command.portal,
        external_id=command.external_id,
        reason=reason,
    )


def _forget(user_id: str | None, account: Account | None) -> list[Fact]:
    if user_id is not None and (account is None or account.contact_user != user_id):
        return []
    return _changed(account, contact=None, contact_user=None)


def _rename_contact(command: RenameContact, account: Account | None) -> list[Fact]:
    if account is None or account.contact is None or account.contact_user != command.user_id:
        return []
    contact = account.contact.model_copy(update={"name": command.name, "culture": command.culture})
    return _changed(account, contact=contact)


def _follow(command: RenameCustomer | RenameContact | FollowAccount, state: State) -> list[Fact]:
    """The customer is as identity has it."""
    match command:
        case RenameCustomer(name):
            return _changed(state.account, name=name)
        case RenameContact():
            return _rename_contact(command, state.account)
        case FollowAccount(closed):
            return _close_or_reopen(state, closed=closed)
        case _:
            assert_never(command)


def _close_or_reopen(state: State, *, closed: bool) -> list[Fact]:
    if state.account is None:
        return [] if state.closed_before == closed else [ClosedBefore(closed)]
    if state.account.closed == closed:
        return []
    customer_id = state.account.customer_id
    return [CustomerClosed(customer_id=customer_id) if closed else CustomerReopened(customer_id=customer_id)]


def _changed(account: Account | None, **changes: Any) -> list[Fact]:
    changed = replace(account, **changes) if account else None
    return [AccountChanged(changed)] if changed and changed != account else []
