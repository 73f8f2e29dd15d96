"""What reviewers see of enrollments, and what companies see of the course of theirs."""

from collections.abc import Sequence
from datetime import datetime

from enrollment.api.base_views import View
from enrollment.api.views import EnrollmentView, enrollment_view
from enrollment.domain.enrollment.company import same_name
from enrollment.domain.enrollment.dossier import Step
from enrollment.domain.enrollment.mails import MailState
from enrollment.domain.enrollment.name_warnings import NameWarning, name_warnings
from enrollment.domain.enrollment.state import Enrollment, Status
from enrollment.domain.enrollment.timeline import Action, Actor, StepName, StepState, Timeline
from enrollment.domain.enrollment.weekdays import business_days_after
from kontor_contracts.enrollment import CheckOutcome, Correctable, MailboxFault, RejectionReason
from kontor_contracts.values import Program


class CheckView(View):
    """The result of an automatic check."""

    check: str
    outcome: CheckOutcome
    detail: str | None
    related: list[str]
    high_risk: bool


class QueueItemView(View):
    """An enrollment in review. ``escalations``: how often it was said to be late."""

    enrollment_id: str
    organization_id: str
    company_name: str | None
    program: Program
    country: str
    step: Step | None
    waiting_since: datetime
    due: datetime
    overdue: bool
    escalations: int
    claimed_by: str | None
    high_risk: bool
    name_differs: bool
    name_warnings: list[NameWarning]
    flagged_checks: list[str]


class QueueCountsView(View):
    waiting: int
    overdue: int
    unclaimed: int
    high_risk: int
    name_warning: int
    flagged: int
    mine: int


class AcceptedMailboxView(View):
    """A mailbox that the rules refuse and the program's staff accept."""

    email: str
    fault: MailboxFault
    reason: str
    at: datetime


class NoteView(View):
    text: str
    by: str
    at: datetime


class ChangeView(View):
    field: Correctable
    at: datetime
    by: str
    staff: bool
    old: str | None
    new: str | None


class AppealView(View):
    statement: str
    by: str
    at: datetime


class OtherEnrollmentView(View):
    """Another enrollment of the same organization, or with the same partner id."""

    enrollment_id: str
    organization_id: str
    company_name: str | None
    status: Status
    since: datetime
    rejection_reason: RejectionReason | None


class ReviewFileView(View):
    """``registry_name``: what the membership registry calls the company. ``name_differs``: compare them."""

    enrollment: EnrollmentView
    applicant: str | None
    step: Step | None
    passed: list[Step]
    claimed_by: str | None
    claimed_at: datetime | None
    high_risk: bool
    approvals: list[str]
    proved_domain: str | None
    registry_name: str | None
    name_differs: bool
    name_warnings: list[NameWarning]
    checks: list[CheckView]
    accepted_mailboxes: list[AcceptedMailboxView]
    notes: list[NoteView]
    appeals: list[AppealView]
    changes: list[ChangeView]
    others: list[OtherEnrollmentView]


class TimelineStepView(View):
    name: StepName
    state: StepState
    since: datetime | None
    due: datetime | None
    reason: str | None


class MailStateView(View):
    """A mail about the enrollment, to its primary contact or to who enrolled."""

    mail_id: str
    template: str
    state: MailState
    at: datetime
    reason: str | None


class TimelineView(View):
    """``mails``: the newest first. ``resend_from``: from then on the mail to the primary contact can be sent again."""

    enrollment_id: str
    status: Status
    steps: list[TimelineStepView]
    next_actor: Actor
    next_action: Action
    due: datetime | None
    resend_from: datetime | None
    resends_per_day: int
    accepted_mailboxes: list[AcceptedMailboxView]
    last_mail: MailStateView | None
    mails: list[MailStateView]


def queue_item(state: Enrollment) -> QueueItemView:
    since = state.history[-1].at
    facts = {name: getattr(state, name) for name in QueueItemView.model_fields if hasattr(state, name)}
    dossier = state.dossier
    return QueueItemView.model_validate(
        facts
        | {
            "step": dossier.step,
            "waiting_since": since,
            "due": business_days_after(since, state.waits.review),
            "overdue": state.escalations > 0,
            "claimed_by": dossier.claimed_by,
            "high_risk": dossier.high_risk,
            "name_differs": name_differs(state),
            "name_warnings": list(name_warnings(state)),
            "flagged_checks": [one.check for one in dossier.checks if one.outcome == "flagged"],
        }
    )


def review_file(state: Enrollment, others: Sequence[Enrollment]) -> ReviewFileView:
    dossier = state.dossier
    facts = {name: getattr(dossier, name) for name in ReviewFileView.model_fields if hasattr(dossier, name)}
    return ReviewFileView.model_validate(
        facts
        | {
            "enrollment": enrollment_view(state),
            "applicant": state.started_by,
            "name_differs": name_differs(state),
            "name_warnings": list(name_warnings(state)),
            "changes": [ChangeView.model_validate(change) for change in state.changes],
            "appeals": [AppealView.model_validate(made) for made in state.appeals],
            "checks": [CheckView.model_validate(result) for result in dossier.checks],
            "accepted_mailboxes": accepted_mailboxes(state),
            "notes": [NoteView.model_validate(note) for note in dossier.notes],
            "others": [_other(one) for one in others],
        }
    )


def timeline_view(state: Enrollment, found: Timeline) -> TimelineView:
    steps = [TimelineStepView.model_validate(step) for step in found.steps]
    mails = [MailStateView.model_validate(mail) for mail in reversed(state.mails)]
    facts = {name: getattr(found, name) for name in TimelineView.model_fields if hasattr(found, name)}
    return TimelineView.model_validate(
        facts
        | {
            "enrollment_id": state.enrollment_id,
            "status": state.status,
            "steps": steps,
            "accepted_mailboxes": accepted_mailboxes(state),
            "last_mail": mails[0] if mails else None,
            "mails": mails,
        }
    )


def accepted_mailboxes(state: Enrollment) -> list[AcceptedMailboxView]:
    return [AcceptedMailboxView.model_validate(one) for one in state.accepted_mailboxes]


def name_differs(state: Enrollment) -> bool:
    """The company's name is not the one in the membership registry."""
    registered, given = state.dossier.registry_name, state.company_name
    return registered is not None and given is not None and not same_name(registered, given)


def _other(state: Enrollment) -> OtherEnrollmentView:
    facts = {name: getattr(state, name) for name in OtherEnrollmentView.model_fields if hasattr(state, name)}
    return OtherEnrollmentView.model_validate(facts | {"since": state.history[-1].at})
