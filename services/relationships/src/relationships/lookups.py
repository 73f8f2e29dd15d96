"""Whom a request is about, read from the documents: the facts that the domain decides with. Two round trips at most."""

from dataclasses import dataclass

from chassis import MongoStore, Principal
from kontor_contracts.markets import region_of
from kontor_contracts.values import Recipient
from relationships.documents import CUSTOMER, INVITATION, PARTNER, PARTNERSHIP
from relationships.domain.customer import has_room
from relationships.domain.invitation.acceptance import Acceptor
from relationships.domain.invitation.state import Invitation, with_partners
from relationships.domain.partner import Company
from relationships.domain.partnership import partnership_id


@dataclass(frozen=True, slots=True)
class Inviting:
    """``provider`` only where inviter and provider have a partnership."""

    inviter: Company | None
    provider: Company | None


@dataclass(frozen=True, slots=True)
class Accepting:
    """``room``: the acceptor, a customer, may work with the invitation's partners, too."""

    inviter: Company | None
    acceptor: Company | None
    connected: bool
    room: bool

    def same_region(self, country: str) -> bool:
        """Partners compare the regions that enrollment announced; a customer is compared by country on both sides.

        Either way both sides come from the same source, so that the two never differ by spelling.
        """
        if self.inviter is None:
            return False
        if self.acceptor is not None:
            return self.acceptor.region == self.inviter.region
        region = region_of(country)
        return region is not None and region == region_of(self.inviter.country)


async def inviting(store: MongoStore, inviter_id: str, provider_id: str | None) -> Inviting:
    if provider_id is None:
        (inviter,) = await store.get_many((PARTNER, PARTNER.id(inviter_id)))
        return Inviting(_company(inviter), None)
    inviter, provider, pair = await store.get_many(
        (PARTNER, PARTNER.id(inviter_id)),
        (PARTNER, PARTNER.id(provider_id)),
        (PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider_id, inviter_id))),
    )
    return Inviting(_company(inviter), _company(provider) if pair else None)


async def accepting(store: MongoStore, invitation: Invitation, organization_id: str) -> Accepting:
    inviter_id = invitation.inviter.organization_id
    provider_id = invitation.provider.organization_id if invitation.provider else ""
    inviter, acceptor, pair, customer = await store.get_many(
        (PARTNER, PARTNER.id(inviter_id)),
        (PARTNER, PARTNER.id(organization_id)),
        (PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider_id, inviter_id))),
        (CUSTOMER, CUSTOMER.id(organization_id)),
    )
    room = has_room(customer, [partner.partner_id for partner in invitation.partners])
    return Accepting(_company(inviter), _company(acceptor), connected=pair is not None, room=room)


async def as_of_now(store: MongoStore, invitation: Invitation) -> Invitation:
    """With its partners as they are called now; a partner that is not listed stays as it was."""
    states = await store.get_many(*((PARTNER, PARTNER.id(one.organization_id)) for one in invitation.partners))
    known = {company.partner.organization_id: company.partner for company in map(_company, states) if company}
    return with_partners(invitation, known)


async def invitation_of(store: MongoStore, invitation_id: str) -> Invitation | None:
    state = await store.get(INVITATION, INVITATION.id(invitation_id))
    return state.invitation if state else None


def acceptor(caller: Principal, company: Company | None) -> Acceptor:
    return Acceptor(
        organization_id=caller.organization_id,
        name=caller.organization_name,
        kind=caller.organization_kind,
        country=caller.country,
        partner=company.partner if company else None,
        user_id=caller.user_id,
        contact=Recipient(name=caller.name, email=caller.email, culture=caller.culture),
    )


def _company(state: object) -> Company | None:
    return getattr(state, "company", None)
