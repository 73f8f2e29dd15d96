"""Resellers of record between documents: how one is judged, what portals ask for, and what ends one.

A record rests on two partners, their partnership and the customer, which are documents of their own. It is judged before it is
set. An end that is saved in the same moment reads the record too early, so what was set is looked at once more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis import Dispatch, MongoStore, Reactions
from kontor_contracts import Envelope
from kontor_contracts.customers import RelationshipEnded
from kontor_contracts.relationships import PartnershipEnded
from kontor_contracts.resellers_of_record import (
    NamedPartner,
    RemoveResellerOfRecord,
    ResellerOfRecordMoved,
    ResellerOfRecordSet,
    SetResellerOfRecord,
)
from kontor_contracts.values import Partner
from relationships import lookups
from relationships.documents import CUSTOMER, PARTNERSHIP, RECORD
from relationships.domain.customer.state import works_with
from relationships.domain.partner import Company
from relationships.domain.partner import State as PartnerState
from relationships.domain.partnership import partnership_id, present_partnership
from relationships.domain.record.commands import Asked, FollowEnd, RemoveReseller, SetReseller
from relationships.domain.record.judging import Reason, judged
from relationships.domain.record.state import Record
from relationships.domain.record.state import State as RecordState
from relationships.portals import Portals
from relationships.record_moves import follow_customers, following, key_of, present_id

REFUSED = RECORD.id("refused")
"""One document for the refusals about providers and customers that are not known, so that portals' mistakes fill no database."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``known``: provider and customer are, so the record may have a document."""

    verdict: Reason
    reseller: NamedPartner | None
    known: bool


def named(partner: Partner) -> NamedPartner:
    return NamedPartner(organization_id=partner.organization_id, partner_id=partner.partner_id, name=partner.name)


async def judge(store: MongoStore, provider: Company | None, customer_id: str, partner_id: str) -> Judged:
    """``provider``: the company, active or not; None: not known. Two round trips."""
    reseller = (await lookups.partners_by_id(store, [partner_id])).get(partner_id)
    pair_id = partnership_id(*(one.partner.organization_id if one else "" for one in (provider, reseller)))
    found = await store.get_many((PARTNERSHIP, PARTNERSHIP.id(pair_id)), (CUSTOMER, CUSTOMER.id(customer_id)))
    pair, customer = found
    active = provider if provider and provider.active else None
    return Judged(
        verdict=judged(active, PartnerState(reseller), pair, customer, for_customer=True),
        reseller=named(reseller.partner) if reseller else None,
        known=provider is not None and customer is not None,
    )


def follow_records(on: Reactions, store: MongoStore, portals: Portals, now: Callable[[], datetime]) -> None:
    _on_commands(on, store, portals, now)
    _on_ends(on, store)
    follow_customers(on, store)


def _on_commands(on: Reactions, store: MongoStore, portals: Portals, now: Callable[[], datetime]) -> None:
    def asked(message: Envelope[Any], partner_id: str | None = None) -> Asked:
        """Raises InvalidError."""
        data = message.data
        portals.judge(message, data.portal, data.customer_id)
        return Asked(
            portal=data.portal,
            provider_partner_id=data.provider_partner_id,
            customer_id=data.customer_id,
            subscription_id=data.subscription_id,
            partner_id=partner_id,
            entitled=portals.may_speak_for(data.portal, data.provider_partner_id),
        )

    async def provider_of(asked: Asked) -> Company | None:
        if not asked.entitled:
            return None
        wanted = asked.provider_partner_id
        found = (await lookups.partners_by_id(store, [wanted])).get(wanted)
        return found if found and found.partner.program == "indirect-provider" else None

    @on(SetResellerOfRecord)
    async def when_reseller_is_to_be_named(message: Envelope[SetResellerOfRecord]) -> Sequence[Dispatch]:
        by = asked(message, message.data.partner_id)
        provider = await provider_of(by)
        customer_id = await present_id(store, by.customer_id)
        found = await judge(store, provider, customer_id, message.data.partner_id)
        key = await key_of(store, provider.partner.organization_id if provider else "", customer_id, by.subscription_id)
        command = SetReseller(
            record_id=key,
            customer_id=customer_id,
            subscription_id=by.subscription_id,
            provider=named(provider.partner) if provider else None,
            reseller=found.reseller,
            verdict=found.verdict,
            asked=by,
            at=now(),
        )
        return [Dispatch(RECORD, RECORD.id(key) if found.known else REFUSED, command)]

    @on(RemoveResellerOfRecord)
    async def when_reseller_is_to_be_removed(message: Envelope[RemoveResellerOfRecord]) -> Sequence[Dispatch]:
        by = asked(message)
        provider = await provider_of(by)
        customer_id = await present_id(store, by.customer_id)
        key = await key_of(store, provider.partner.organization_id if provider else "", customer_id, by.subscription_id)
        known = provider is not None and await store.get(RECORD, RECORD.id(key)) is not None
        remove = RemoveReseller(side="provider", asked=by, at=now())
        return [Dispatch(RECORD, RECORD.id(key) if known else REFUSED, remove)]


def _on_ends(on: Reactions, store: MongoStore) -> None:
    @on(RelationshipEnded)
    async def end_records_of_relationship(message: Envelope[RelationshipEnded]) -> Sequence[Dispatch]:
        """A reseller is named only on subscriptions of customers of both companies."""
        ended = message.data
        customer = await store.get(CUSTOMER, CUSTOMER.id(ended.customer_id))
        follow = FollowEnd(
            because="customer-relationship-ended",
            partner_ids=(ended.partner_id,),
            again=customer is not None and works_with(customer, ended.partner_id),
            at=ended.ended_at,
        )
        # What was named before a match is under the id that the customer had then.
        ids = [ended.customer_id, *(one.imported_id for one in (customer.matches if customer else ()))]
        found = store.find_all(RECORD, {"state.record.customer_id": {"$in": ids}})
        return [Dispatch(RECORD, id, follow) async for id, state in found if _rests_on(state.record, ended.partner_id)]

    @on(PartnershipEnded)
    async def end_records_of_partnership(message: Envelope[PartnershipEnded]) -> Sequence[Dispatch]:
        """A provider names only its own resellers. Customers stay, and the provider names another reseller."""
        ended = message.data
        provider, reseller = ended.provider, ended.reseller
        pair = await store.get(
            PARTNERSHIP, PARTNERSHIP.id(partnership_id(provider.organization_id, reseller.organization_id))
        )
        follow = FollowEnd(
            because="partnership-ended",
            partner_ids=(provider.partner_id, reseller.partner_id),
            again=present_partnership(pair) is not None,
            at=ended.ended_at,
        )
        where = {
            "state.record.current.reseller.organization_id": reseller.organization_id,
            "state.record.provider.organization_id": provider.organization_id,
        }
        return [Dispatch(RECORD, id, follow) async for id, _ in store.find_all(RECORD, where)]

    @on(ResellerOfRecordSet)
    async def look_again_at_record(message: Envelope[ResellerOfRecordSet]) -> Sequence[Dispatch]:
        """What it rests on may have ended in the moment in which it was set."""
        named_now = message.data
        provider, reseller = named_now.provider, named_now.reseller
        pair_id = partnership_id(provider.organization_id, reseller.organization_id)
        id = RECORD.id(named_now.record_id)
        found = await store.get_many((PARTNERSHIP, PARTNERSHIP.id(pair_id)), (RECORD, id))
        pair, state = found
        both = (provider.partner_id, reseller.partner_id)
        if present_partnership(pair) is None:
            gone = FollowEnd(because="partnership-ended", partner_ids=both, again=False, at=message.time)
            return [Dispatch(RECORD, id, gone)]
        return await followed(state, message.time)

    @on(ResellerOfRecordMoved)
    async def look_again_at_moved_record(message: Envelope[ResellerOfRecordMoved]) -> Sequence[Dispatch]:
        """The match may have been undone in the moment in which it was moved."""
        state = await store.get(RECORD, RECORD.id(message.data.record_id))
        return await followed(state, message.time)

    async def followed(state: RecordState | None, at: datetime) -> Sequence[Dispatch]:
        step = await following(store, state.record, at) if state and state.record else None
        return [step] if step else []


def _rests_on(record: Record | None, partner_id: str) -> bool:
    if record is None or record.current is None:
        return False
    return partner_id in {record.provider.partner_id, record.current.reseller.partner_id}
