"""Subscribers: a draft follows the name of its work account."""

from collections.abc import Mapping, Sequence

from chassis import Dispatch, MongoStore, Reaction
from enrollment.documents import ENROLLMENT
from enrollment.domain.names import FollowAccountName
from kontor_contracts import Envelope, Payload
from kontor_contracts.identity import OrganizationUpdated

MOST_DRAFTS = 10
"""An organization has one open enrollment; the bound is for the query alone."""


def reactions(store: MongoStore) -> Mapping[type[Payload], Reaction]:
    return {OrganizationUpdated: when_organization_is_renamed(store)}


def when_organization_is_renamed(store: MongoStore) -> Reaction:
    async def when_updated(message: Envelope[OrganizationUpdated]) -> Sequence[Dispatch]:
        renamed = message.data
        where = {"tenant": renamed.organization_id, "state.status": "draft"}
        found = await store.find(ENROLLMENT, where, limit=MOST_DRAFTS)
        follow = FollowAccountName(renamed.name, renamed.previous_name)
        return [Dispatch(ENROLLMENT, id, follow) for id, _ in found]

    return when_updated
