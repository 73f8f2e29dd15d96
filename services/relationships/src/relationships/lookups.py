"""Reads the documents that a request concerns, as the typed facts the domain decides with. Two round trips at most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chassis import MongoStore, Principal
from kontor_contracts.addresses import mail_domain
from kontor_contracts.markets import region_of
from kontor_contracts.values import Partner, Recipient
from relationships.documents import CUSTOMER, INVITATION, PARTNER, PARTNERSHIP, PROVED_DOMAIN
from relationships.domain.customer import state as domain_customer
from relationships.domain.invitation.acceptance import Acceptor
from relationships.domain.invitation.state import Invitation, Person, with_partners
from relationships.domain.partner import Company, active_company, known_company
from relationships.domain.partnership import active_partnership, partnership_id
from relationships.domain.proved_domain import proved_by

MOST_DOMAINS = 20
"""Of one organization, whose invitations are looked for."""


@dataclass(frozen=True, slots=True)
class Inviting:
    """``inviter`` and ``provider`` are active partners; ``provider`` only if the two have an active partnership."""

    inviter: Company | None
    provider: Company | None


@dataclass(frozen=True, slots=True)
class Accepting:
    """``inviter`` and ``acceptor`` are active partners; ``connected``: inviter and provider have an active partnership.

    ``room``: the acceptor, a customer, may work with the invitation's partners, too. ``domain_proved``: the acceptor's
    organization has proved the domain of the invited address.
    """

    inviter: Company | None
    acceptor: Company | None
    connected: bool
    room: bool
    domain_proved: bool

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


@dataclass(frozen=True, slots=True)
class Connected:
    """Two active partners with an active partnership."""

    own: Company
    provider: Company


async def active_partner(store: MongoStore, organization_id: str) -> Company | None:
    """The organization as an active partner of the program."""
    state = await store.get(PARTNER, PARTNER.id(organization_id))
    return active_company(state)


async def active_holder(store: MongoStore, partner_id: str) -> Partner | None:
    """The active partner that has this partner id."""
    found = await store.find(PARTNER, {"uk.partner_id": partner_id}, limit=1)
    return next((company.partner for _, state in found if (company := active_company(state))), None)


async def connected(store: MongoStore, own_id: str, provider_id: str) -> Connected | None:
    """The caller's company and a provider that it has an active partnership with."""
    found = await store.get_many(
        (PARTNER, PARTNER.id(own_id)),
        (PARTNER, PARTNER.id(provider_id)),
        (PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider_id, own_id))),
    )
    own, provider, pair = found
    ours, theirs = active_company(own), active_company(provider)
    return Connected(ours, theirs) if ours and theirs and active_partnership(pair) else None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two active partners with an active partnership, in either direction."""

    own: Company
    other: Company


async def connected_either_way(store: MongoStore, own_id: str, other_id: str) -> Pair | None:
    found = await store.get_many(
        (PARTNER, PARTNER.id(own_id)),
        (PARTNER, PARTNER.id(other_id)),
        (PARTNERSHIP, PARTNERSHIP.id(partnership_id(other_id, own_id))),
        (PARTNERSHIP, PARTNERSHIP.id(partnership_id(own_id, other_id))),
    )
    own, other, as_reseller, as_provider = found
    ours, theirs = active_company(own), active_company(other)
    together = active_partnership(as_reseller) or active_partnership(as_provider)
    return Pair(ours, theirs) if ours and theirs and together else None


async def inviting(store: MongoStore, inviter_id: str, provider_id: str | None) -> Inviting:
    if provider_id is None:
        return Inviting(await active_partner(store, inviter_id), None)
    found = await store.get_many(
        (PARTNER, PARTNER.id(inviter_id)),
        (PARTNER, PARTNER.id(provider_id)),
        (PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider_id, inviter_id))),
    )
    inviter, provider, pair = found
    return Inviting(active_company(inviter), active_company(provider) if active_partnership(pair) else None)


async def accepting(store: MongoStore, invitation: Invitation, organization_id: str) -> Accepting:
    inviter_id = invitation.inviter.organization_id
    provider_id = invitation.provider.organization_id if invitation.provider else ""
    found = await store.get_many(
        (PARTNER, PARTNER.id(inviter_id)),
        (PARTNER, PARTNER.id(organization_id)),
        (PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider_id, inviter_id))),
        (CUSTOMER, CUSTOMER.id(organization_id)),
        (PROVED_DOMAIN, PROVED_DOMAIN.id(mail_domain(invitation.recipient.email))),
    )
    inviter, acceptor, pair, customer, domain = found
    both = active_partnership(pair) is not None and await active_partner(store, provider_id) is not None
    return Accepting(
        active_company(inviter),
        active_company(acceptor),
        connected=both,
        room=domain_customer.has_room(customer, [partner.partner_id for partner in invitation.partners]),
        domain_proved=proved_by(domain, organization_id),
    )


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who gets a mail when a relationship ends: its partner, and the partners that came with it by one invitation."""

    partner: Partner | None
    others: tuple[Partner, ...]


async def concerned(store: MongoStore, customer_id: str, partner_id: str) -> Concerned | None:
    """None: the customer is not known."""
    customer = await store.get(CUSTOMER, CUSTOMER.id(customer_id))
    if customer is None:
        return None
    seen = {one.partner_id for one in domain_customer.visible_to(customer, partner_id)}
    known = await partners_by_id(store, sorted({*seen, partner_id}))
    others = tuple(known[id].partner for id in sorted(seen - {partner_id}) if id in known)
    return Concerned(known[partner_id].partner if partner_id in known else None, others)


def serves(customer: domain_customer.State, viewer: Company) -> bool:
    """Whether the partner has a relationship with the customer that holds."""
    return domain_customer.held(customer, viewer.partner.partner_id) is not None


def account_of(customer: domain_customer.State) -> domain_customer.Account:
    if customer.account is None:
        raise ValueError("a customer with a relationship has an account")
    return customer.account


async def had_relationship(store: MongoStore, customer_id: str, partner_id: str) -> bool:
    """Whether the two work together or once did, so that a repeated end gets its answer again."""
    customer = await store.get(CUSTOMER, CUSTOMER.id(customer_id))
    return customer is not None and domain_customer.known(customer, partner_id) is not None


async def partner_id_of(store: MongoStore, organization_id: str) -> str | None:
    """The partner id of a company, also while it is suspended: it may still give up its rights."""
    known = await companies(store, [organization_id])
    return known[organization_id].partner.partner_id if organization_id in known else None


async def partners_by_id(store: MongoStore, partner_ids: Sequence[str]) -> Mapping[str, Company]:
    """Companies by partner id, also those that are no active partners now."""
    if not partner_ids:
        return {}
    found = await store.find(PARTNER, {"uk.partner_id": {"$in": list(partner_ids)}}, limit=len(partner_ids))
    known = (state.company for _, state in found)
    return {company.partner.partner_id: company for company in known if company}


async def companies(store: MongoStore, organization_ids: Iterable[str]) -> Mapping[str, Company]:
    """Companies by organization id, for their present names. It also has companies that are no active partners now."""
    ids = sorted(set(organization_ids))
    states = await store.get_many(*((PARTNER, PARTNER.id(id)) for id in ids)) if ids else ()
    found = (state.company for state in states if state)
    return {company.partner.organization_id: company for company in found if company}


async def with_present_names(store: MongoStore, invitation: Invitation) -> Invitation:
    """The invitation with the present names of its partners. A partner that is not known keeps its name."""
    known = await companies(store, (one.organization_id for one in invitation.partners))
    return with_partners(invitation, {id: company.partner for id, company in known.items()})


async def invitation_of(store: MongoStore, invitation_id: str) -> Invitation | None:
    state = await store.get(INVITATION, INVITATION.id(invitation_id))
    return state.invitation if state else None


async def proved_domains(store: MongoStore, organization_id: str) -> Sequence[str]:
    """The keys of the domains that an organization has proved, a few at most."""
    found = await store.find(PROVED_DOMAIN, {"tenant": organization_id}, limit=MOST_DOMAINS)
    held = (id.partition(":")[2] for id, state in found if proved_by(state, organization_id))
    return tuple(held)


async def customer_and_viewer(
    store: MongoStore, customer_id: str, organization_id: str
) -> tuple[domain_customer.State, Company] | None:
    """A customer, and the active partner that looks at it."""
    found = await store.get_many((CUSTOMER, CUSTOMER.id(customer_id)), (PARTNER, PARTNER.id(organization_id)))
    customer, partner = found
    viewer = active_company(partner)
    return (customer, viewer) if customer and viewer else None


async def customer_and_company(
    store: MongoStore, customer_id: str, organization_id: str
) -> tuple[domain_customer.State | None, Company | None]:
    """A customer, and the partner that asks about it, active or not."""
    found = await store.get_many((CUSTOMER, CUSTOMER.id(customer_id)), (PARTNER, PARTNER.id(organization_id)))
    return found[0], known_company(found[1])


def person(caller: Principal) -> Person:
    return Person(
        user_id=caller.user_id,
        organization_id=caller.organization_id,
        organization_name=caller.organization_name,
        contact=Recipient(name=caller.name, email=caller.email, culture=caller.culture),
    )


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
