"""An organization (work account), and the rule that it keeps at least one global admin. Pure.

The rule spans all users of the organization. Each is a document, and two administrators may demote each other at the same
time. So losing the role takes two writes in a fixed order: first this document stops counting the user, and refuses if
the user is the last one; then the user's document gives up the role. Gaining the role is the reverse: first the user,
then the count (by the user's event). At every moment, also after a crash between two writes, every counted user holds the
role. So while one is counted, one exists.

The count may be too low for a moment. Then a demotion is refused that could have been allowed; repeating it later works.
Every entry has the number of the user's role changes on which it is based, so that late events cannot undo a release.

Only users who count, or counted once, have an entry. A user is released before the role is lost, so an event about a user
without an entry who does not count changes nothing. The document grows with the administrators, not with the users.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import (
    OrganizationActivated,
    OrganizationClosed,
    OrganizationCorrected,
    OrganizationErased,
    OrganizationProfile,
    OrganizationRegistered,
    OrganizationReopened,
    OrganizationStatus,
    OrganizationStatusChanged,
    OrganizationUpdated,
)
from kontor_contracts.values import OrganizationKind

EnrollmentStatus = Literal["enrolling", "qualified", "rejected", "suspended", "active"]

FEW = 2
"""An organization should have at least two global admins: a single one has no colleague who can help."""

OUTRANKS: dict[EnrollmentStatus, frozenset[OrganizationStatus]] = {
    "enrolling": frozenset({"registered", "rejected"}),
    "rejected": frozenset({"registered", "enrolling", "qualified"}),
    "qualified": frozenset({"registered", "enrolling", "rejected"}),
    "suspended": frozenset({"active"}),
    "active": frozenset({"suspended"}),
}
"""By new status: the statuses that it may replace. A partner stays one, whatever happens to another enrollment;
events of one enrollment arrive in order. ``active`` here is a reinstatement."""
PARTNER: frozenset[OrganizationStatus] = frozenset({"active", "suspended"})


MOST_COUNTED = 200
"""Global admins in the document. With so many, giving the role is refused (`domain.user.role_rules`). Roles given at the same
time are not counted."""
MOST_RELEASED = 200
"""Former global admins in the document, because late events about them may still arrive."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a user counts as a global admin, as of the user's ``as_of``-th change of roles."""

    user_id: str
    as_of: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Organization:
    """``profile`` None: events of its administrators arrived before its registration.

    ``submitted``: an enrollment was submitted, so country and kind are final. ``reopenable_until``: closed until then.
    """

    profile: OrganizationProfile | None = None
    status: OrganizationStatus = "registered"
    enrollment_id: str | None = None
    submitted: bool = False
    reopenable_until: datetime | None = None
    erased: bool = False
    standings: tuple[Standing, ...] = ()

    def knows(self, user_id: str) -> bool:
        """Whether the user counts as a global admin, or counted once."""
        return _standing(self, user_id) is not None

    @property
    def closed(self) -> bool:
        return self.reopenable_until is not None or self.erased

    @property
    def global_admins(self) -> int:
        """The number of counted global admins."""
        return sum(standing.counted for standing in self.standings)

    @property
    def admins_full(self) -> bool:
        return self.global_admins >= MOST_COUNTED


@dataclass(frozen=True, slots=True)
class RegisterOrganization:
    """``standing`` of the user who registered it. None for the program's own organization, which has no global admin."""

    profile: OrganizationProfile
    registered_by: str
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class ActivateOrganization:
    """``legal_name``: the name that enrollment verified."""

    organization_id: str
    enrollment_id: str
    legal_name: str


@dataclass(frozen=True, slots=True)
class FollowLegalName:
    """Enrollment changed the name of an active partner."""

    legal_name: str


@dataclass(frozen=True, slots=True)
class NoteStanding:
    standing: Standing


@dataclass(frozen=True, slots=True)
class ReleaseGlobalAdmin:
    """Stop counting the user, before the role is taken. ``as_of``: see Standing."""

    user_id: str
    as_of: int


@dataclass(frozen=True, slots=True)
class UpdateOrganization:
    name: str
    culture: str


@dataclass(frozen=True, slots=True)
class FollowEnrollment:
    """Take over the status of an enrollment. Activation is a separate command."""

    organization_id: str
    status: EnrollmentStatus
    enrollment_id: str
    submitted: bool = False


@dataclass(frozen=True, slots=True)
class CorrectOrganization:
    country: str
    kind: OrganizationKind


@dataclass(frozen=True, slots=True)
class CloseOrganization:
    """``staff``: of the program; else a global admin of the organization, who then is its last one."""

    by: str
    staff: bool
    reopenable_until: datetime


@dataclass(frozen=True, slots=True)
class ReopenOrganization:
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EraseOrganization:
    """The time has come, which is looked at again."""

    at: datetime


ClosingCommand = CorrectOrganization | CloseOrganization | ReopenOrganization | EraseOrganization


OwnCommand = (
    RegisterOrganization
    | ActivateOrganization
    | NoteStanding
    | ReleaseGlobalAdmin
    | UpdateOrganization
    | FollowEnrollment
    | FollowLegalName
)
Command = OwnCommand | ClosingCommand


@dataclass(frozen=True, slots=True)
class StandingNoted:
    standing: Standing


@dataclass(frozen=True, slots=True)
class SubmissionNoted:
    """From now on country and kind stay as they are."""


class OrganizationRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.identity.organization-refused.v1"
    reason: Literal[
        "active-partner",
        "enrollment-submitted",
        "last-global-admin",
        "legal-name",
        "not-closed",
        "organization-closed",
        "other-global-admins",
        "registration-pending",
    ]
    detail: str
    field: str | None = None


LAST = OrganizationRefused(
    reason="last-global-admin",
    detail="an organization needs at least one global admin; give another user the role first",
)

LEGAL_NAME = OrganizationRefused(
    reason="legal-name",
    detail="an active partner uses its legal name; ask the program's staff to change the legal name in the enrollment",
    field="name",
)

PENDING = OrganizationRefused(
    reason="registration-pending", detail="the organization is being registered; try again in a few seconds"
)

SUBMITTED = OrganizationRefused(
    reason="enrollment-submitted",
    detail="country and kind cannot be changed after an enrollment was submitted; close this account and sign up again",
)
ACTIVE_PARTNER = OrganizationRefused(
    reason="active-partner",
    detail="an active partner cannot be closed; ask the program's staff to end the enrollment first",
)
NOT_THE_LAST = OrganizationRefused(
    reason="other-global-admins",
    detail="only the last global admin can close an account; take the role from the other global admins, or delete them first",
)
CLOSED = OrganizationRefused(
    reason="organization-closed", detail="this account is closed; ask the program's staff to reopen it"
)
NOT_CLOSED = OrganizationRefused(
    reason="not-closed", detail="the account is not closed, or the time to reopen it is over; sign up again"
)

ClosingFact = OrganizationCorrected | OrganizationClosed | OrganizationReopened | OrganizationErased | SubmissionNoted
OwnFact = (
    OrganizationRegistered
    | OrganizationActivated
    | OrganizationUpdated
    | OrganizationStatusChanged
    | StandingNoted
    | OrganizationRefused
)
Fact = OwnFact | ClosingFact


def decide(command: Command, state: Organization) -> list[Fact]:
    if isinstance(command, ClosingCommand):
        return _close_or_correct(command, state)
    return _decide(command, state)


def evolve(state: Organization, fact: Fact) -> Organization:
    return _closed_or_corrected(state, fact) if isinstance(fact, ClosingFact) else _evolve(state, fact)


def _decide(command: OwnCommand, state: Organization) -> list[Fact]:
    match command:
        case RegisterOrganization(profile, registered_by, standing):
            registered = OrganizationRegistered(organization=profile, registered_by=registered_by)
            return [*([] if state.profile else [registered]), *(_note(standing, state) if standing else [])]
        case ActivateOrganization(organization_id, enrollment_id, legal_name):
            activated = OrganizationActivated(organization_id=organization_id, enrollment_id=enrollment_id)
            return [] if state.status in PARTNER else [*_renamed(state, legal_name), activated]
        case FollowLegalName() | UpdateOrganization():
            return _update(command, state)
        case FollowEnrollment():
            return _follow(command, state)
        case NoteStanding(standing):
            return _note(standing, state)
        case ReleaseGlobalAdmin():
            return _release(command, state)
        case _:
            assert_never(command)


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


def _standing(state: Organization, user_id: str) -> Standing | None:
    return next((known for known in state.standings if known.user_id == user_id), None)


def _note(standing: Standing, state: Organization) -> list[Fact]:
    known = _standing(state, standing.user_id)
    # With so many counted, one more cannot change whether a user is the last.
    news = known.as_of < standing.as_of if known else standing.counted and not state.admins_full
    return [StandingNoted(standing)] if news else []


def _bounded(standings: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """Keep the newest of the former global admins: late events are about these."""
    left = [one for one in standings if not one.counted][:-MOST_RELEASED]
    return tuple(one for one in standings if one not in left) if left else standings


def _release(command: ReleaseGlobalAdmin, state: Organization) -> list[Fact]:
    released = Standing(command.user_id, command.as_of, counted=False)
    known = _standing(state, command.user_id)
    if known and (known == released or known.as_of > command.as_of):
        # The command is based on an old state of the user; the user's document will refuse it.
        return []
    if not any(other.counted for other in state.standings if other.user_id != command.user_id):
        return [LAST]
    # Also if the user is not counted yet: the event of the role may still arrive, and must not count then.
    return [StandingNoted(released)]


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


def _close_or_correct(command: ClosingCommand, state: Organization) -> list[Fact]:
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
