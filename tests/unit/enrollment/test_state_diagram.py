"""The states of an enrollment: what every command does in each, and that each open one can be left.

The table below is what the program wants, by command: outcome, and the states that have it.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from unit.enrollment import story
from unit.enrollment.course import COURSE, STATUSES, command_class, in_every_state, outcome

from enrollment.domain.enrollment import decide as decisions
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.state import CLOSED, Enrollment
from enrollment.domain.enrollment.transitions import TRANSITIONS

WANTED: dict[str, dict[str, str]] = {
    "StartEnrollment": {
        "→ draft": "none",
        "so already": "*",
    },
    "AssociatePartnerId": {
        "no: not-started": "none",
        "changed": "draft complete contact-pending in-review* action-required some-documents qualified-unlinked",
        "no: closed": "*",
        "no: not-editable": "qualified* active* suspended*",
    },
    "AssociatePartnerId of another name": {
        "no: not-started": "none",
        "changed": "draft complete contact-pending in-review* action-required some-documents",
        "→ in-review": "qualified-unlinked",
        "no: closed": "*",
        "no: not-editable": "qualified active* suspended*",
    },
    "PostponePartnerId": {
        "no: not-started": "none",
        "changed": "draft",
        "so already": "qualified-unlinked",
        "no: not-editable": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
    },
    "EraseEnrollment": {
        "no: not-started": "none",
        "→ withdrawn": "draft complete",
        "changed": "ended* withdrawn expired cancelled rejected",
        "no: not-editable": "*",
    },
    "EraseEnrollment by staff": {
        "no: not-started": "none",
        "→ withdrawn": "draft complete",
        "changed": "ended* withdrawn expired cancelled rejected",
        "no: not-editable": "*",
    },
    "UpdateProfile": {
        "no: not-started": "none",
        "changed": "draft complete contact-pending in-review* action-required some-documents",
        "no: closed": "*",
        "no: not-editable": "qualified* active* suspended*",
    },
    "UpdateProfile by staff": {
        "no: not-started": "none",
        "changed": "draft complete contact-pending in-review* action-required some-documents",
        "no: closed": "*",
        "no: not-editable": "qualified* active* suspended*",
    },
    "SetPrimaryContact": {
        "so already": "active-contacted",
        "no: not-started": "none",
        "changed": "draft complete contact-pending",
        "→ contact-pending": "in-review* cancelled action-required some-documents",
        "no: closed": "ended* withdrawn expired rejected",
        "no: not-editable": "*",
    },
    "SetPrimaryContact by staff": {
        "so already": "active-contacted",
        "no: not-started": "none",
        "changed": "draft complete contact-pending",
        "→ contact-pending": "in-review* cancelled action-required some-documents",
        "no: closed": "ended* withdrawn expired rejected",
        "no: not-editable": "*",
    },
    "SetSupportContact": {
        "no: not-started": "none",
        "changed": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
    },
    "Submit": {
        "no: not-started": "none",
        "no: incomplete": "draft",
        "→ contact-pending": "complete",
        "so already": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
    },
    "JoinAsEnrolled": {
        "no: not-started": "none",
        "→ active": "draft complete",
        "so already": "active* suspended*",
        "no: not-editable": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
    },
    "ResendVerification": {
        "no: not-started": "none",
        "no: not-awaiting-contact": "*",
        "changed": "contact-pending",
        "→ contact-pending": "cancelled",
    },
    "ResendVerification by staff": {
        "no: not-started": "none",
        "no: not-awaiting-contact": "*",
        "changed": "contact-pending",
        "→ contact-pending": "cancelled",
    },
    "ConfirmContact": {
        "no: not-started": "none",
        "no: link-unknown": "draft complete",
        "→ in-review": "contact-pending",
        "so already": "*",
        "no: closed": "withdrawn expired",
        "no: already-denied": "cancelled",
    },
    "DenyContact": {
        "no: not-started": "none",
        "no: link-unknown": "draft complete",
        "→ cancelled": "contact-pending",
        "no: already-confirmed": "*",
        "so already": "withdrawn expired cancelled",
    },
    "Review": {
        "no: not-started": "none",
        "no: not-in-review": "draft complete contact-pending action-required some-documents",
        "→ qualified": "in-review*",
        "no: closed": "*",
        "so already": "qualified* active* suspended*",
    },
    "Review that rejects": {
        "no: not-started": "none",
        "→ rejected": "*",
        "no: closed": "ended* withdrawn expired cancelled",
        "so already": "rejected",
        "no: not-in-review": "active* suspended*",
    },
    "Review of one step": {
        "no: not-started": "none",
        "no: not-in-review": "draft complete contact-pending action-required some-documents",
        "changed": "in-review*",
        "no: closed": "*",
        "so already": "qualified* active* suspended*",
    },
    "ClaimReview": {
        "no: not-started": "none",
        "no: not-in-review": "*",
        "changed": "in-review*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
    },
    "ReleaseReview": {
        "no: not-started": "none",
        "so already": "*",
    },
    "AddNote": {
        "no: not-started": "none",
        "changed": "*",
    },
    "MarkRisk": {
        "no: not-started": "none",
        "changed": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "no: not-in-review": "active* suspended*",
    },
    "AcceptMailbox": {
        "no: not-started": "none",
        "changed": "draft complete contact-pending in-review* action-required some-documents active* suspended*",
        "no: not-editable": "qualified*",
        "no: closed": "*",
    },
    "RefuseMailboxAgain": {
        "no: not-started": "none",
        "so already": "draft complete contact-pending in-review* action-required some-documents active* suspended*",
        "no: not-editable": "qualified*",
        "no: closed": "*",
    },
    "FollowDomain": {
        "no: not-started": "none",
        "so already": "*",
        "changed": "in-review* action-required some-documents",
    },
    "RecordChecks": {
        "no: not-started": "none",
        "so already": "*",
        "changed": "in-review-checking",
    },
    "RepeatChecks": {
        "no: not-started": "none",
        "no: not-in-review": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "changed": "in-review* action-required some-documents",
    },
    "RequestDocuments": {
        "no: not-started": "none",
        "no: not-in-review": "*",
        "→ action-required": "in-review*",
        "changed": "action-required",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "so already": "some-documents",
    },
    "WithdrawDocumentRequest": {
        "no: not-started": "none",
        "no: not-in-review": "*",
        "so already": "in-review*",
        "→ in-review": "action-required some-documents",
        "no: closed": "ended* withdrawn expired cancelled rejected",
    },
    "AddFile": {
        "no: not-started": "none",
        "no: document-unknown": "*",
        "→ in-review": "action-required",
        "changed": "some-documents",
    },
    "RemoveFile": {
        "no: not-started": "none",
        "no: file-unknown": "*",
        "changed": "some-documents",
    },
    "ForgetFile": {
        "no: not-started": "none",
        "so already": "*",
        "changed": "some-documents",
    },
    "NoteMail": {
        "no: not-started": "none",
        "changed": "*",
    },
    "GiveNotice": {
        "no: not-started": "none",
        "no: not-active": "*",
        "so already": "ended* active-notice suspended-notice",
        "no: closed": "withdrawn expired cancelled rejected",
        "changed": "active* suspended*",
    },
    "GiveNotice by staff, at once": {
        "no: not-started": "none",
        "no: not-active": "*",
        "so already": "ended*",
        "no: closed": "withdrawn expired cancelled rejected",
        "changed": "active* suspended*",
    },
    "WithdrawNotice": {
        "no: not-started": "none",
        "no: not-active": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "so already": "active* suspended*",
        "changed": "active-notice suspended-notice",
    },
    "Appeal": {
        "no: not-started": "none",
        "no: not-appealable": "*",
        "no: closed": "ended* withdrawn expired cancelled",
        "→ in-review": "rejected",
    },
    "SignAgreement": {
        "no: not-started": "none",
        "no: not-qualified": "*",
        "→ active": "qualified",
        "no: partner-id-missing": "qualified-unlinked",
        "so already": "active* suspended*",
    },
    "SignAgreement of a new version": {
        "no: not-started": "none",
        "no: not-qualified": "*",
        "→ active": "qualified suspended-unaccepted",
        "no: partner-id-missing": "qualified-unlinked",
        "changed": "active* suspended*",
    },
    "RequestContactChange": {
        "no: not-started": "none",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "changed": "active* suspended*",
        "so already": "active-contact suspended-contact active-contacted",
        "no: not-active": "*",
    },
    "WithdrawContactChange": {
        "no: not-started": "none",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "so already": "active* suspended*",
        "changed": "active-contact suspended-contact",
        "no: already-confirmed": "active-contacted",
        "no: not-active": "*",
    },
    "AnswerContactChange": {
        "no: not-started": "none",
        "no: link-unknown": "*",
        "changed": "active-contact",
        "no: link-expired": "suspended-contact",
        "so already": "active-contacted",
    },
    "AnswerContactChange that declines": {
        "no: not-started": "none",
        "no: link-unknown": "*",
        "changed": "active-contact",
        "no: link-expired": "suspended-contact",
        "no: link-superseded": "active-contacted",
    },
    "AnswerContactChange that objects": {
        "no: not-started": "none",
        "no: link-unknown": "*",
        "changed": "active-contact active-contacted",
        "no: link-superseded": "suspended-contact",
    },
    "CorrectContact": {
        "no: not-started": "none",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "changed": "active* suspended*",
        "no: not-active": "*",
    },
    "AskAcceptance": {
        "no: not-started": "none",
        # The one that is pending was published later.
        "so already": "* active-acceptance",
        "changed": "active* suspended*",
    },
    "CancelAcceptance": {
        "no: not-started": "none",
        "so already": "*",
        "changed": "active-acceptance suspended-acceptance",
        "→ active": "suspended-unaccepted",
    },
    "MoveAcceptance": {
        "no: not-started": "none",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "no: no-acceptance-pending": "active* suspended*",
        "changed": "active-acceptance suspended-acceptance",
        "no: not-active": "* suspended-unaccepted",
    },
    "Withdraw": {
        "no: not-started": "none",
        "→ withdrawn": "*",
        "no: closed": "ended* expired cancelled rejected",
        "so already": "withdrawn",
        "no: not-editable": "active* suspended*",
    },
    "Withdraw by staff": {
        "no: not-started": "none",
        "→ withdrawn": "*",
        "no: closed": "ended* expired cancelled rejected",
        "so already": "withdrawn",
        "no: not-editable": "active* suspended*",
    },
    "Elapse": {
        "no: not-started": "none",
        "→ expired": "draft complete contact-pending qualified*",
        "changed": "in-review* active-change suspended suspended-change suspended-acceptance suspended-unaccepted ended-waiting"
        " active-contact active-contacted suspended-contact",
        "so already": "*",
        "→ ended": "active-notice suspended-notice active-due suspended-due",
        "→ suspended": "active-unsettled active-acceptance",
        "→ rejected": "action-required some-documents",
    },
    "Suspend": {
        "no: not-started": "none",
        "no: not-active": "*",
        "→ suspended": "active*",
        "so already": "suspended*",
    },
    "Reinstate": {
        "no: not-started": "none",
        "no: not-suspended": "*",
        "so already": "active*",
        "→ active": "suspended*",
    },
    "FollowAccountName": {
        "no: not-started": "none",
        "changed": "draft complete",
        "so already": "*",
    },
    "ChangeLegalName": {
        "no: not-started": "none",
        "no: not-active": "*",
        "changed": "active*",
    },
    "ProposeLegalChange": {
        "no: not-started": "none",
        "no: not-active": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "changed": "active* suspended*",
        "so already": "active-change suspended-change",
    },
    "WithdrawLegalChange": {
        "no: not-started": "none",
        "no: not-active": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "so already": "active* suspended*",
        "changed": "active-change suspended-change active-unsettled",
    },
    "JudgeLegalChange": {
        "no: not-started": "none",
        "no: not-active": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "no: no-change-pending": "active* suspended*",
        "changed": "active-change suspended-change",
    },
    "JudgeLegalChange that rejects": {
        "no: not-started": "none",
        "no: not-active": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "no: no-change-pending": "active* suspended*",
        "changed": "active-change suspended-change",
        "so already": "active-unsettled",
    },
    "ConfirmReauthorization": {
        "no: not-started": "none",
        "no: not-active": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "no: not-due": "active* suspended*",
        "changed": "active-due suspended-due",
    },
    "MoveReauthorization": {
        "no: not-started": "none",
        "no: not-active": "*",
        "no: closed": "ended* withdrawn expired cancelled rejected",
        "changed": "active* suspended*",
    },
    "EndWait": {
        "no: not-started": "none",
        "no: not-waiting": "*",
        "no: closed": "withdrawn expired cancelled rejected",
        "so already": "ended",
        "changed": "ended-waiting",
    },
    "FollowCorrection": {
        "no: not-started": "none",
        "→ cancelled": "draft complete",
        "so already": "*",
    },
    "EndWithAccount": {
        "no: not-started": "none",
        "→ cancelled": "*",
        "changed": "ended* withdrawn expired cancelled rejected",
        "so already": "active* suspended*",
    },
    "ForgetApplicant": {
        "no: not-started": "none",
        "changed": "*",
    },
}
"""``*``: every state that is not named. ``active*``: every one that begins so, and is not named."""
PAIRS = [(name, where) for name in COURSE for where in in_every_state()]
OPEN = [status for status in STATUSES if status not in CLOSED]
ALLOWED = {(each.source, each.target) for each in TRANSITIONS}


def wanted(name: str, where: str) -> str:
    named = {place: result for result, places in WANTED[name].items() for place in places.split()}
    family = next(
        (result for place, result in named.items() if place[-1] == "*" and where.startswith(place[:-1] or "*")), None
    )
    return named.get(where) or family or named["*"]


def observed() -> Iterator[tuple[str | None, str, str, str]]:
    """Every change of the status that a command leads to: from where, by which command, to where, by which actor."""
    for name, where in PAIRS:
        state = in_every_state()[where]
        if (result := outcome(name, state)).startswith("→ "):
            yield state.status, command_class(name), result.removeprefix("→ "), COURSE[name][0]


@pytest.mark.parametrize(("name", "where"), PAIRS)
def test_a_command_does_in_a_state_what_the_table_says(name: str, where: str) -> None:
    assert outcome(name, in_every_state()[where]) == wanted(name, where)


def test_the_table_has_every_command_and_every_state() -> None:
    commands = {each.__name__ for each in get_args(decisions.Command)}
    assert {command_class(name) for name in COURSE} == commands, "add the command to course.py and to the table"
    assert {state.status for state in in_every_state().values()} == {None, *STATUSES}, "add the state to story.py"


def test_the_diagram_has_the_changes_that_the_decisions_make() -> None:
    drawn = {(each.source, each.command, each.target, each.by) for each in TRANSITIONS}
    assert set(observed()) == drawn


@pytest.mark.parametrize("status", OPEN)
def test_every_open_state_can_be_left_by_the_company_staff_or_a_timer(status: str) -> None:
    ways = [each for each in TRANSITIONS if each.source == status and each.target != status]
    assert {each.by for each in ways} & {"company", "staff", "timer"}


@pytest.mark.parametrize("status", OPEN)
def test_the_staff_can_end_or_move_every_open_state(status: str) -> None:
    assert any(each.source == status and each.by == "staff" for each in TRANSITIONS)


def test_only_staff_or_a_timer_suspends() -> None:
    assert {each.by for each in TRANSITIONS if each.target == "suspended"} <= {"staff", "timer"}


def test_the_readme_shows_the_diagram_of_the_code() -> None:
    readme = (Path(__file__).parents[3] / "services" / "enrollment" / "README.md").read_text(encoding="utf-8")
    for each in TRANSITIONS:
        assert f"| {each.target} | {each.words} |" in readme, "run make generate"


def successors(state: Enrollment) -> Iterator[tuple[str, Enrollment]]:
    """After each command that has an effect, by an actor."""
    at = (state.history[-1].at if state.history else story.NOW) + timedelta(hours=1)
    for by, make in COURSE.values():
        command = make(state, at)
        if any(not isinstance(fact, EnrollmentRefused) for fact in decide(command, state)):
            yield by, story.after(command, state)


def check_step(before: Enrollment, by: str, after: Enrollment) -> None:
    if after.status != before.status:
        assert (before.status, after.status) in ALLOWED
        assert after.status != "suspended" or by in {"staff", "timer"}
    assert after.history[-1].status == after.status


@pytest.mark.parametrize("where", [*in_every_state()])
def test_two_commands_in_a_row_follow_the_diagram(where: str) -> None:
    start = in_every_state()[where]
    for by, first in successors(start):
        check_step(start, by, first)
        for then, second in successors(first):
            check_step(first, then, second)


class Course(RuleBasedStateMachine):
    """Any commands in any order, at times that go on: no sequence leads where the diagram has no arrow."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Enrollment()
        self.now = story.NOW

    @initialize(where=st.sampled_from([*in_every_state()]))
    def begin(self, where: str) -> None:
        self.state = in_every_state()[where]
        self.now = self.state.history[-1].at if self.state.history else story.NOW

    @rule(name=st.sampled_from([*COURSE]), hours=st.sampled_from([1, 30, 24 * 8, 24 * 31]))
    def any_command(self, name: str, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.give(name)

    @rule(data=st.data(), hours=st.sampled_from([1, 25]))
    def a_command_with_an_effect(self, data: st.DataObject, hours: int) -> None:
        """Most commands are refused in most states; these lead further."""
        self.now += timedelta(hours=hours)
        effective = [name for name in COURSE if self.changes(name)]
        if effective:
            self.give(data.draw(st.sampled_from(effective)))

    def changes(self, name: str) -> bool:
        facts = decide(COURSE[name][1](self.state, self.now), self.state)
        return any(not isinstance(fact, EnrollmentRefused) for fact in facts)

    def give(self, name: str) -> None:
        by, make = COURSE[name]
        self.take(make(self.state, self.now), by)

    def take(self, command: Any, by: str) -> None:
        before, self.state = self.state, story.after(command, self.state)
        if self.state != before:
            check_step(before, by, self.state)


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=150, stateful_step_count=12, deadline=None)
