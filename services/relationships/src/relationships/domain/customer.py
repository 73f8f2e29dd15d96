"""A customer with all the partners it works with, in one document.

All its relationships are in this document, so a joint acceptance makes reseller and provider the customer's resellers
in one write: both or none.

Relationships are keyed by the partner id of the membership registry, not by the organization. Every list asks for the
caller's own partner id. So a customer imported for a partner that is not enrolled yet needs no second step later: it is
in the partner's list as soon as the partner is active. An activation writes to no customer, and an import cannot
race with one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Literal, assert_never

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
from kontor_contracts.values import Partner, Permission, Recipient

MOST_PARTNERS = 100
"""Partners of one customer. With so many, imports and acceptances are refused (`has_room`)."""
MOST_WITH_LATE_ONES = 120
"""Relationships in one document, with those of acceptances that were given at the same moment, and those that ended."""
MOST_INVITATIONS = 20
"""Accepted invitations that a relationship names: the newest. Watermarks recognize repeated messages about older ones."""

Role = Literal["reseller", "provider"]

# -- state


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """The customer and one partner. An import knows neither the partner's organization nor its role.

    ``invitations``: those that the customer accepted. ``ended_at``: None while the relationship holds.
    """

    partner_id: str
    organization_id: str | None = None
    name: str | None = None
    role: Role | None = None
    permissions: tuple[Permission, ...]
    since: datetime
    invitations: tuple[str, ...] = ()
    ended_at: datetime | None = None

    @property
    def holds(self) -> bool:
        """Only a relationship that holds gives permissions and shows the customer to the partner."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The customer: known by its own work account, or by the number that another portal gave it.

    ``contact`` and ``contact_user`` are the user who accepted last; None once that user is purged. ``closed``: identity closed
    the work account, and has not reopened it.
    """

    customer_id: str
    name: str
    country: str
    contact: Recipient | None = None
    contact_user: str | None = None
    portal: str | None = None
    external_id: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class State:
    account: Account | None = None
    relationships: tuple[Relationship, ...] = ()

    @property
    def holding(self) -> tuple[Relationship, ...]:
        """The relationships that hold: none while the customer is closed. Those that ended are history."""
        if self.account is not None and self.account.closed:
            return ()
        return tuple(one for one in self.relationships if one.holds)


# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeResellers:
    """The customer accepted an invitation. All of ``partners`` become its resellers of record."""

    customer_id: str
    name: str
    country: str
    contact: Recipient
    contact_user: str | None = None
    partners: tuple[Partner, ...]
    invitation_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCustomer:
    """A partner serves this customer through another portal."""

    customer_id: str
    portal: str
    external_id: str
    name: str
    country: str
    partner_id: str
    permissions: tuple[Permission, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class LateImport:
    """An import that had waited for its partner. A relationship that came since is newer and stays."""

    wanted: ImportCustomer


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """Identity purged the user. If it is the customer's contact, the document keeps nothing of the person.

    The events that the document keeps to announce them again go as well.
    """

    ERASES: ClassVar[bool] = True
    user_id: str


@dataclass(frozen=True, slots=True)
class RenameCustomer:
    """Identity has another name for the customer's organization."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameContact:
    """Identity has another name or language for the user."""

    user_id: str
    name: str
    culture: str


@dataclass(frozen=True, slots=True)
class FollowAccount:
    """Identity has closed the customer's work account, or reopened it."""

    closed: bool


Command = (
    AuthorizeResellers | ImportCustomer | LateImport | ForgetContact | RenameCustomer | RenameContact | FollowAccount
)

# -- events


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """The customer or its contact has another name, or the contact is purged. Identity announces these."""

    account: Account


Fact = (
    AccountChanged
    | CustomerClosed
    | CustomerReopened
    | ResellersAuthorized
    | ResellersRefused
    | CustomerImported
    | CustomerImportRefused
)

# -- decide, evolve


def decide(command: Command, state: State) -> list[Fact]:
    match command:
        case AuthorizeResellers():
            return _authorize(command, state)
        case ImportCustomer():
            return _import(command, state)
        case LateImport(wanted):
            return [] if _known(state, wanted.partner_id) else _import(wanted, state)
        case ForgetContact(user_id):
            return _forget(user_id, state.account)
        case RenameCustomer() | RenameContact() | FollowAccount():
            return _follow(command, state.account)
        case _:
            assert_never(command)


def evolve(state: State, event: Fact) -> State:
    match event:
        case ResellersAuthorized():
            return _authorized(state, event)
        case CustomerImported():
            return _imported(state, event)
        case AccountChanged(account):
            return replace(state, account=account)
        case CustomerClosed() | CustomerReopened():
            closed = isinstance(event, CustomerClosed)
            return replace(state, account=replace(state.account, closed=closed)) if state.account else state
        case ResellersRefused() | CustomerImportRefused():
            return state
        case _:
            assert_never(event)


# -- questions


def visible_to(state: State, partner_id: str) -> tuple[Relationship, ...]:
    """What a partner sees of a customer's partners: itself, and those that came with it by a joint invitation."""
    own = _held(state, partner_id)
    if own is None:
        return ()
    return tuple(one for one in state.holding if one is own or not set(one.invitations).isdisjoint(own.invitations))


def has_room(state: State | None, partner_ids: Iterable[str], *, most: int = MOST_PARTNERS) -> bool:
    """Whether the customer may work with these partners, too. Those that it works with already take no further room."""
    known = {one.partner_id for one in state.relationships if one.holds} if state else set[str]()
    wanted = known.union(partner_ids)
    return wanted == known or len(wanted) <= most


def permissions_of(partner: Partner) -> tuple[Permission, ...]:
    """What an acceptance gives: the reseller administers, the provider orders (program.md, "Connect with new customers")."""
    return ("administer",) if partner.program == "indirect-reseller" else ("order",)


def _authorize(command: AuthorizeResellers, state: State) -> list[Fact]:
    known = {one.partner_id for one in state.relationships if command.invitation_id in one.invitations}
    if known.issuperset(partner.partner_id for partner in command.partners):
        return []
    if not has_room(state, [partner.partner_id for partner in command.partners], most=MOST_WITH_LATE_ONES):
        return [_too_many(command)]
    return [
        ResellersAuthorized(
            customer_id=command.customer_id,
            customer_name=command.name,
            contact=command.contact,
            grants=tuple(Grant(partner=partner, permissions=permissions_of(partner)) for partner in command.partners),
            invitation_id=command.invitation_id,
            country=command.country,
            accepted_by=command.contact_user,
            accepted_at=command.at,
        )
    ]


def _too_many(command: AuthorizeResellers) -> ResellersRefused:
    return ResellersRefused(
        customer_id=command.customer_id,
        partners=command.partners,
        invitation_id=command.invitation_id,
        reason="too-many-partners",
    )


def _import(command: ImportCustomer, state: State) -> list[Fact]:
    if state.account is not None and state.account.country != command.country:
        return [refuse(command, "country-changed")]
    if not is_plain_name(command.name):
        return [refuse(command, "name-not-plain")]
    if not has_room(state, [command.partner_id]):
        return [refuse(command, "too-many-partners")]
    imported = CustomerImported(
        customer_id=command.customer_id,
        name=command.name,
        country=command.country,
        portal=command.portal,
        external_id=command.external_id,
        partner_id=command.partner_id,
        permissions=command.permissions,
        imported_at=command.at,
    )
    return [imported] if evolve(state, imported) != state else []


def _authorized(state: State, event: ResellersAuthorized) -> State:
    if event.country is None or event.accepted_at is None:
        # The fields are optional on the wire alone. `decide` always sets them.
        return state
    account = Account(
        customer_id=event.customer_id,
        name=event.customer_name,
        country=event.country,
        contact=event.contact,
        contact_user=event.accepted_by,
        # An acceptance of before the closing may arrive after it.
        closed=state.account is not None and state.account.closed,
    )
    relationships = state.relationships
    for grant in event.grants:
        partner, before = grant.partner, _not_ended(state, grant.partner.partner_id)
        relationship = Relationship(
            partner_id=partner.partner_id,
            organization_id=partner.organization_id,
            name=partner.name,
            role="reseller" if partner.program == "indirect-reseller" else "provider",
            permissions=_union(before.permissions if before else (), grant.permissions),
            since=before.since if before else event.accepted_at,
            invitations=(*(before.invitations if before else ()), event.invitation_id)[-MOST_INVITATIONS:],
        )
        relationships = _with(relationships, relationship)
    return State(account, relationships)


def _imported(state: State, event: CustomerImported) -> State:
    if event.permissions is None or event.imported_at is None:
        return state
    account = Account(
        customer_id=event.customer_id,
        name=event.name,
        country=event.country,
        portal=event.portal,
        external_id=event.external_id,
    )
    before = _not_ended(state, event.partner_id)
    relationship = Relationship(
        partner_id=event.partner_id,
        permissions=_union((), event.permissions),
        since=before.since if before else event.imported_at,
    )
    return State(account, _with(state.relationships, relationship))


def refuse(
    command: Command,
    reason: Literal["country-changed", "id-reused", "name-not-plain", "too-late", "too-many-partners"],
) -> CustomerImportRefused:
    """Refuse an import, the only command on a customer that carries an id of its sender."""
    assert isinstance(command, ImportCustomer), "only imports come over the bus"
    return CustomerImportRefused(
        customer_id=command.customer_id,
        portal=command.portal,
        external_id=command.external_id,
        reason=reason,
    )


def _forget(user_id: str, account: Account | None) -> list[Fact]:
    if account is None or account.contact_user != user_id:
        return []
    return [AccountChanged(replace(account, contact=None, contact_user=None))]


def _rename_contact(command: RenameContact, account: Account | None) -> list[Fact]:
    if account is None or account.contact is None or account.contact_user != command.user_id:
        return []
    contact = account.contact.model_copy(update={"name": command.name, "culture": command.culture})
    return _changed(account, contact=contact)


def _follow(command: RenameCustomer | RenameContact | FollowAccount, account: Account | None) -> list[Fact]:
    """The customer is as identity has it."""
    match command:
        case RenameCustomer(name):
            return _changed(account, name=name)
        case RenameContact():
            return _rename_contact(command, account)
        case FollowAccount(closed):
            return _close_or_reopen(account, closed=closed)
        case _:
            assert_never(command)


def _close_or_reopen(account: Account | None, *, closed: bool) -> list[Fact]:
    if account is None or account.closed == closed:
        return []
    customer_id = account.customer_id
    return [CustomerClosed(customer_id=customer_id) if closed else CustomerReopened(customer_id=customer_id)]


def _changed(account: Account | None, **changes: Any) -> list[Fact]:
    changed = replace(account, **changes) if account else None
    return [AccountChanged(changed)] if changed and changed != account else []


def _known(state: State, partner_id: str) -> Relationship | None:
    """The relationship with a partner, also one that ended."""
    return next((one for one in state.relationships if one.partner_id == partner_id), None)


def _held(state: State, partner_id: str) -> Relationship | None:
    return next((one for one in state.holding if one.partner_id == partner_id), None)


def _not_ended(state: State, partner_id: str) -> Relationship | None:
    """The relationship that a new fact continues, also while the customer is closed."""
    known = _known(state, partner_id)
    return known if known and known.holds else None


def _with(relationships: tuple[Relationship, ...], changed: Relationship) -> tuple[Relationship, ...]:
    """With ``changed`` instead of what was there for the same partner, in the same place."""
    if all(one.partner_id != changed.partner_id for one in relationships):
        return _bounded((*relationships, changed))
    return tuple(changed if one.partner_id == changed.partner_id else one for one in relationships)


def _bounded(relationships: tuple[Relationship, ...]) -> tuple[Relationship, ...]:
    """Without those that ended first, where there are too many."""
    ended = [one for one in relationships if not one.holds]
    gone = sorted(ended, key=lambda one: str(one.ended_at))[: max(0, len(relationships) - MOST_WITH_LATE_ONES)]
    return tuple(one for one in relationships if one not in gone) if gone else relationships


def _union(have: Sequence[Permission], more: Sequence[Permission]) -> tuple[Permission, ...]:
    return tuple(dict.fromkeys((*have, *more)))
