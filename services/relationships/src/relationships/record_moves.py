"""Records follow customers: an imported one that is matched with a work account, and the way back when that is undone."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from chassis import Dispatch, MongoStore, Reactions, derived_id
from kontor_contracts import Envelope
from kontor_contracts.customer_matches import ImportedCustomerRestored, RelationshipsMoved
from relationships.documents import CUSTOMER, RECORD
from relationships.domain.customer.state import State as CustomerState
from relationships.domain.record.commands import FollowEnd, MoveRecord
from relationships.domain.record.following import Customers, customer_of, left, others_of
from relationships.domain.record.state import Record


def record_id(provider_id: str, customer_id: str, subscription_id: str) -> str:
    return derived_id("reseller-of-record", provider_id, customer_id, subscription_id)


async def present_id(store: MongoStore, customer_id: str) -> str:
    """The id of the customer that an imported one is; its own where it is not matched. Portals go on with the old one."""
    customer = await store.get(CUSTOMER, CUSTOMER.id(customer_id))
    return customer.matched.customer_id if customer and customer.matched else customer_id


async def key_of(store: MongoStore, provider_id: str, customer_id: str, subscription_id: str) -> str:
    """The id of the subscription's record, which may have been named for a customer that this one is or was."""
    customer = await store.get(CUSTOMER, CUSTOMER.id(customer_id))
    before = (*(one.imported_id for one in customer.matches), *customer.unmatched) if customer else ()
    own = record_id(provider_id, customer_id, subscription_id)
    keys = [own, *(record_id(provider_id, id, subscription_id) for id in before)]
    found = await store.get_many(*((RECORD, RECORD.id(key)) for key in keys))
    named = [state.record for state in found if state and state.record and state.record.customer_id == customer_id]
    # One that names a reseller comes first: there may be an ended one beside it.
    named.sort(key=lambda one: one.current is None)
    if named:
        return named[0].record_id
    # Its own record may be about another customer now.
    return own if found[0] is None else derived_id(own, customer_id, "again")


async def customers_of(store: MongoStore, record: Record) -> Customers:
    """The record's customer and those that it may be about instead. Two round trips."""
    customer = await store.get(CUSTOMER, CUSTOMER.id(record.customer_id))
    ids = others_of(record, customer)
    found = await store.get_many(*((CUSTOMER, CUSTOMER.id(id)) for id in ids)) if ids else ()
    known: dict[str, CustomerState] = {id: state for id, state in zip(ids, found, strict=True) if state}
    return known | ({record.customer_id: customer} if customer else {})


async def following(store: MongoStore, record: Record, at: datetime) -> Dispatch | None:
    """What a change of its customer means for the record: it moves, or it ends, or nothing."""
    customers = await customers_of(store, record)
    wanted = customer_of(record, customers)
    id = RECORD.id(record.record_id)
    if wanted != record.customer_id:
        return Dispatch(RECORD, id, MoveRecord(customer_id=wanted, at=at))
    customer = customers.get(record.customer_id)
    if customer is not None and customer.matched is not None:
        # The relationships are under way to the other customer.
        return None
    gone = left(record, customer)
    if not gone:
        return None
    end = FollowEnd(because="customer-relationship-ended", partner_ids=gone, again=False, at=at)
    return Dispatch(RECORD, id, end)


def follow_customers(on: Reactions, store: MongoStore) -> None:
    @on(RelationshipsMoved)
    async def move_records_to_customer(message: Envelope[RelationshipsMoved]) -> Sequence[Dispatch]:
        """A subscription that has a record of the customer already keeps that one; the other comes back with an undone match."""
        event = message.data
        taken = {
            (record.provider.organization_id, record.subscription_id)
            async for record in _records_of(store, event.customer_id)
            if record.current
        }
        found = [record async for record in _records_of(store, event.imported_id)]
        free = [one for one in found if (one.provider.organization_id, one.subscription_id) not in taken]
        return await _all_following(store, free, event.moved_at)

    @on(ImportedCustomerRestored)
    async def move_records_back(message: Envelope[ImportedCustomerRestored]) -> Sequence[Dispatch]:
        """Those that came with the match, and those that were named during it for partners that the customer no longer has."""
        found = [record async for record in _records_of(store, message.data.customer_id)]
        return await _all_following(store, found, message.data.restored_at)


async def _all_following(store: MongoStore, records: Sequence[Record], at: datetime) -> list[Dispatch]:
    found = [await following(store, record, at) for record in records]
    return [one for one in found if one is not None]


async def _records_of(store: MongoStore, customer_id: str) -> AsyncIterator[Record]:
    async for _, state in store.find_all(RECORD, {"state.record.customer_id": customer_id}):
        if state.record is not None:
            yield state.record
