"""A customer with all the partners it works with, in one document.

Because all its relationships are in this document, a joint acceptance makes reseller and provider the customer's
resellers in one write: both or none.

Relationships are keyed by the partner id of the membership registry, not by the organization, and every list asks for
the caller's own partner id. So a customer imported for a partner that is not enrolled yet needs no second step later:
it is in the partner's list exactly when the partner is known as active. No fan-out on activation, and no race between
an import and an activation.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Literal, assert_never

from kontor_contracts.names import is_plain_name
from kontor_contracts.relationships import (
    CustomerImported,
    CustomerImportRefused,
    Grant,
    ResellersAuthorized,
    ResellersRefused,
)
from kontor_contracts.values import Partner, Permission, Recipient

MOST_PARTNERS = 100
"""Of one customer. With so many, imports are refused, and so are acceptances before they are given (`has_room`)."""
MOST_WITH_LATE_ONES = 120
"""Acceptances given in the same moment find no room counted that others are about to take. Beyond this they are refused, too."""
MOST_INVITATIONS = 20
"""Accepted ones that a relationship names: the newest. A message about an older one is told by its watermark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """One partner's side. An import knows neither its organization nor its role; ``invitations`` are those accepted."""

    partner_id: str
    organization_id: str | None = None
    name: str | None = None
    role: Literal["reseller", "provider"] | None = None
    permissions: tuple[Permission, ...]
    since: datetime
    invitations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the customer is: by its own work account, or by the number another portal gave it.

    ``contact`` is the user who accepted last, ``contact_user``; None once that user is purged.
    """

    customer_id: str
    name: str
    country: str
    contact: Recipient | None = None
    contact_user: str | None = None
    portal: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    account: Account | None = None
    relationships: tuple[Relationship, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeResellers:
    """The customer accepted an invitation: ``partners`` are its resellers of record now, all of them."""

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
    """An import that had waited for its partner. Where another one came since, that is the newer one."""

    wanted: ImportCustomer


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """Identity purged the user: if the customer's contact is this one, nothing of the person stays.

    Nor in the events that the document keeps to announce them again.
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
class CustomerDescribed:
    account: Account


@dataclass(frozen=True, slots=True)
class RelationshipRecorded:
    """How the customer and ``relationship.partner_id`` stand from now on."""

    relationship: Relationship


Command = AuthorizeResellers | ImportCustomer | LateImport | ForgetContact | RenameCustomer | RenameContact
Fact = (
    CustomerDescribed
    | RelationshipRecorded
    | ResellersAuthorized
    | ResellersRefused
    | CustomerImported
    | CustomerImportRefused
)


def decide(command: Command, state: State) -> list[Fact]:
    match command:
        case AuthorizeResellers():
            return _authorize(command, state)
        case ImportCustomer():
            return _import(command, state)
        case LateImport(wanted):
            return [] if _relationship(state, wanted.partner_id) else _import(wanted, state)
        case ForgetContact(user_id):
            return _forget(user_id, state.account)
        case RenameCustomer(name):
            return _described(state.account, name=name)
        case RenameContact():
            return _rename_contact(command, state.account)
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    match fact:
        case CustomerDescribed(account):
            return replace(state, account=account)
        case RelationshipRecorded(relationship):
            others = tuple(one for one in state.relationships if one.partner_id != relationship.partner_id)
            return replace(state, relationships=(*others, relationship))
        case ResellersAuthorized() | ResellersRefused() | CustomerImported() | CustomerImportRefused():
            return state
        case _:
            assert_never(fact)


def visible_to(state: State, partner_id: str) -> tuple[Relationship, ...]:
    """What a partner sees of a customer's partners: itself, and whoever came with it by a joint invitation."""
    own = _relationship(state, partner_id)
    if own is None:
        return ()
    return tuple(
        one for one in state.relationships if one is own or not set(one.invitations).isdisjoint(own.invitations)
    )


def has_room(state: State | None, partner_ids: Iterable[str], *, most: int = MOST_PARTNERS) -> bool:
    """Whether the customer may work with these partners, too."""
    known = {one.partner_id for one in state.relationships} if state else set()
    return known.issuperset(partner_ids) or len(known.union(partner_ids)) <= most


def permissions_of(partner: Partner) -> tuple[Permission, ...]:
    """What an acceptance gives: the reseller administers, the provider orders (program.md, "Connect with new customers")."""
    return ("administer",) if partner.program == "indirect-reseller" else ("order",)


def _authorize(command: AuthorizeResellers, state: State) -> list[Fact]:
    known = {one.partner_id for one in state.relationships if command.invitation_id in one.invitations}
    if known.issuperset(partner.partner_id for partner in command.partners):
        return []
    if not has_room(state, [partner.partner_id for partner in command.partners], most=MOST_WITH_LATE_ONES):
        return [_too_many(command)]
    account = Account(
        customer_id=command.customer_id,
        name=command.name,
        country=command.country,
        contact=command.contact,
        contact_user=command.contact_user,
    )
    announced = ResellersAuthorized(
        customer_id=command.customer_id,
        customer_name=command.name,
        contact=command.contact,
        grants=tuple(Grant(partner=partner, permissions=permissions_of(partner)) for partner in command.partners),
        invitation_id=command.invitation_id,
    )
    return [CustomerDescribed(account), *_accepted(command, state), announced]


def _too_many(command: AuthorizeResellers) -> ResellersRefused:
    return ResellersRefused(
        customer_id=command.customer_id,
        partners=command.partners,
        invitation_id=command.invitation_id,
        reason="too-many-partners",
    )


def _accepted(command: AuthorizeResellers, state: State) -> Iterator[RelationshipRecorded]:
    for partner in command.partners:
        before = _relationship(state, partner.partner_id)
        yield RelationshipRecorded(
            Relationship(
                partner_id=partner.partner_id,
                organization_id=partner.organization_id,
                name=partner.name,
                role="reseller" if partner.program == "indirect-reseller" else "provider",
                permissions=_union(before.permissions if before else (), permissions_of(partner)),
                since=before.since if before else command.at,
                invitations=(*(before.invitations if before else ()), command.invitation_id)[-MOST_INVITATIONS:],
            )
        )


def _import(command: ImportCustomer, state: State) -> list[Fact]:
    known = state.account
    if known is not None and known.country != command.country:
        return [refuse(command, "country-changed")]
    if not is_plain_name(command.name):
        return [refuse(command, "name-not-plain")]
    account = Account(
        customer_id=command.customer_id,
        name=command.name,
        country=command.country,
        portal=command.portal,
        external_id=command.external_id,
    )
    before = _relationship(state, command.partner_id)
    if not has_room(state, [command.partner_id]):
        return [refuse(command, "too-many-partners")]
    relationship = Relationship(
        partner_id=command.partner_id,
        permissions=_union((), command.permissions),
        since=before.since if before else command.at,
    )
    if (account, relationship) == (known, before):
        return []
    announced = CustomerImported(
        customer_id=command.customer_id,
        name=command.name,
        country=command.country,
        portal=command.portal,
        external_id=command.external_id,
        partner_id=command.partner_id,
    )
    return [CustomerDescribed(account), RelationshipRecorded(relationship), announced]


def refuse(
    command: Command,
    reason: Literal["country-changed", "id-reused", "name-not-plain", "too-late", "too-many-partners"],
) -> CustomerImportRefused:
    """Of all commands on a customer, imports alone come with an id of their sender's."""
    assert isinstance(command, ImportCustomer), "nobody sends this one"
    return CustomerImportRefused(
        customer_id=command.customer_id,
        portal=command.portal,
        external_id=command.external_id,
        reason=reason,
    )


def _forget(user_id: str, account: Account | None) -> list[Fact]:
    if account is None or account.contact_user != user_id:
        return []
    return [CustomerDescribed(replace(account, contact=None, contact_user=None))]


def _rename_contact(command: RenameContact, account: Account | None) -> list[Fact]:
    if account is None or account.contact is None or account.contact_user != command.user_id:
        return []
    contact = account.contact.model_copy(update={"name": command.name, "culture": command.culture})
    return _described(account, contact=contact)


def _described(account: Account | None, **changes: Any) -> list[Fact]:
    changed = replace(account, **changes) if account else None
    return [CustomerDescribed(changed)] if changed and changed != account else []


def _relationship(state: State, partner_id: str) -> Relationship | None:
    return next((one for one in state.relationships if one.partner_id == partner_id), None)


def _union(have: Sequence[Permission], more: Sequence[Permission]) -> tuple[Permission, ...]:
    return tuple(dict.fromkeys((*have, *more)))
