"""Imported customers that sign up: what is proposed, and how the two documents follow each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chassis import Dispatch, MongoStore, Principal, Reactions, list_filter
from kontor_contracts import Envelope
from kontor_contracts.customer_matches import (
    CustomerMatched,
    CustomerMatchUndone,
    MatchBasis,
    PortalMessagePassedOn,
)
from kontor_contracts.relationships import InvitationAccepted
from kontor_contracts.values import Partner
from relationships import lookups
from relationships.documents import ADMIN_GRANT, CUSTOMER
from relationships.domain.admin_grant.commands import EndGrant
from relationships.domain.customer.commands import ApplyPassedOn, MatchCustomer, RestoreImported, TakeOver
from relationships.domain.customer.commands import ImportCustomer as Import
from relationships.domain.customer.commands import ReportSubscriptions as Report
from relationships.domain.customer.likeness import JOINING, Company, likeness
from relationships.domain.customer.listing import origin_key, word_key
from relationships.domain.customer.state import Account, State, held, match_of, moving
from relationships.domain.listing_words import WORD_START, search_words

MOST_PARTNERS_ASKED = 20
"""Partners of a customer whose imported customers are looked at, the ones that it authorized last."""
MOST_LOOKED_AT = 100
"""Imported customers of one partner that begin like the customer's name."""
MOST_PROPOSED = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """An imported customer that may be the company that asks. ``partner_ids``: of those that serve it."""

    account: Account
    basis: MatchBasis
    partner_ids: tuple[str, ...]


async def company_of(store: MongoStore, caller: Principal) -> Company:
    domains = await lookups.proved_domains(store, caller.organization_id)
    return Company(caller.organization_name, caller.country, frozenset(domains))


async def proposals(store: MongoStore, partner_ids: Iterable[str], company: Company) -> list[Proposal]:
    """Imported customers of these partners that may be the company. What a partner imported is shown only to such a company."""
    found: dict[str, Proposal] = {}
    for partner_id in list(partner_ids)[:MOST_PARTNERS_ASKED]:
        for word in _first_words(company):
            where = list_filter(
                keys=[origin_key(partner_id, "active", "imported")], where=[{"state.account.country": company.country}]
            )
            key = word_key(partner_id, "active", word)
            for _, state in await store.list_page(CUSTOMER, key, where, limit=MOST_LOOKED_AT):
                if proposal := proposal_of(state, company, partner_id):
                    found[proposal.account.customer_id] = proposal
    # A proved domain says more than a name.
    return sorted(found.values(), key=lambda one: one.basis)[:MOST_PROPOSED]


def proposal_of(imported: State | None, company: Company, *partner_ids: str) -> Proposal | None:
    """``partner_ids``: one of them has to serve the imported customer now."""
    if imported is None or imported.account is None or not any(held(imported, id) for id in partner_ids):
        return None
    basis = likeness(imported.account, company)
    return Proposal(imported.account, basis, tuple(one.partner_id for one in imported.holding)) if basis else None


async def proposed(store: MongoStore, imported_id: str, company: Company, *partner_ids: str) -> Proposal | None:
    imported = await store.get(CUSTOMER, CUSTOMER.id(imported_id))
    return proposal_of(imported, company, *partner_ids)


def _first_words(company: Company) -> tuple[str, ...]:
    """By which the index finds candidates: the first word of the name and of each proved domain."""
    texts = (company.name, *sorted(company.domains))
    searchable = ([word for word in search_words(text) if _finds(word)] for text in texts)
    return tuple(dict.fromkeys(words[0] for words in searchable if words))


def _finds(word: str) -> bool:
    return len(word) >= WORD_START and word not in JOINING


async def present_partners(store: MongoStore, partner_ids: Iterable[str]) -> tuple[Partner, ...]:
    known = await lookups.partners_by_id(store, sorted(set(partner_ids)))
    return tuple(company.partner for company in known.values())


# -- what follows from messages


async def matching_of(store: MongoStore, accepted: InvitationAccepted) -> Sequence[Dispatch]:
    """The accepting company said which imported customer it is, and the invitation knew that this was proposed."""
    if accepted.same_as is None:
        return []
    id = CUSTOMER.id(accepted.same_as)
    imported = await store.get(CUSTOMER, id)
    ids = [one.partner_id for one in imported.holding] if imported else []
    command = MatchCustomer(
        customer_id=accepted.accepting_organization_id,
        customer_name=accepted.accepting_organization_name,
        country=accepted.country,
        contact=accepted.contact,
        user_id=accepted.accepted_by,
        invitation_id=accepted.invitation_id,
        partners=await present_partners(store, ids),
        at=accepted.accepted_at,
        quiet=True,
    )
    return [Dispatch(CUSTOMER, id, command)]


def follow_matches(on: Reactions, store: MongoStore) -> None:
    @on(CustomerMatched)
    async def when_customer_is_matched(message: Envelope[CustomerMatched]) -> Sequence[Dispatch]:
        """Not when the match is undone already."""
        event = message.data
        imported = await store.get(CUSTOMER, CUSTOMER.id(event.imported_id))
        if imported is None or imported.matched is None or imported.matched.matched_at != event.matched_at:
            return []
        take = TakeOver(
            customer_id=event.customer_id,
            customer_name=event.customer_name,
            partners=event.partners,
            imported_id=event.imported_id,
            imported_name=event.imported_name,
            portal=event.portal,
            external_id=event.external_id,
            relationships=moving(imported),
            matched_at=event.matched_at,
            undo_until=event.undo_until,
        )
        return [Dispatch(CUSTOMER, CUSTOMER.id(event.customer_id), take)]

    @on(CustomerMatchUndone)
    async def when_match_is_undone(message: Envelope[CustomerMatchUndone]) -> Sequence[Dispatch]:
        """Administrator grants of a relationship that only the match gave end with it."""
        event = message.data
        restore = RestoreImported(customer_id=event.customer_id, returned=event.returned, at=event.undone_at)
        end = EndGrant(side=None, by=None, reason=None, at=event.undone_at)
        found = store.find_all(ADMIN_GRANT, {"tenant": event.customer_id})
        grants = [
            Dispatch(ADMIN_GRANT, id, end)
            async for id, state in found
            if (grant := state.admin_grant) and grant.open and grant.terms.partner.partner_id in event.dropped
        ]
        return [Dispatch(CUSTOMER, CUSTOMER.id(event.imported_id), restore), *grants]

    @on(PortalMessagePassedOn)
    async def when_message_is_passed_on(message: Envelope[PortalMessagePassedOn]) -> Sequence[Dispatch]:
        """If the match is undone meanwhile, the message goes back to the imported customer, which passes it on no more."""
        event = message.data
        customer = await store.get(CUSTOMER, CUSTOMER.id(event.customer_id))
        if customer is not None and match_of(customer, event.imported_id):
            return [Dispatch(CUSTOMER, CUSTOMER.id(event.customer_id), ApplyPassedOn(message=event))]
        imported = await store.get(CUSTOMER, CUSTOMER.id(event.imported_id))
        return [Dispatch(CUSTOMER, CUSTOMER.id(event.imported_id), _again(event, imported))] if imported else []


def _again(event: PortalMessagePassedOn, imported: State) -> Import | Report:
    account = lookups.account_of(imported)
    if event.active is not None:
        return Report(
            customer_id=event.imported_id,
            partner_id=event.partner_id,
            portal=event.portal,
            active=event.active,
            at=event.at,
        )
    return Import(
        customer_id=event.imported_id,
        portal=event.portal,
        external_id=account.external_id or "",
        name=account.name,
        country=account.country,
        partner_id=event.partner_id,
        permissions=event.permissions or (),
        at=event.at,
        organization_id=event.organization_id,
        domain=account.domain,
    )
