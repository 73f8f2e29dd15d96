"""What follows from closing an organization, opening it again, and erasing it: for its users and its domains."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from chassis import Cause, Chassis, Dispatch, Fire, Reaction
from identity.documents import DOMAIN, ORGANIZATION, USER
from identity.domain.domain_claim import ReleaseDomain
from identity.domain.organization import EraseOrganization
from identity.domain.user.commands import EndWithOrganization, ReturnWithOrganization
from identity.whole_lists import all_pages
from kontor_contracts import Envelope, Payload
from kontor_contracts.identity import OrganizationClosed, OrganizationErased, OrganizationReopened


def following_the_end(chassis: Chassis) -> Mapping[type[Payload], Reaction]:
    """Users are deleted with their organization and come back with it; at its end, their own timers erase them."""

    async def ids(aggregate: Any, organization_id: str) -> AsyncIterator[str]:
        where = {"tenant": organization_id}
        async for page in all_pages(
            lambda after, limit: chassis.store.find(aggregate, where, limit=limit, after=after)
        ):
            for id, _ in page:
                yield id

    async def when_organization_closed(message: Envelope[OrganizationClosed]) -> Sequence[Dispatch]:
        end = EndWithOrganization(message.data.restorable_until)
        return [Dispatch(USER, id, end) async for id in ids(USER, message.data.organization_id)]

    async def when_organization_reopened(message: Envelope[OrganizationReopened]) -> Sequence[Dispatch]:
        back = ReturnWithOrganization(message.time)
        return [Dispatch(USER, id, back) async for id in ids(USER, message.data.organization_id)]

    async def when_organization_erased(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        return [Dispatch(DOMAIN, id, ReleaseDomain()) async for id in ids(DOMAIN, message.data.organization_id)]

    return {
        OrganizationClosed: when_organization_closed,
        OrganizationReopened: when_organization_reopened,
        OrganizationErased: when_organization_erased,
    }


def erasing(chassis: Chassis) -> Fire:
    """The timer at the end of the time in which a closed organization can be opened again."""

    async def fire(id: str, cause: Cause) -> None:
        await chassis.handler.handle(ORGANIZATION, id, EraseOrganization(cause.time), cause)

    return fire
