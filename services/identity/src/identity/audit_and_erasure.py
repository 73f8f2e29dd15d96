"""What further follows from messages: entries in the activity log, forgetting, new names, and the way into the program."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import Chassis, Dispatch, InvalidError, Reaction, dispatches_of
from identity.audit import recording
from identity.documents import AUDIT, FACTOR, LINK, ORGANIZATION, SESSION, SIGN_UP, USER
from identity.domain.audit_entry import Forget
from identity.domain.external_account import UnlinkUser
from identity.domain.organization import EnrollmentStatus, FollowEnrollment
from identity.domain.second_factor import RemoveUnproved, TurnOff
from identity.domain.session import ExpireSession
from identity.domain.user.commands import JoinOrganization
from identity.sign_in.second_factors import told_of
from identity.whole_lists import all_pages
from kontor_contracts import Envelope, Payload
from kontor_contracts.enrollment import (
    ContactDenied,
    EnrollmentApproved,
    EnrollmentRejected,
    EnrollmentStarted,
    EnrollmentSubmitted,
)
from kontor_contracts.identity import (
    EVENTS,
    OrganizationCorrected,
    OrganizationUpdated,
    SignUpRepeated,
    UserPasswordChanged,
    UserPurged,
)

ENROLLMENT_STATUS: Mapping[type[Payload], EnrollmentStatus] = {
    EnrollmentStarted: "enrolling",
    EnrollmentSubmitted: "enrolling",
    EnrollmentApproved: "qualified",
    EnrollmentRejected: "rejected",
    ContactDenied: "rejected",
}


def recorded(own: Mapping[type[Payload], Reaction]) -> dict[type[Payload], Reaction]:
    """Each event of identity, whatever else is done about it, has its entry in the activity log.

    Not those of a sign-up that is not proved yet: it leaves nothing behind, and strangers could fill the log.
    """
    return {event: _recorded(own.get(event)) for event in EVENTS if event is not SignUpRepeated}


def _recorded(react: Reaction | None) -> Reaction:
    async def when_something_happened(message: Envelope[Any]) -> Sequence[Dispatch]:
        if message.subject.startswith(f"{SIGN_UP.kind}:"):
            return []
        return [recording(message), *(await dispatches_of(react, message) if react else [])]

    return when_something_happened


def following() -> dict[type[Payload], Reaction]:
    """The organization's status follows its enrollment."""
    return {
        event: _following(status, submitted=event is EnrollmentSubmitted) for event, status in ENROLLMENT_STATUS.items()
    }


def _following(status: EnrollmentStatus, *, submitted: bool) -> Reaction:
    def when_enrollment_moved_on(message: Envelope[Any]) -> Sequence[Dispatch]:
        organization_id = message.data.organization_id
        follow = FollowEnrollment(organization_id, status, message.data.enrollment_id, submitted)
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(organization_id), follow)]

    return when_enrollment_moved_on


def forgetting(chassis: Chassis) -> Reaction:
    """What else there is of who is purged: entries in the log, sessions, the second factor, links. All older than this."""

    async def when_user_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        where = {"state.entry.subject": message.subject, "state.personal": True}
        pages = all_pages(lambda after, limit: chassis.store.find(AUDIT, where, limit=limit, after=after))
        entries = [Dispatch(AUDIT, id, Forget()) async for page in pages for id, _ in page]
        return [*entries, *await signed_in(message.data.user_id), *await linked(message.data.user_id)]

    async def signed_in(user_id: str) -> Sequence[Dispatch]:
        where = {"state.user_id": user_id, "state.revoked": False}
        pages = all_pages(lambda after, limit: chassis.store.find(SESSION, where, limit=limit, after=after))
        live = [(id, session.expires_at) async for page in pages for id, session in page]
        sessions = [Dispatch(SESSION, id, ExpireSession(ends)) for id, ends in live if ends is not None]
        factor = FACTOR.id(user_id)
        known = await chassis.store.get(FACTOR, factor)
        return [*sessions, Dispatch(FACTOR, factor, TurnOff(afresh=True))] if known else sessions

    async def linked(user_id: str) -> Sequence[Dispatch]:
        where = {"state.user_id": user_id}
        pages = all_pages(lambda after, limit: chassis.store.find(LINK, where, limit=limit, after=after))
        return [Dispatch(LINK, id, UnlinkUser(user_id)) async for page in pages for id, _ in page]

    return when_user_purged


def removing_factors(chassis: Chassis) -> Reaction:
    """A reset by mail can remove a second factor from before the proof of the address. The factor is another document."""

    async def when_password_changed(message: Envelope[UserPasswordChanged]) -> Sequence[Dispatch]:
        user_id, void_before = message.data.user_id, message.data.factor_void_before
        if void_before is None:
            return []
        user = await chassis.store.get(USER, USER.id(user_id))
        if user is None or user.is_gone:
            return []
        return [Dispatch(FACTOR, FACTOR.id(user_id), RemoveUnproved(void_before, told_of(user)))]

    return when_password_changed


def renaming(chassis: Chassis) -> Reaction:
    """Users carry their organization's name, as their tokens do."""

    async def when_organization_updated(
        message: Envelope[OrganizationUpdated | OrganizationCorrected],
    ) -> Sequence[Dispatch]:
        organization_id = message.data.organization_id
        organization = await chassis.store.get(ORGANIZATION, ORGANIZATION.id(organization_id))
        if organization is None or organization.profile is None:
            raise InvalidError(f"organization {organization_id}: it is not registered")
        rename, where = JoinOrganization(organization.profile), {"tenant": organization_id}
        pages = all_pages(lambda after, limit: chassis.store.find(USER, where, limit=limit, after=after))
        return [Dispatch(USER, id, rename) async for page in pages for id, _ in page]

    return when_organization_updated
