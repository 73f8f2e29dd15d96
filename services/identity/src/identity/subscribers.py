"""Subscribers: the commands that follow from messages of identity and enrollment."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import Dispatch, InvalidError, MongoStore, Reactions
from identity.activity.audit_and_erasure import erase_purged_users, record_activity, remove_unproved_factors
from identity.documents import ORGANIZATION, USER
from identity.domain.organization.commands import (
    ActivateOrganization,
    FollowEnrollment,
    FollowLegalName,
    NoteStanding,
    RegisterOrganization,
)
from identity.domain.organization.state import EnrollmentStatus
from identity.domain.roles import GLOBAL_ADMIN
from identity.domain.user.commands import GrantRoles, JoinOrganization
from identity.domain.user.state import ON_ACTIVATION, User
from identity.people.closing import follow_closing
from identity.people.global_admins import matters, standing_of
from identity.people.lookup import profile_of
from kontor_contracts import Envelope, Payload
from kontor_contracts.enrollment import (
    ContactDenied,
    EnrollmentActivated,
    EnrollmentAppealed,
    EnrollmentApproved,
    EnrollmentEnded,
    EnrollmentExpired,
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentReopened,
    EnrollmentStarted,
    EnrollmentSubmitted,
    EnrollmentSubmittedUnlinked,
    EnrollmentSuspended,
    EnrollmentWithdrawn,
    LegalNameChanged,
)
from kontor_contracts.identity import (
    OrganizationCorrected,
    OrganizationUpdated,
    UserAdded,
    UserAddressProved,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserJoined,
    UserRestored,
    UserRolesChanged,
    UserSignedUp,
)

ENROLLMENT_STATUS: Mapping[type[Payload], EnrollmentStatus] = {
    EnrollmentStarted: "enrolling",
    EnrollmentSubmitted: "enrolling",
    EnrollmentSubmittedUnlinked: "enrolling",
    EnrollmentApproved: "qualified",
    EnrollmentRejected: "rejected",
    ContactDenied: "rejected",
    EnrollmentReopened: "enrolling",
    EnrollmentAppealed: "enrolling",
    EnrollmentWithdrawn: "registered",
    EnrollmentExpired: "registered",
}


STANDING: Mapping[type[Payload], EnrollmentStatus] = {
    EnrollmentSuspended: "suspended",
    EnrollmentReinstated: "active",
    EnrollmentEnded: "former",
}


def reactions(store: MongoStore) -> Reactions:
    on = Reactions()
    record_activity(on, store)
    count_global_admins(on, store)
    follow_enrollment(on, store)
    rename_users(on, store)
    follow_closing(on, store)
    remove_unproved_factors(on, store)
    erase_purged_users(on, store)
    return on


def count_global_admins(on: Reactions, store: MongoStore) -> None:
    """The organization's document counts its global admins. See `identity.domain.organization`."""

    async def standing(user_id: str, organization_id: str) -> Sequence[Dispatch]:
        user = await _user_of(store, user_id, organization_id)
        organization = await store.get(ORGANIZATION, ORGANIZATION.id(organization_id))
        if not matters(user, organization):
            return []
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(organization_id), NoteStanding(standing_of(user)))]

    @on(UserSignedUp)
    async def register_organization(message: Envelope[UserSignedUp]) -> Sequence[Dispatch]:
        profile = message.data.organization
        user = await _user_of(store, message.data.user_id, profile.organization_id)
        register = RegisterOrganization(profile, user.user_id, standing_of(user))
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(profile.organization_id), register)]

    @on(UserAdded)
    async def count_added_user(message: Envelope[UserAdded]) -> Sequence[Dispatch]:
        added = message.data
        return await standing(added.user_id, added.organization_id) if GLOBAL_ADMIN.name in added.roles else []

    @on(UserRolesChanged)
    async def count_changed_roles(message: Envelope[UserRolesChanged]) -> Sequence[Dispatch]:
        change = message.data
        concerned = GLOBAL_ADMIN.name in (*change.added, *change.removed)
        return await standing(change.user_id, change.organization_id) if concerned else []

    @on(UserJoined, UserAddressProved, UserDisabled, UserEnabled, UserDeleted, UserRestored)
    async def count_changed_status(message: Envelope[Any]) -> Sequence[Dispatch]:
        # The message does not have the roles; the user's document does.
        return await standing(message.data.user_id, message.data.organization_id)


def follow_enrollment(on: Reactions, store: MongoStore) -> None:
    """The organization's status and legal name follow its enrollment."""

    @on(*ENROLLMENT_STATUS)
    def follow_status(message: Envelope[Any]) -> Sequence[Dispatch]:
        event = type(message.data)
        organization_id, enrollment_id = message.data.organization_id, message.data.enrollment_id
        submitted = event in {EnrollmentSubmitted, EnrollmentSubmittedUnlinked}
        follow = FollowEnrollment(organization_id, ENROLLMENT_STATUS[event], enrollment_id, submitted)
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(organization_id), follow)]

    @on(EnrollmentActivated)
    async def activate_organization(message: Envelope[EnrollmentActivated]) -> Sequence[Dispatch]:
        enrollment = message.data
        organization_id = enrollment.partner.organization_id
        user = await _user_of(store, enrollment.enrolled_by, organization_id)
        activate = ActivateOrganization(organization_id, enrollment.enrollment_id, enrollment.partner.name)
        return [
            Dispatch(USER, USER.id(user.user_id), GrantRoles(ON_ACTIVATION)),
            Dispatch(ORGANIZATION, ORGANIZATION.id(organization_id), activate),
        ]

    @on(EnrollmentSuspended, EnrollmentReinstated, EnrollmentEnded)
    def follow_suspension(message: Envelope[Any]) -> Sequence[Dispatch]:
        organization_id = message.data.partner.organization_id
        status = STANDING[type(message.data)]
        follow = FollowEnrollment(organization_id, status, message.data.enrollment_id)
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(organization_id), follow)]

    @on(LegalNameChanged)
    def follow_legal_name(message: Envelope[LegalNameChanged]) -> Sequence[Dispatch]:
        partner = message.data.partner
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(partner.organization_id), FollowLegalName(partner.name))]


def rename_users(on: Reactions, store: MongoStore) -> None:
    """Users have a copy of their organization's profile, for their tokens."""

    @on(OrganizationUpdated, OrganizationCorrected)
    async def follow_organization(message: Envelope[Any]) -> Sequence[Dispatch]:
        organization_id = message.data.organization_id
        organization = await store.get(ORGANIZATION, ORGANIZATION.id(organization_id))
        if organization is None or organization.profile is None:
            raise InvalidError(f"organization {organization_id}: it is not registered")
        follow, where = JoinOrganization(organization.profile), {"tenant": organization_id}
        return [Dispatch(USER, id, follow) async for id, _ in store.find_all(USER, where)]


async def _user_of(store: MongoStore, user_id: str, organization_id: str) -> User:
    """The user as stored: the document is never behind its own events. InvalidError for another organization's user."""
    user = await store.get(USER, USER.id(user_id))
    if user is None or profile_of(user).organization_id != organization_id:
        raise InvalidError(f"user {user_id}: the organization has no such user")
    return user
