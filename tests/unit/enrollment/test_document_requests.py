"""A review asks for documents, and the company uploads them."""

from datetime import timedelta

import pytest
from unit.enrollment import story
from unit.enrollment.story import NOW, add_file, after, announced, ask, company, given, played, refusal, staff

from enrollment.domain.enrollment.account import EndWithAccount
from enrollment.domain.enrollment.appeals import appeal_until
from enrollment.domain.enrollment.deadlines import next_due
from enrollment.domain.enrollment.decide import Command, decide
from enrollment.domain.enrollment.document_requests import ForgetFile, RemoveFile, WithdrawDocumentRequest, kept_until
from enrollment.domain.enrollment.paperwork import file_of, missing_documents
from enrollment.domain.enrollment.state import Actor, Enrollment
from enrollment.domain.enrollment.timeline import timeline
from kontor_contracts.enrollment import DocumentsRequested

DAY = timedelta(days=1)
ASKED = NOW + timedelta(hours=3)
RETENTION = 180 * DAY
FOREVER = NOW + 9999 * DAY


def asked_for(*kinds: str) -> Enrollment:
    return after(ask(*kinds), given("in-review"))


def reviewed(*commands: Command) -> Enrollment:
    return played(commands, after(add_file(), asked_for("lease")))


def test_the_review_goes_on_with_the_last_document() -> None:
    state = asked_for("lease", "registry-record")
    assert state.status == "action-required"
    assert announced(add_file("1"), state) == []
    state = after(add_file("1"), state)
    assert announced(add_file("2", file_id="f-2"), state) == ["DocumentsReceived"]
    assert after(add_file("2", file_id="f-2"), state).status == "in-review"


def test_a_request_announces_kinds_and_date() -> None:
    (requested,) = (fact for fact in decide(ask("lease"), given("in-review")) if isinstance(fact, DocumentsRequested))
    assert (requested.documents, requested.answer_until) == (("lease",), ASKED + 30 * DAY)


def test_a_request_again_asks_for_what_is_new_only() -> None:
    state = asked_for("lease")
    assert decide(ask("lease"), state) == []
    assert [one.kind for one in after(ask("lease", "other"), state).paperwork] == ["lease", "other"]


def test_a_reviewer_of_the_company_cannot_ask_for_documents() -> None:
    assert refusal(ask(actor=staff(organization="org-1")), given("in-review")).reason == "own-company"


def test_a_request_respects_the_claim_of_another_reviewer() -> None:
    claimed = after(story.claim(), given("in-review"))
    other = Actor(user="user-8", organization="program", staff=True, at=ASKED)
    assert refusal(ask(actor=other), claimed).reason == "claimed"


def test_documents_of_a_passed_step_are_not_asked_for() -> None:
    passed = after(story.review(step="employment"), given("in-review"))
    assert refusal(ask("assignment-letter", step="employment"), passed).reason == "already-reviewed"


def test_a_withdrawn_request_lets_the_review_go_on() -> None:
    state = after(WithdrawDocumentRequest(actor=staff(ASKED + DAY)), asked_for("lease", "registry-record"))
    assert (state.status, missing_documents(state.paperwork)) == ("in-review", ())
    assert refusal(add_file("1"), state).reason == "already-reviewed"


def test_the_company_is_reminded_and_then_rejected() -> None:
    state, end = asked_for("lease"), ASKED + 30 * DAY
    for before in (7, 3, 1):
        assert next_due(state) == end - before * DAY
        assert announced(story.elapse_at(end - before * DAY), state) == ["EnrollmentReminded"]
        state = after(story.elapse_at(end - before * DAY), state)
    assert next_due(state) == end
    state = after(story.elapse_at(end), state)
    assert (state.status, state.rejection_reason) == ("rejected", "no-response")
    assert appeal_until(state) == end + 30 * DAY


def test_the_timeline_says_that_the_company_uploads() -> None:
    found = timeline(asked_for("lease"))
    assert (found.next_actor, found.next_action, found.due) == ("company", "upload-documents", ASKED + 30 * DAY)


def test_a_file_is_added_to_a_document_that_was_asked_for() -> None:
    assert refusal(add_file("7"), asked_for("lease")).reason == "document-unknown"
    assert refusal(add_file("1"), given("in-review")).reason == "document-unknown"


def test_the_same_content_is_refused_and_the_same_upload_is_not() -> None:
    state = after(add_file(), asked_for("lease", "registry-record"))
    assert refusal(add_file(file_id="f-2", sha256="hash of f-1"), state).reason == "file-known"
    assert decide(add_file(), state) == []


def test_a_file_is_replaced_until_its_step_is_passed() -> None:
    state = after(add_file(), asked_for("lease"))
    only = RemoveFile(actor=company(NOW + 2 * DAY), file_id="f-1")
    assert refusal(only, state).reason == "file-in-use"
    better = after(add_file(file_id="f-2"), state)
    assert file_of(after(only, better).paperwork, "f-1") is None
    passed = after(story.review(step="business"), better)
    assert refusal(only, passed).reason == "already-reviewed"
    assert refusal(add_file(file_id="f-3"), passed).reason == "already-reviewed"


def test_a_removed_file_keeps_no_name() -> None:
    state = after(add_file(), asked_for("lease", "registry-record"))
    (gone,) = after(ForgetFile("f-1"), state).paperwork[0].files
    assert (gone.removed, gone.name) == (True, "")


def test_an_erased_account_leaves_no_documents() -> None:
    assert after(EndWithAccount(NOW + DAY), asked_for("lease")).paperwork == ()


@pytest.mark.parametrize(
    ("commands", "until"),
    [
        ((), FOREVER + DAY),
        ((story.review(),), NOW + 2 * DAY + RETENTION),
        ((story.review(), story.sign(), story.suspend()), NOW + 2 * DAY + RETENTION),
        ((story.reject(),), NOW + 2 * DAY + RETENTION),
        ((story.reject(), story.appeal()), FOREVER + DAY),
        ((story.withdraw(company(NOW + 5 * DAY)),), NOW + 5 * DAY + RETENTION),
    ],
    ids=["in review", "approved", "partner", "rejected", "appealed", "withdrawn"],
)
def test_a_file_is_kept_for_a_time_after_the_decision(commands: tuple[Command, ...], until: object) -> None:
    """While there is none, it is looked at every day."""
    assert kept_until(reviewed(*commands), "f-1", FOREVER, RETENTION) == until


def test_a_file_that_no_enrollment_names_is_deleted_now() -> None:
    assert kept_until(given("in-review"), "f-1", NOW, RETENTION) is None
    assert kept_until(Enrollment(), "f-1", NOW, RETENTION) is None
