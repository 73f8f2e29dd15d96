"""Effects of closing, reopening and erasing an organization on its users and domains."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from chassis import Cause, Dispatch, Fire, Handler, MongoStore, Reactions
from identity.documents import DOMAIN, ORGANIZATION, USER
from identity.domain.domain_claim import ReleaseDomain
from identity.domain.organization.commands import EraseOrganization
from identity.domain.user.commands import EndWithOrganization, ReturnWithOrganization
from kontor_contracts import Envelope
from kontor_contracts.identity import OrganizationClosed, OrganizationErased, OrganizationReopened


def follow_closing(on: Reactions, store: MongoStore) -> None:
    """Users are deleted with their organization and come back with it. After that, their own timers erase them."""

    async def ids(aggregate: Any, organization_id: str) -> AsyncIterator[str]:
        where = {"tenant": organization_id}
        async for id, _ in store.find_all(aggregate, where):
            yield id

    @on(OrganizationClosed)
    async def end_users(message: Envelope[OrganizationClosed]) -> Sequence[Dispatch]:
        end = EndWithOrganization(message.data.restorable_until)
        return [Dispatch(USER, id, end) async for id in ids(USER, message.data.organization_id)]

    @on(OrganizationReopened)
    async def return_users(message: Envelope[OrganizationReopened]) -> Sequence[Dispatch]:
        back = ReturnWithOrganization(message.time)
        return [Dispatch(USER, id, back) async for id in ids(USER, message.data.organization_id)]

    @on(OrganizationErased)
    async def release_domains(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        return [Dispatch(DOMAIN, id, ReleaseDomain()) async for id in ids(DOMAIN, message.data.organization_id)]


def erasing(handler: Handler) -> Fire:
    """The timer that erases a closed organization when the time to reopen it is over."""

    async def fire(id: str, cause: Cause) -> None:
        await handler.handle(ORGANIZATION, id, EraseOrganization(cause.time), cause)

    return fire
