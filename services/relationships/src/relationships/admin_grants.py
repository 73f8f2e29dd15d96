"""Administrator grants between two documents: the grant itself, and the customer's relationship that holds it.

The customer approves a grant; an event makes the customer's document hold it, and another event begins it. Authorization
checks ask the customer's document, so a grant gives no right before the customer holds it, and none after it let it go.
"""

from collections.abc import Sequence

import structlog

from chassis import Cause, Dispatch, Fire, Handler, MongoStore, Reactions
from kontor_contracts import Envelope
from kontor_contracts.admin_grants import AdminGrantApproved, AdminGrantEnded, AdminGrantExtended, AdminGrantHeld
from kontor_contracts.customers import RelationshipEnded
from kontor_contracts.identity import OrganizationErased, UserPurged
from relationships.documents import ADMIN_GRANT, CUSTOMER
from relationships.domain.admin_grant.commands import ActivateGrant, EndGrant, ForgetGrantContact, LookAtGrant
from relationships.domain.admin_grant.state import AdminGrant
from relationships.domain.customer.commands import DropGrant, HoldGrant
from relationships.domain.customer.state import holds_grant, works_with

log = structlog.get_logger("relationships.admin_grants")


def follow_grants(on: Reactions, store: MongoStore) -> None:
    @on(AdminGrantApproved, AdminGrantExtended)
    async def hold_grant(message: Envelope[AdminGrantApproved] | Envelope[AdminGrantExtended]) -> Sequence[Dispatch]:
        """Not a grant that ended while the message was under way: its end was answered, and its rights are gone."""
        terms = message.data.grant
        state = await store.get(ADMIN_GRANT, ADMIN_GRANT.id(terms.grant_id))
        grant = state.admin_grant if state else None
        if grant is None or not grant.open:
            return []
        hold = HoldGrant(
            grant_id=terms.grant_id,
            partner_id=terms.partner.partner_id,
            roles=terms.roles,
            expires_at=message.data.expires_at,
            requested_at=grant.requested_at,
        )
        return [Dispatch(CUSTOMER, CUSTOMER.id(terms.customer_id), hold)]

    @on(AdminGrantHeld)
    def begin_grant(message: Envelope[AdminGrantHeld]) -> Sequence[Dispatch]:
        return [Dispatch(ADMIN_GRANT, ADMIN_GRANT.id(message.data.grant_id), ActivateGrant())]

    @on(AdminGrantEnded)
    def drop_grant(message: Envelope[AdminGrantEnded]) -> Sequence[Dispatch]:
        terms = message.data.grant
        return [Dispatch(CUSTOMER, CUSTOMER.id(terms.customer_id), DropGrant(terms.grant_id))]

    @on(RelationshipEnded)
    async def end_grants_of_relationship(message: Envelope[RelationshipEnded]) -> Sequence[Dispatch]:
        """A grant does not outlive the relationship. One that was asked for since is of the next relationship."""
        ended = message.data
        found = store.find_all(ADMIN_GRANT, {"tenant": ended.customer_id})
        end = EndGrant(side=None, by=None, reason=None, at=ended.ended_at)
        return [
            Dispatch(ADMIN_GRANT, id, end)
            async for id, state in found
            if (grant := state.admin_grant)
            and grant.open
            and grant.terms.partner.partner_id == ended.partner_id
            and grant.requested_at <= ended.ended_at
        ]


def erase_contacts(on: Reactions, store: MongoStore) -> None:
    @on(UserPurged)
    async def erase_contact_of_grants(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        user_id = message.data.user_id
        found = store.find_all(ADMIN_GRANT, {"state.admin_grant.contact_user": user_id})
        return [Dispatch(ADMIN_GRANT, id, ForgetGrantContact(user_id)) async for id, _ in found]

    @on(OrganizationErased)
    async def erase_contacts_of_organization(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        found = store.find_all(ADMIN_GRANT, {"tenant": message.data.organization_id})
        return [Dispatch(ADMIN_GRANT, id, ForgetGrantContact(None)) async for id, _ in found]


def grant_timer(store: MongoStore, handler: Handler) -> Fire:
    """The dates of a grant: unanswered, delayed, reminders, expiry, a year after the end. Firing it again changes nothing."""

    async def look(id: str, cause: Cause) -> None:
        state = await store.get(ADMIN_GRANT, id)
        grant = state.admin_grant if state else None
        if grant is None:
            return
        if grant.status == "approved" and not await _related(grant):
            end = EndGrant(side=None, by=None, reason=None, at=cause.time)
            await handler.handle(ADMIN_GRANT, id, end, cause)
            return
        await handler.handle(ADMIN_GRANT, id, LookAtGrant(cause.time), cause)
        if grant.status == "approved" and grant.expires_at:
            log.warning("admin_grant_delayed", grant_id=grant.terms.grant_id, customer_id=grant.terms.customer_id)
            hold = HoldGrant(
                grant_id=grant.terms.grant_id,
                partner_id=grant.terms.partner.partner_id,
                roles=grant.terms.roles,
                expires_at=grant.expires_at,
                requested_at=grant.requested_at,
            )
            customer_id = CUSTOMER.id(grant.terms.customer_id)
            held = await handler.handle(CUSTOMER, customer_id, hold, cause)
            if not await _open(id):
                # It was ended since this timer looked, and the end had let it go before this held it.
                await handler.handle(CUSTOMER, customer_id, DropGrant(grant.terms.grant_id), cause)
                return
            if holds_grant(held.state, grant.terms.grant_id):
                await handler.handle(ADMIN_GRANT, id, ActivateGrant(), cause)

    async def _open(id: str) -> bool:
        state = await store.get(ADMIN_GRANT, id)
        return state is not None and state.admin_grant is not None and state.admin_grant.open

    async def _related(grant: AdminGrant) -> bool:
        customer = await store.get(CUSTOMER, CUSTOMER.id(grant.terms.customer_id))
        return customer is not None and works_with(customer, grant.terms.partner.partner_id)

    return look
