"""What follows from messages: enrollment's activations, other portals' customers, and our own acceptances.

An acceptance changes the invitation's document; what it leads to is another document, hence the service reads its own
topic. Ids are derived from who is concerned, so a repeated message finds the same document.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from chassis import Dispatch, InvalidError, MongoStore, Reaction
from kontor_contracts import Envelope, Payload
from kontor_contracts.enrollment import EnrollmentActivated, LegalNameChanged
from kontor_contracts.identity import OrganizationUpdated, UserPurged, UserUpdated
from kontor_contracts.relationships import ImportCustomer, InvitationAccepted
from relationships.documents import CUSTOMER, PARTNER, PARTNERSHIP
from relationships.domain import customer as domain_customer
from relationships.domain import partnership as domain_partnership
from relationships.domain.partner import ListPartner
from relationships.imports import waking, when_import_is_asked_for
from relationships.portals import Portals

PAGE = 500


def reactions(store: MongoStore, now: Callable[[], datetime], portals: Portals) -> Mapping[type[Payload], Reaction]:
    return {
        UserPurged: when_user_is_purged(store),
        UserUpdated: when_user_is_renamed(store),
        OrganizationUpdated: when_organization_is_renamed(store),
        LegalNameChanged: when_partner_is_active(store, now),
        EnrollmentActivated: when_partner_is_active(store, now),
        InvitationAccepted: when_invitation_accepted,
        ImportCustomer: when_import_is_asked_for(store, portals, now),
    }


def when_partner_is_active(store: MongoStore, now: Callable[[], datetime]) -> Reaction:
    """The partner is listed, and the customers appear that other portals have imported for it."""

    async def when_active(message: Envelope[EnrollmentActivated] | Envelope[LegalNameChanged]) -> Sequence[Dispatch]:
        active = message.data
        command = ListPartner(active.partner, active.country, active.region)
        listed = Dispatch(PARTNER, PARTNER.id(active.partner.organization_id), command)
        return [listed, *await waking(store, active.partner.partner_id, now())]

    return when_active


def when_invitation_accepted(message: Envelope[InvitationAccepted]) -> Sequence[Dispatch]:
    return [_partnership(message.data) if message.data.kind == "partnership" else _customer(message.data)]


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
    )
    return Dispatch(CUSTOMER, CUSTOMER.id(customer_id), command)


def when_user_is_purged(store: MongoStore) -> Reaction:
    """Customers lose the contact that the user was. Who may do what for them does not depend on a user."""

    async def when_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        user_id = message.data.user_id
        return await _with_contact(store, user_id, domain_customer.ForgetContact(user_id))

    return when_purged


def when_user_is_renamed(store: MongoStore) -> Reaction:
    """Customers show the contact that the user is by the name and language of today."""

    async def when_updated(message: Envelope[UserUpdated]) -> Sequence[Dispatch]:
        user = message.data
        rename = domain_customer.RenameContact(user.user_id, user.full_name, user.culture)
        return await _with_contact(store, user.user_id, rename)

    return when_updated


def when_organization_is_renamed(store: MongoStore) -> Reaction:
    """A customer goes by the name of its work account. Partners go by their legal name, which enrollment announces."""

    async def when_updated(message: Envelope[OrganizationUpdated]) -> Sequence[Dispatch]:
        id = CUSTOMER.id(message.data.organization_id)
        if await store.get(CUSTOMER, id) is None:
            return []
        return [Dispatch(CUSTOMER, id, domain_customer.RenameCustomer(message.data.name))]

    return when_updated


async def _with_contact(store: MongoStore, user_id: str, command: domain_customer.Command) -> Sequence[Dispatch]:
    """The command for each customer whose contact the user is."""
    orders: list[Dispatch] = []
    after: str | None = None
    while True:
        where = {"state.account.contact_user": user_id}
        found = await store.find(CUSTOMER, where, limit=PAGE, after=after)
        orders += [Dispatch(CUSTOMER, id, command) for id, _ in found]
        if len(found) < PAGE:
            return orders
        after = found[-1][0]
