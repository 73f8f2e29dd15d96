"""Decides every command on an organization. Pure."""

from typing import assert_never

from identity.domain.organization.closing import close_or_correct
from identity.domain.organization.commands import (
    ActivateOrganization,
    ClosingCommand,
    Command,
    FollowEnrollment,
    FollowLegalName,
    NoteStanding,
    OwnCommand,
    RegisterOrganization,
    ReleaseGlobalAdmin,
    UpdateOrganization,
)
from identity.domain.organization.events import LEGAL_NAME, PENDING, Fact, SubmissionNoted
from identity.domain.organization.standings import note_standing, release
from identity.domain.organization.state import PARTNER, EnrollmentStatus, Organization
from kontor_contracts.identity import (
    OrganizationActivated,
    OrganizationProfile,
    OrganizationRegistered,
    OrganizationStatus,
    OrganizationStatusChanged,
    OrganizationUpdated,
)

OUTRANKS: dict[EnrollmentStatus, frozenset[OrganizationStatus]] = {
    "registered": frozenset({"enrolling", "rejected", "qualified"}),
    "enrolling": frozenset({"registered", "rejected", "former"}),
    "rejected": frozenset({"registered", "enrolling", "qualified", "former"}),
    "qualified": frozenset({"registered", "enrolling", "rejected", "former"}),
    "former": frozenset({"active", "suspended"}),
    "suspended": frozenset({"active"}),
    "active": frozenset({"suspended"}),
}
"""By new status: the statuses that it may replace. A partner stays one, whatever happens to another enrollment;
events of one enrollment arrive in order. ``active`` here is a reinstatement."""


def decide(command: Command, state: Organization) -> list[Fact]:
    if isinstance(command, ClosingCommand):
        return close_or_correct(command, state)
    return _decide(command, state)


def _decide(command: OwnCommand, state: Organization) -> list[Fact]:
    match command:
        case RegisterOrganization(profile, registered_by, standing):
            registered = OrganizationRegistered(organization=profile, registered_by=registered_by)
            return [*([] if state.profile else [registered]), *(note_standing(standing, state) if standing else [])]
        case ActivateOrganization(organization_id, enrollment_id, legal_name):
            activated = OrganizationActivated(organization_id=organization_id, enrollment_id=enrollment_id)
            return [] if state.status in PARTNER else [*_renamed(state, legal_name), activated]
        case FollowLegalName() | UpdateOrganization():
            return _update(command, state)
        case FollowEnrollment():
            return _follow(command, state)
        case NoteStanding(standing):
            return note_standing(standing, state)
        case ReleaseGlobalAdmin():
            return release(command, state)
        case _:
            assert_never(command)


def _update(command: UpdateOrganization | FollowLegalName, state: Organization) -> list[Fact]:
    if isinstance(command, FollowLegalName):
        return _renamed(state, command.legal_name)
    if state.profile is None:
        return [PENDING]
    if state.status in PARTNER and command.name != state.profile.name:
        return [LEGAL_NAME]
    return _updated(state.profile, command.name, command.culture)


def _renamed(state: Organization, name: str) -> list[Fact]:
    # Without a profile the registration is still to come, with the name of the sign-up.
    return _updated(state.profile, name, state.profile.culture) if state.profile else []


def _updated(profile: OrganizationProfile, name: str, culture: str) -> list[Fact]:
    if (name, culture) == (profile.name, profile.culture):
        return []
    return [
        OrganizationUpdated(
            organization_id=profile.organization_id,
            name=name,
            culture=culture,
            previous_name=profile.name,
            previous_culture=profile.culture,
        )
    ]


def _follow(command: FollowEnrollment, state: Organization) -> list[Fact]:
    noted: list[Fact] = [SubmissionNoted()] if command.submitted and not state.submitted else []
    # Also before the registration: events of an enrollment come by another topic.
    if state.status not in OUTRANKS[command.status]:
        return noted
    return [
        *noted,
        OrganizationStatusChanged(
            organization_id=command.organization_id,
            status=command.status,
            previous=state.status,
            enrollment_id=command.enrollment_id,
        ),
    ]
