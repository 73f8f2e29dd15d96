"""What identity does about messages: its own, to bring organizations up to date with their users, and enrollment's.

Every event of its own is written to the activity log besides.
"""

from collections.abc import Mapping
from typing import Any

from chassis import Chassis, Dispatch, InvalidError, Reaction
from identity.audit_and_erasure import following, forgetting, recorded, removing_factors, renaming
from identity.closing import following_the_end
from identity.documents import ORGANIZATION, USER
from identity.domain.organization import ActivateOrganization, FollowLegalName, NoteStanding, RegisterOrganization
from identity.domain.roles import GLOBAL_ADMIN
from identity.domain.user.state import ON_ACTIVATION, GrantRoles, User
from identity.people.global_admins import matters, standing_of
from identity.people.lookup import profile_of
from kontor_contracts import Envelope, Payload
from kontor_contracts.enrollment import EnrollmentActivated, LegalNameChanged
from kontor_contracts.identity import (
    OrganizationCorrected,
    OrganizationUpdated,
    UserAdded,
    UserAddressProved,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserJoined,
    UserPasswordChanged,
    UserPurged,
    UserRestored,
    UserRolesChanged,
    UserSignedUp,
)

STANDING_MOVES = (UserJoined, UserAddressProved, UserDisabled, UserEnabled, UserDeleted, UserRestored)
"""Whether a global admin counts as one depends on these, too."""


def reactions(chassis: Chassis) -> Mapping[type[Payload], Reaction]:
    async def user_of(user_id: str, organization_id: str) -> User:
        # Read, not taken from the message: the user's document is never behind its own events.
        user = await chassis.store.get(USER, USER.id(user_id))
        if user is None or profile_of(user).organization_id != organization_id:
            raise InvalidError(f"user {user_id}: the organization has no such user")
        return user

    async def standing(user_id: str, organization_id: str) -> list[Dispatch]:
        user = await user_of(user_id, organization_id)
        organization = await chassis.store.get(ORGANIZATION, ORGANIZATION.id(organization_id))
        if not matters(user, organization):
            return []
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(organization_id), NoteStanding(standing_of(user)))]

    async def when_user_signed_up(message: Envelope[UserSignedUp]) -> list[Dispatch]:
        profile = message.data.organization
        user = await user_of(message.data.user_id, profile.organization_id)
        register = RegisterOrganization(profile, user.user_id, standing_of(user))
        return [Dispatch(ORGANIZATION, ORGANIZATION.id(profile.organization_id), register)]

    async def when_user_added(message: Envelope[UserAdded]) -> list[Dispatch]:
        added = message.data
        return await standing(added.user_id, added.organization_id) if GLOBAL_ADMIN.name in added.roles else []

    async def when_user_roles_changed(message: Envelope[UserRolesChanged]) -> list[Dispatch]:
        change = message.data
        concerned = GLOBAL_ADMIN.name in (*change.added, *change.removed)
        return await standing(change.user_id, change.organization_id) if concerned else []

    async def when_standing_changed(message: Envelope[Any]) -> list[Dispatch]:
        # Also of who never was a global admin: what the roles are is for the document to say.
        return await standing(message.data.user_id, message.data.organization_id)

    async def when_enrollment_activated(message: Envelope[EnrollmentActivated]) -> list[Dispatch]:
        enrollment = message.data
        organization_id = enrollment.partner.organization_id
        user = await user_of(enrollment.enrolled_by, organization_id)
        activate = ActivateOrganization(organization_id, enrollment.enrollment_id, enrollment.partner.name)
        return [
            Dispatch(USER, USER.id(user.user_id), GrantRoles(ON_ACTIVATION)),
            Dispatch(ORGANIZATION, ORGANIZATION.id(organization_id), activate),
        ]

    own: dict[type[Payload], Reaction] = {
        UserSignedUp: when_user_signed_up,
        UserAdded: when_user_added,
        UserRolesChanged: when_user_roles_changed,
        **dict.fromkeys(STANDING_MOVES, when_standing_changed),
        UserPasswordChanged: removing_factors(chassis),
        UserPurged: forgetting(chassis),
        OrganizationUpdated: renaming(chassis),
        OrganizationCorrected: renaming(chassis),
        **following_the_end(chassis),
    }
    enrolled: dict[type[Payload], Reaction] = {
        EnrollmentActivated: when_enrollment_activated,
        LegalNameChanged: when_legal_name_changed,
    }
    return {**recorded(own), **following(), **enrolled}


def when_legal_name_changed(message: Envelope[LegalNameChanged]) -> list[Dispatch]:
    partner = message.data.partner
    return [Dispatch(ORGANIZATION, ORGANIZATION.id(partner.organization_id), FollowLegalName(partner.name))]
