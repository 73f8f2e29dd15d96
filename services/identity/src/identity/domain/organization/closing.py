"""Decides the correction, the end and the return of an organization. Pure."""

from typing import assert_never

from identity.domain.organization.commands import (
    CloseOrganization,
    ClosingCommand,
    CorrectOrganization,
    EraseOrganization,
    ReopenOrganization,
)
from identity.domain.organization.events import (
    ACTIVE_PARTNER,
    CLOSED,
    NOT_CLOSED,
    NOT_THE_LAST,
    PENDING,
    SUBMITTED,
    Fact,
)
from identity.domain.organization.state import PARTNER, Organization
from kontor_contracts.identity import (
    OrganizationClosed,
    OrganizationCorrected,
    OrganizationErased,
    OrganizationProfile,
    OrganizationReopened,
)


def close_or_correct(command: ClosingCommand, state: Organization) -> list[Fact]:
    if state.profile is None:
        return [PENDING]
    match command:
        case CorrectOrganization():
            return _correct(command, state, state.profile)
        case CloseOrganization():
            return _close(command, state, state.profile)
        case ReopenOrganization(by, at):
            if state.reopenable_until is None or at >= state.reopenable_until:
                return [] if not state.closed else [NOT_CLOSED]
            return [OrganizationReopened(organization_id=state.profile.organization_id, reopened_by=by)]
        case EraseOrganization(at):
            due = state.reopenable_until is not None and at >= state.reopenable_until
            return [OrganizationErased(organization_id=state.profile.organization_id)] if due else []
        case _:
            assert_never(command)


def _correct(command: CorrectOrganization, state: Organization, profile: OrganizationProfile) -> list[Fact]:
    if (command.country, command.kind) == (profile.country, profile.kind):
        return []
    if state.submitted or state.status in PARTNER | {"qualified"}:
        return [SUBMITTED]
    if state.closed:
        return [CLOSED]
    return [
        OrganizationCorrected(
            organization_id=profile.organization_id,
            organization=profile.model_copy(update={"country": command.country, "kind": command.kind}),
            previous_country=profile.country,
            previous_kind=profile.kind,
        )
    ]


def _close(command: CloseOrganization, state: Organization, profile: OrganizationProfile) -> list[Fact]:
    if state.closed:
        return []
    if state.status in PARTNER:
        return [ACTIVE_PARTNER]
    if not command.staff and any(each.counted and each.user_id != command.by for each in state.standings):
        return [NOT_THE_LAST]
    return [
        OrganizationClosed(
            organization_id=profile.organization_id, restorable_until=command.reopenable_until, closed_by=command.by
        )
    ]
