"""Subscribers: an enrollment follows its work account, and forgets the user who began it when that user is erased."""

from collections.abc import Sequence

from chassis import Dispatch, MongoStore, Reactions
from enrollment.documents import ENROLLMENT, UPLOAD
from enrollment.domain.enrollment.account import AccountCommand, EndWithAccount, FollowCorrection, ForgetApplicant
from enrollment.domain.enrollment.names import FollowAccountName
from enrollment.domain.enrollment.state import CLOSED
from enrollment.domain.upload import EraseUpload
from kontor_contracts import Envelope
from kontor_contracts.identity import OrganizationCorrected, OrganizationErased, OrganizationUpdated, UserPurged

MOST_OPEN = 10
"""An organization has one open enrollment; the bound is for the query."""


def reactions(store: MongoStore) -> Reactions:
    on = Reactions()

    @on(OrganizationUpdated)
    async def when_organization_updated(message: Envelope[OrganizationUpdated]) -> Sequence[Dispatch]:
        renamed = message.data
        where = {"tenant": renamed.organization_id, "state.status": "draft"}
        found = await store.find(ENROLLMENT, where, limit=MOST_OPEN)
        follow = FollowAccountName(renamed.name, renamed.previous_name)
        return [Dispatch(ENROLLMENT, id, follow) for id, _ in found]

    @on(OrganizationCorrected)
    async def when_organization_corrected(message: Envelope[OrganizationCorrected]) -> Sequence[Dispatch]:
        return await _with_undecided(store, message.data.organization_id, FollowCorrection(message.time))

    @on(OrganizationErased)
    async def when_organization_erased(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        """Ends what is open, and erases contacts and documents of all the organization's enrollments."""
        where = {"tenant": message.data.organization_id}
        end = EndWithAccount(message.time)
        ended = [Dispatch(ENROLLMENT, id, end) async for id, _ in store.find_all(ENROLLMENT, where)]
        erase = EraseUpload(message.time)
        return [*ended, *[Dispatch(UPLOAD, id, erase) async for id, _ in store.find_all(UPLOAD, where)]]

    @on(UserPurged)
    async def when_user_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        """Erase the user from the enrollments that the user began."""
        purged = message.data
        where = {"tenant": purged.organization_id, "state.started_by": purged.user_id}
        found = store.find_all(ENROLLMENT, where)
        return [Dispatch(ENROLLMENT, id, ForgetApplicant()) async for id, _ in found]

    return on


async def _with_undecided(store: MongoStore, organization_id: str, command: AccountCommand) -> Sequence[Dispatch]:
    """The command for the organization's enrollments that are undecided."""
    where = {"tenant": organization_id, "state.status": {"$nin": [*CLOSED, "active", "suspended"]}}
    found = await store.find(ENROLLMENT, where, limit=MOST_OPEN)
    return [Dispatch(ENROLLMENT, id, command) for id, _ in found]
