"""Customers of other portals: who may import them, and the imports that wait for their partner."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chassis import Cause, CommandKey, Dispatch, Fire, Handler, MongoStore, Step, command_key, derived_id
from kontor_contracts import Envelope
from kontor_contracts.customers import ReportSubscriptions
from kontor_contracts.relationships import ImportCustomer
from relationships import lookups
from relationships.documents import CUSTOMER, WAITING
from relationships.domain import waiting
from relationships.domain.customer.commands import ImportCustomer as WantedImport
from relationships.domain.customer.commands import ReportSubscriptions as Report
from relationships.portals import Portals

REFUSED = WAITING.id("refused")
"""One document for the refusals of all imports that have none, so that refused imports fill no database."""


class CustomerImports:
    """What an import command leads to: the customer, an import that waits, or a refusal."""

    def __init__(self, store: MongoStore, portals: Portals, now: Callable[[], datetime]) -> None:
        self._store = store
        self._portals = portals
        self._now = now

    async def dispatch(self, message: Envelope[ImportCustomer]) -> Dispatch:
        """Raises InvalidError."""
        wanted = self._wanted(message)
        if not self._portals.may_speak_for(wanted.portal, wanted.partner_id):
            return Dispatch(WAITING, REFUSED, waiting.Refuse(wanted, "portal-not-entitled"))
        active = await lookups.active_holder(self._store, wanted.partner_id)
        waits = await self._store.get(WAITING, WAITING.id(wanted.partner_id))
        # An import behind one that still waits takes the same way, or the older one is carried out after it.
        if active and not (waits and waiting.waits_for(waits, wanted.customer_id)):
            wanted = replace(wanted, organization_id=active.organization_id)
            return Dispatch(CUSTOMER, CUSTOMER.id(wanted.customer_id), wanted)
        return await self._waiting(message, wanted, first=waits is None, due=active is not None)

    async def report(self, message: Envelope[ReportSubscriptions]) -> Dispatch:
        """Raises InvalidError."""
        told = message.data
        self._portals.judge(message, told.portal, told.customer_id)
        report = Report(
            customer_id=told.customer_id,
            partner_id=told.partner_id,
            portal=told.portal,
            active=told.active,
            at=self._now(),
            entitled=self._portals.may_speak_for(told.portal, told.partner_id),
        )
        id = CUSTOMER.id(told.customer_id)
        if await self._store.get(CUSTOMER, id) is None:
            # A report about an unknown customer does not create it.
            return Dispatch(WAITING, REFUSED, waiting.RefuseReport(report))
        return Dispatch(CUSTOMER, id, report)

    async def wake(self, partner_id: str) -> Sequence[Dispatch]:
        """The partner became active: its waiting imports are due. An import that arrives meanwhile has its own timer."""
        id = WAITING.id(partner_id)
        found = await self._store.get(WAITING, id)
        return [Dispatch(WAITING, id, waiting.Wake(self._now()))] if found is not None and found.imports else []

    def _wanted(self, message: Envelope[ImportCustomer]) -> WantedImport:
        asked = message.data
        self._portals.judge(message, asked.portal, asked.external_id)
        return WantedImport(
            customer_id=derived_id("customer", asked.portal, asked.external_id),
            portal=asked.portal,
            external_id=asked.external_id,
            name=asked.name,
            country=asked.country,
            partner_id=asked.partner_id,
            permissions=asked.permissions,
            domain=asked.domain,
            # Our own clock: a portal's clock cannot be trusted.
            at=self._now(),
        )

    async def _waiting(
        self, message: Envelope[ImportCustomer], wanted: WantedImport, *, first: bool, due: bool
    ) -> Dispatch:
        """``first``: no import has waited for this partner id before. ``due``: it is not to wait for the partner."""
        id = WAITING.id(wanted.partner_id)
        if first and not await self._has_room():
            return Dispatch(WAITING, REFUSED, waiting.Refuse(wanted, "too-many-waiting"))
        key = command_key(message)
        sent = (waiting.Sent(key.value, key.fingerprint),)
        one = waiting.Waiting(
            wanted=wanted,
            message_id=message.id,
            correlation_id=message.correlationid,
            sent=sent,
            reply_to=getattr(message, "replyto", None),
        )
        return Dispatch(WAITING, id, waiting.Wait(one, due))

    async def _has_room(self) -> bool:
        most = waiting.MOST_PARTNER_IDS
        return await self._store.count(WAITING, {"state.open": True}, limit=most) < most


def waiting_imports(store: MongoStore, handler: Handler, portals: Portals) -> Fire:
    """The timer of waiting imports: carries them out if their partner is active by now. Firing it again is harmless."""

    async def look(id: str, timer: Cause) -> None:
        state = await store.get(WAITING, id)
        if state is None or not state.imports:
            return
        # A refusal is published as the answer to the portal.
        cause = replace(timer, on_bus=True)
        if partner := await lookups.active_holder(store, state.imports[0].wanted.partner_id):
            for one in state.imports:
                await carry_out(id, one, cause, partner.organization_id)
        else:
            for one in waiting.too_old(state, cause.time):
                await run(id, waiting.Refuse(one.wanted, "partner-unknown"), answering(one, cause))
            await run(id, waiting.LookAgain(cause.time), cause)

    async def carry_out(id: str, one: waiting.Waiting, timer: Cause, organization_id: str) -> None:
        wanted, cause = one.wanted, answering(one, timer)
        if not portals.may_speak_for(wanted.portal, wanted.partner_id):
            await run(id, waiting.Refuse(wanted, "portal-not-entitled"), cause)
            return
        # The customer remembers each message that asked for it, the newest first: read again, none brings old values back.
        keys = [CommandKey(sent.key, sent.fingerprint) for sent in reversed(one.sent)]
        known = replace(wanted, organization_id=organization_id)
        steps = [Step(known, replace(cause, key=key)) for key in keys] or [Step(known, cause)]
        await handler.handle_all(CUSTOMER, CUSTOMER.id(wanted.customer_id), steps)
        await run(id, waiting.Release((one,)), cause)

    def answering(one: waiting.Waiting, timer: Cause) -> Cause:
        """What follows is the answer to the portal's message."""
        return replace(timer, id=one.message_id, correlation_id=one.correlation_id, reply_to=one.reply_to)

    def run(id: str, command: waiting.Command, cause: Cause) -> Awaitable[object]:
        return handler.handle(WAITING, id, command, cause)

    return look
