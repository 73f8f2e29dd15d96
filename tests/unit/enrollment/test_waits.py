"""The operator's settings of how long an enrollment waits, and that each enrollment keeps what held when it began."""

from datetime import timedelta

import pytest
from unit.enrollment.story import (
    NOW,
    TOLD,
    ask,
    confirm,
    deny,
    elapse,
    played,
    propose,
    reject,
    review,
    sign,
    staff,
    start,
    submit,
)

from enrollment.domain.enrollment.appeals import appeal_until
from enrollment.domain.enrollment.deadlines import ends_at, review_due
from enrollment.domain.enrollment.legal_change import JudgeLegalChange, legal_change_due
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.waits import Waits
from enrollment.domain.enrollment.weekdays import business_days_after
from enrollment.settings import Settings

SHORT = Waits(review=1, documents=9, appeal=4, undo=2, settle=3)


def begun(*commands: object) -> Enrollment:
    return played((start(waits=SHORT), *TOLD, submit(), *commands))  # type: ignore[arg-type]  # any command


def test_a_review_is_due_after_the_days_of_the_operator() -> None:
    state = begun(confirm())
    assert review_due(state) == business_days_after(state.history[-1].at, 1)


def test_documents_are_waited_for_as_the_operator_says() -> None:
    state = begun(confirm(), ask())
    assert ends_at(state) == state.history[-1].at + timedelta(days=9)
    assert played((elapse(20),), state).rejection_reason == "no-response"


def test_an_appeal_and_an_undoing_end_as_the_operator_says() -> None:
    rejected, denied = begun(confirm(), reject()), begun(deny())
    assert appeal_until(rejected) == rejected.history[-1].at + timedelta(days=4)
    assert denied.undo_until == denied.history[-1].at + timedelta(days=2)


def test_a_rejected_change_is_settled_as_the_operator_says() -> None:
    at = NOW + timedelta(days=12)
    judge = JudgeLegalChange(decision="reject", reason="proof-missing", actor=staff(at))
    state = begun(confirm(), review(), sign(), propose(), judge)
    assert legal_change_due(state) == at + timedelta(days=3)


def test_an_appeal_may_not_outlast_the_documents() -> None:
    with pytest.raises(ValueError, match="KONTOR_APPEAL_DAYS"):
        Settings.model_construct(appeal_days=200, document_retention_days=100).check_waits()
    Settings.model_construct(appeal_days=100, document_retention_days=100).check_waits()
