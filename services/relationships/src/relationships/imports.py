"""Customers of other portals: who may import them, and what becomes of an import whose partner is not active."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chassis import Cause, Chassis, Dispatch, Fire, InvalidError, MongoStore, Reaction, derived_id
from kontor_contracts import Envelope
from kontor_contracts.relationships import ImportCustomer
from relationships.documents import CUSTOMER, PARTNER, WAITING
from relationships.domain import customer, waiting
from relationships.portals import Portals

REFUSED = WAITING.id("refused")
"""Refusals of imports that have no document: as many as there are, they make none."""


def when_import_is_asked_for(store: MongoStore, portals: Portals, now: Callable[[], datetime]) -> Reaction:
    """``since`` is our own clock's: a portal's clock is not ours to trust."""

    async def when_import(message: Envelope[ImportCustomer]) -> Sequence[Dispatch]:
        asked = message.data
        if message.partitionkey != f"{asked.portal}:{asked.external_id}":
            raise InvalidError("partitionkey: it must be portal:external_id, or the order per customer is lost")
        if not portals.speaks(asked.portal, message.source):
            raise InvalidError(
                f"source: portal {asked.portal} is not registered with it; see KONTOR_PORTALS_FILE", stray=True
            )
        wanted = customer.ImportCustomer(
            customer_id=derived_id("customer", asked.portal, asked.external_id),
            portal=asked.portal,
            external_id=asked.external_id,
            name=asked.name,
            country=asked.country,
            partner_id=asked.partner_id,
            permissions=asked.permissions,
            at=now(),
        )
        if not portals.may_speak_for(asked.portal, asked.partner_id):
            return [Dispatch(WAITING, REFUSED, waiting.Refuse(wanted, "portal-not-entitled"))]
        if await _is_active(store, asked.partner_id):
            return [Dispatch(CUSTOMER, CUSTOMER.id(wanted.customer_id), wanted)]
        return [await _waits(message, wanted)]

    async def _waits(message: Envelope[ImportCustomer], wanted: customer.ImportCustomer) -> Dispatch:
        id = WAITING.id(wanted.partner_id)
        if await store.get(WAITING, id) is None and not await _has_room(store):
            return Dispatch(WAITING, REFUSED, waiting.Refuse(wanted, "too-many-waiting"))
        one = waiting.Waiting(wanted=wanted, message_id=message.id, correlation_id=message.correlationid)
        return Dispatch(WAITING, id, waiting.Wait(one))

    return when_import


async def waking(store: MongoStore, partner_id: str, at: datetime) -> Sequence[Dispatch]:
    """What wakes the imports that wait for a partner. One that comes beside it is found by its own timer."""
    id = WAITING.id(partner_id)
    found = await store.get(WAITING, id)
    return [Dispatch(WAITING, id, waiting.Wake(at))] if found is not None and found.imports else []


def looking(chassis: Chassis, portals: Portals) -> Fire:
    """The timer of imports that wait: is their partner active by now? Fired twice, the second finds them gone."""

    async def look(id: str, timer: Cause) -> None:
        state = await chassis.store.get(WAITING, id)
        if state is None or not state.imports:
            return
        # On the bus: a refusal is published as the answer, for nobody waits here.
        cause = replace(timer, on_bus=True)
        if await _is_active(chassis.store, state.imports[0].wanted.partner_id):
            for one in state.imports:
                await carry_out(id, one, cause)
        else:
            await run(id, waiting.LookAgain(cause.time), cause)

    async def carry_out(id: str, one: waiting.Waiting, timer: Cause) -> None:
        wanted, cause = one.wanted, replace(timer, id=one.message_id, correlation_id=one.correlation_id)
        if not portals.may_speak_for(wanted.portal, wanted.partner_id):
            await run(id, waiting.Refuse(wanted, "portal-not-entitled"), cause)
            return
        late = customer.LateImport(wanted)
        await chassis.handler.handle(CUSTOMER, CUSTOMER.id(wanted.customer_id), late, cause)
        await run(id, waiting.Release((one,)), cause)

    def run(id: str, command: waiting.Command, cause: Cause) -> Awaitable[object]:
        return chassis.handler.handle(WAITING, id, command, cause)

    return look


async def _is_active(store: MongoStore, partner_id: str) -> bool:
    return bool(await store.find(PARTNER, {"uk.partner_id": partner_id}, limit=1))


async def _has_room(store: MongoStore) -> bool:
    most = waiting.MOST_PARTNER_IDS
    return await store.count(WAITING, {"state.open": True}, limit=most) < most
