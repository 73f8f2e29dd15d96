"""The pages' words cover what the API can say: statuses, steps, actions, reasons, documents."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, get_args

import pytest

from chassis import Language
from chassis.http.pages import page_texts
from enrollment.api.forms import ReinstateForm
from enrollment.domain.enrollment.mails import MailState
from enrollment.domain.enrollment.name_warnings import NameWarning
from enrollment.domain.enrollment.state import Status
from enrollment.domain.enrollment.timeline import Action, Actor, StepName, StepState
from enrollment.pages.portal.actions import COMPANY_ACTIONS, STAFF_ACTIONS
from enrollment.pages.portal.overview import PAGES
from enrollment.pages.portal.wizard import STEPS
from enrollment.pages.portal.words import WORDS
from kontor_contracts.enrollment import (
    Confirmation,
    Correctable,
    DenialReason,
    DocumentKind,
    EndReason,
    LegalChangeRejectionReason,
    ReinstatementReason,
    RejectionReason,
    ReviewStep,
    SuspensionReason,
)

CLOSED_LISTS: Mapping[str, tuple[Any, ...]] = {
    "statuses": get_args(Status),
    "titles": get_args(Status),
    "timeline": get_args(StepName),
    "step_states": get_args(StepState),
    "actors": get_args(Actor),
    "actions": get_args(Action),
    "mail_states": get_args(MailState),
    "fields": get_args(Correctable),
    "rejections": get_args(RejectionReason),
    "suspensions": get_args(SuspensionReason),
    "reinstatements": get_args(ReinstateForm.model_fields["reason"].annotation),
    "change_rejections": get_args(LegalChangeRejectionReason),
    "reasons": (
        *get_args(RejectionReason),
        *get_args(SuspensionReason),
        *get_args(ReinstatementReason),
        *get_args(DenialReason),
        *get_args(EndReason),
    ),
    "review_steps": get_args(ReviewStep),
    "name_warnings": get_args(NameWarning),
    "documents": get_args(DocumentKind),
    "wizard": tuple(step.name for step in STEPS),
    "do": tuple(PAGES),
}


@pytest.mark.parametrize("group", CLOSED_LISTS)
def test_every_name_has_its_word(group: str) -> None:
    for language in ("en", "de"):
        assert set(CLOSED_LISTS[group]) <= WORDS[language][group].keys(), language


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_action_has_its_texts_and_what_it_says_when_done(language: Language) -> None:
    texts = page_texts("enrollment", "pages/portal/action.json")[language]
    done = page_texts("enrollment", "pages/portal/overview.json")[language]["done"]
    for action in COMPANY_ACTIONS:
        assert action.name in texts["actions"] and action.name in done and action.name in WORDS[language]["ways"]
    for action in STAFF_ACTIONS:
        assert action.name in texts["of_staff"], action.name
    inputs = {one.name for action in (*COMPANY_ACTIONS, *STAFF_ACTIONS) for one in action.inputs}
    assert inputs <= texts["labels"].keys()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_step_has_labels_for_its_inputs(language: Language) -> None:
    texts = page_texts("enrollment", "pages/portal/step.json")[language]["steps"]
    for step in (one for one in STEPS if one.inputs):
        assert {one.name for one in step.inputs} == texts[step.name]["labels"].keys()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_confirmation_has_its_words(language: Language) -> None:
    texts = page_texts("enrollment", "pages/portal/reauthorization.json")[language]
    assert set(get_args(Confirmation)) == texts["confirmations"].keys()


def test_the_steps_give_everything_that_can_be_missing() -> None:
    assert {name for step in STEPS for name in step.gives} == set(get_args(Correctable))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_action_of_the_staff_is_offered_by_name(language: Language) -> None:
    case = page_texts("enrollment", "pages/portal/case.json")[language]
    for action in STAFF_ACTIONS:
        assert action.name in case["offers"] and action.name in case["done"], action.name


def test_every_mail_about_an_enrollment_has_its_word() -> None:
    about = re.compile(
        r"(enrollment|agreement|contact|documents|appeal|review|legal-change|notice|reauthorization|account-opened)"
    )
    names = {path.name.partition(".")[0] for path in files("notifications").joinpath("templates").iterdir()}
    mailed = {name for name in names if about.match(name)}
    assert len(mailed) > 20 and mailed <= WORDS["en"]["templates"].keys()
