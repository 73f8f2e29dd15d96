"""Subscribers: activations, customers of other portals, acceptances, renames and erasure.

An acceptance changes the invitation's document and leads to a change of another document, so the service reads its own
topic. Document ids are derived from the organizations concerned, so a repeated message finds the same document.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from chassis import BadCommand, Dispatch, InvalidError, MongoStore, Reactions, list_filter
from kontor_contracts import Envelope
from kontor_contracts.addresses import domain_key
from kontor_contracts.customers import ReportSubscriptions
from kontor_contracts.enrollment import EnrollmentActivated, LegalNameChanged, PrimaryContactChanged
from kontor_contracts.identity import (
    DomainProved,
    DomainReleased,
    OrganizationClosed,
    OrganizationErased,
    OrganizationReopened,
    OrganizationUpdated,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserPurged,
    UserRestored,
    UserUpdated,
)
from kontor_contracts.notifications import MailAbandoned, MailSuppressed
from kontor_contracts.relationships import ImportCustomer, InvitationAccepted
from relationships.admin_grants import erase_contacts, follow_grants
from relationships.customer_imports import CustomerImports
from relationships.customer_matches import follow_matches, matching_of
from relationships.documents import CUSTOMER, INVITATION, PARTNER, PARTNERSHIP, PROVED_DOMAIN, REFUSALS
from relationships.domain import partnership as domain_partnership
from relationships.domain import proved_domain
from relationships.domain.customer import commands as domain_customer
from relationships.domain.invitation.commands import FollowSender, ForgetAddressee, ForgetPerson, NoteUndeliverable
from relationships.domain.invitation.listing import person_list
from relationships.domain.partner import ListPartner
from relationships.domain.refused_command import RefuseCommand, refusals_of
from relationships.partner_subscribers import follow_partners
from relationships.portals import Portals
from relationships.request_subscribers import follow_requests
from relationships.resellers_of_record import follow_records

INVITING = {"invitation", "invitation-ready", "invitation-reminder"}
"""Templates of the mails that go to the addressee of an invitation."""


def reactions(store: MongoStore, imports: CustomerImports, portals: Portals, now: Callable[[], datetime]) -> Reactions:
    on = Reactions()
    _on_partners(on, imports)
    _on_renames(on, store)
    _on_closings(on, store)
    follow_partners(on, store)
    follow_requests(on, store)
    _on_domains(on)
    _on_mails(on)
    follow_grants(on, store)
    erase_contacts(on, store)
    follow_matches(on, store)
    follow_records(on, store, portals, now)

    @on.on_bad_command
    def when_command_breaks_the_contract(bad: BadCommand) -> Dispatch:
        refuse = RefuseCommand(
            id=bad.id, source=bad.source, type=bad.type, fault=bad.fault, field=bad.field, detail=bad.detail
        )
        return Dispatch(REFUSALS, REFUSALS.id(refusals_of(bad.source)), refuse)

    @on(InvitationAccepted)
    async def when_invitation_accepted(message: Envelope[InvitationAccepted]) -> Sequence[Dispatch]:
        if message.data.kind == "partnership":
            return [_partnership(message.data)]
        # In this order: what is moved afterwards needs a customer that is known.
        return [_customer(message.data), *await matching_of(store, message.data)]

    @on(UserDisabled, UserEnabled, UserDeleted, UserRestored)
    async def when_user_leaves_or_returns(message: Envelope[Any]) -> Sequence[Dispatch]:
        """The mails about its invitations go to somebody who can act on them."""
        user, user_id = message.data, message.data.user_id
        away = isinstance(user, UserDisabled | UserDeleted) or getattr(user, "status", None) == "disabled"
        named = store.find_all(INVITATION, list_filter(keys=[person_list(user_id)]))
        return [Dispatch(INVITATION, id, FollowSender(user_id, away)) async for id, _ in named]

    @on(UserPurged)
    async def when_user_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        """Customers and invitations lose the person. Partners' permissions do not depend on a user."""
        user_id = message.data.user_id
        named = store.find_all(INVITATION, list_filter(keys=[person_list(user_id)]))
        return [
            *await _with_contact(store, user_id, domain_customer.ForgetContact(user_id)),
            *[Dispatch(INVITATION, id, ForgetPerson(user_id)) async for id, _ in named],
        ]

    return on


def _on_partners(on: Reactions, imports: CustomerImports) -> None:
    @on(EnrollmentActivated, LegalNameChanged, PrimaryContactChanged)
    async def when_partner_is_active(
        message: Envelope[EnrollmentActivated] | Envelope[LegalNameChanged] | Envelope[PrimaryContactChanged],
    ) -> Sequence[Dispatch]:
        """Lists the partner, and carries out the customer imports that waited for it."""
        active = message.data
        command = ListPartner(active.partner, active.country, active.region)
        listed = Dispatch(PARTNER, PARTNER.id(active.partner.organization_id), command)
        return [listed, *await imports.wake(active.partner.partner_id)]

    @on(ReportSubscriptions)
    async def when_subscriptions_are_reported(message: Envelope[ReportSubscriptions]) -> Sequence[Dispatch]:
        return [await imports.report(message)]

    @on(ImportCustomer)
    async def when_import_is_asked_for(message: Envelope[ImportCustomer]) -> Sequence[Dispatch]:
        return [await imports.dispatch(message)]


def _on_renames(on: Reactions, store: MongoStore) -> None:
    @on(UserUpdated)
    async def when_user_updated(message: Envelope[UserUpdated]) -> Sequence[Dispatch]:
        """Customers show the present name and language of their contact."""
        user = message.data
        rename = domain_customer.RenameContact(user.user_id, user.full_name, user.culture)
        return await _with_contact(store, user.user_id, rename)

    @on(OrganizationUpdated)
    async def when_organization_updated(message: Envelope[OrganizationUpdated]) -> Sequence[Dispatch]:
        """A customer has the name of its work account. A partner has its legal name, which enrollment announces."""
        id = CUSTOMER.id(message.data.organization_id)
        if await store.get(CUSTOMER, id) is None:
            return []
        return [Dispatch(CUSTOMER, id, domain_customer.RenameCustomer(message.data.name))]


def _on_mails(on: Reactions) -> None:
    @on(MailAbandoned, MailSuppressed)
    def when_mail_is_undeliverable(message: Envelope[MailAbandoned] | Envelope[MailSuppressed]) -> Sequence[Dispatch]:
        """An invitation whose mail could not be delivered. Mails about other things are not this service's."""
        mail = message.data
        if mail.template not in INVITING or not (mail.cause_subject or "").startswith(f"{INVITATION.kind}:"):
            return []
        # An address that gets no mails was refused by its server before, or its reader objected.
        reason = mail.reason if isinstance(mail, MailAbandoned) else "refused-by-server"
        return [Dispatch(INVITATION, str(mail.cause_subject), NoteUndeliverable(reason, message.time))]


def _on_domains(on: Reactions) -> None:
    @on(DomainProved)
    def when_domain_proved(message: Envelope[DomainProved]) -> Sequence[Dispatch]:
        """People of the organization may accept invitations to addresses of the domain."""
        proof = proved_domain.NoteProof(message.data.organization_id, message.time)
        return [Dispatch(PROVED_DOMAIN, PROVED_DOMAIN.id(domain_key(message.data.domain)), proof)]

    @on(DomainReleased)
    def when_domain_released(message: Envelope[DomainReleased]) -> Sequence[Dispatch]:
        release = proved_domain.NoteRelease(message.data.organization_id, message.time)
        return [Dispatch(PROVED_DOMAIN, PROVED_DOMAIN.id(domain_key(message.data.domain)), release)]


def _on_closings(on: Reactions, store: MongoStore) -> None:
    @on(OrganizationClosed, OrganizationReopened)
    def when_organization_closes_or_reopens(
        message: Envelope[OrganizationClosed] | Envelope[OrganizationReopened],
    ) -> Sequence[Dispatch]:
        """No partner has a right to a customer while its work account is closed. An active partner is never closed.

        The closing may arrive before the acceptance that makes the organization a customer, so it is kept until then.
        """
        closed = isinstance(message.data, OrganizationClosed)
        follow = domain_customer.FollowAccount(closed)
        return [Dispatch(CUSTOMER, CUSTOMER.id(message.data.organization_id), follow)]

    @on(OrganizationErased)
    async def when_organization_erased(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        """Erases the people of the work account: the contact of the customer, and the addressees of its invitations."""
        organization_id = message.data.organization_id
        customer = Dispatch(CUSTOMER, CUSTOMER.id(organization_id), domain_customer.ForgetContact(None))
        sent = store.find_all(INVITATION, {"tenant": organization_id})
        accepted = store.find_all(INVITATION, {"state.invitation.accepted_by": organization_id})
        return [
            customer,
            *[Dispatch(INVITATION, id, ForgetAddressee(inviter=True)) async for id, _ in sent],
            *[Dispatch(INVITATION, id, ForgetAddressee()) async for id, _ in accepted],
        ]


def _partnership(accepted: InvitationAccepted) -> Dispatch:
    reseller = accepted.accepting_partner
    if reseller is None:
        raise InvalidError("accepting_partner: an accepted partnership names the reseller")
    key = domain_partnership.partnership_id(accepted.inviter.organization_id, reseller.organization_id)
    command = domain_partnership.EstablishPartnership(
        provider=accepted.inviter,
        reseller=reseller,
        invitation_id=accepted.invitation_id,
        at=accepted.accepted_at,
    )
    return Dispatch(PARTNERSHIP, PARTNERSHIP.id(key), command)


def _customer(accepted: InvitationAccepted) -> Dispatch:
    customer_id = accepted.accepting_organization_id
    command = domain_customer.AuthorizeResellers(
        customer_id=customer_id,
        name=accepted.accepting_organization_name,
        country=accepted.country,
        contact=accepted.contact,
        contact_user=accepted.accepted_by,
        partners=(accepted.inviter, accepted.provider) if accepted.provider else (accepted.inviter,),
        invitation_id=accepted.invitation_id,
        at=accepted.accepted_at,
        consent=accepted.consent,
    )
    return Dispatch(CUSTOMER, CUSTOMER.id(customer_id), command)


async def _with_contact(store: MongoStore, user_id: str, command: domain_customer.Command) -> Sequence[Dispatch]:
    """The command for each customer whose contact is this user."""
    found = store.find_all(CUSTOMER, {"state.account.contact_user": user_id})
    return [Dispatch(CUSTOMER, id, command) async for id, _ in found]
