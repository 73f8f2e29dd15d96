"""Subscribers: an enrollment follows its work account's name, its corrections and its end."""

from collections.abc import Mapping, Sequence

from chassis import Dispatch, MongoStore, Reaction
from enrollment.documents import ENROLLMENT
from enrollment.domain.account import EndWithAccount, FollowCorrection
from enrollment.domain.names import FollowAccountName
from enrollment.domain.state import CLOSED
from kontor_contracts import Envelope, Payload
from kontor_contracts.identity import OrganizationCorrected, OrganizationErased, OrganizationUpdated

MOST_OPEN = 10
"""An organization has one open enrollment; the bound is for the query alone."""


def reactions(store: MongoStore) -> Mapping[type[Payload], Reaction]:
    return {
        OrganizationUpdated: when_organization_is_renamed(store),
        OrganizationCorrected: when_account_changes(store, FollowCorrection),
        OrganizationErased: when_account_changes(store, EndWithAccount),
    }


def when_organization_is_renamed(store: MongoStore) -> Reaction:
    async def when_updated(message: Envelope[OrganizationUpdated]) -> Sequence[Dispatch]:
        renamed = message.data
        where = {"tenant": renamed.organization_id, "state.status": "draft"}
        found = await store.find(ENROLLMENT, where, limit=MOST_OPEN)
        follow = FollowAccountName(renamed.name, renamed.previous_name)
        return [Dispatch(ENROLLMENT, id, follow) for id, _ in found]

    return when_updated


def when_account_changes(store: MongoStore, command: type[FollowCorrection | EndWithAccount]) -> Reaction:
    async def when_changed(message: Envelope[OrganizationCorrected | OrganizationErased]) -> Sequence[Dispatch]:
        where = {"tenant": message.data.organization_id, "state.status": {"$nin": [*CLOSED, "active"]}}
        found = await store.find(ENROLLMENT, where, limit=MOST_OPEN)
        return [Dispatch(ENROLLMENT, id, command(message.time)) for id, _ in found]

    return when_changed
