"""What each event changes in an organization. Pure."""

from dataclasses import replace
from typing import assert_never

from identity.domain.organization.events import (
    ClosingFact,
    Fact,
    OrganizationRefused,
    OwnFact,
    StandingNoted,
    SubmissionNoted,
)
from identity.domain.organization.state import MOST_RELEASED, Organization, Standing
from kontor_contracts.identity import (
    OrganizationActivated,
    OrganizationClosed,
    OrganizationCorrected,
    OrganizationErased,
    OrganizationRegistered,
    OrganizationReopened,
    OrganizationStatusChanged,
    OrganizationUpdated,
)


def evolve(state: Organization, fact: Fact) -> Organization:
    return _closed_or_corrected(state, fact) if isinstance(fact, ClosingFact) else _evolve(state, fact)


def _evolve(state: Organization, fact: OwnFact) -> Organization:
    match fact:
        case OrganizationRegistered(organization=profile):
            return replace(state, profile=profile)
        case OrganizationActivated(enrollment_id=enrollment_id):
            return replace(state, status="active", enrollment_id=enrollment_id)
        case OrganizationUpdated(name=name, culture=culture):
            renamed = state.profile and state.profile.model_copy(update={"name": name, "culture": culture})
            return replace(state, profile=renamed)
        case OrganizationStatusChanged(status=status, enrollment_id=enrollment_id):
            return replace(state, status=status, enrollment_id=enrollment_id)
        case StandingNoted(standing):
            others = tuple(known for known in state.standings if known.user_id != standing.user_id)
            return replace(state, standings=_bounded((*others, standing)))
        case OrganizationRefused():
            return state
        case _:
            assert_never(fact)


def _closed_or_corrected(state: Organization, fact: ClosingFact) -> Organization:
    match fact:
        case SubmissionNoted():
            return replace(state, submitted=True)
        case OrganizationCorrected(organization=profile):
            return replace(state, profile=profile)
        case OrganizationClosed(restorable_until=until):
            return replace(state, reopenable_until=until)
        case OrganizationReopened():
            return replace(state, reopenable_until=None)
        case OrganizationErased():
            return replace(state, reopenable_until=None, erased=True)
        case _:
            assert_never(fact)


def _bounded(standings: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """Keep the newest of the former global admins: late events are about these."""
    left = [one for one in standings if not one.counted][:-MOST_RELEASED]
    return tuple(one for one in standings if one not in left) if left else standings
