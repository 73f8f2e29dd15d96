"""A version of the agreement: published with a date, asked for in pages, withdrawn."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest

from enrollment.agreement import Agreement, Agreements, load_agreements
from enrollment.domain.agreement_edition import (
    Command,
    Edition,
    EditionRefused,
    EditionText,
    NotePage,
    PublishEdition,
    WithdrawEdition,
    decide,
    evolve,
)
from kontor_contracts.enrollment import AgreementPublished, AgreementWithdrawn
from kontor_contracts.problems import codes_of

NOW = datetime(2027, 5, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def publish(**changes: Any) -> PublishEdition:
    facts: dict[str, Any] = {
        "version": "2027-06",
        "regions": ("europe",),
        "texts": (EditionText("de", "d" * 64), EditionText("en", "e" * 64)),
        "accept_until": NOW + timedelta(days=60),
        "shipped": False,
        "by": "user-9",
        "at": NOW,
    }
    return PublishEdition(**facts | changes)


def played(*commands: Command, state: Edition | None = None) -> Edition:
    state = state or Edition()
    for command in commands:
        facts = decide(command, state)
        assert not any(isinstance(fact, EditionRefused) for fact in facts), facts
        state = reduce(evolve, facts, state)  # type: ignore[arg-type]  # no refusal is among them
    return state


def page(state: Edition, after: str | None, asked: int = 2, at: datetime = NOW) -> NotePage:
    assert state.status
    return NotePage(status=state.status, passes=state.passes, before=state.after, after=after, asked=asked, at=at)


def refusal(command: Command, state: Edition) -> EditionRefused:
    (only,) = decide(command, state)
    assert isinstance(only, EditionRefused), only
    assert only.reason in codes_of("enrollment")
    return only


def test_a_version_is_published_once() -> None:
    (published, _) = decide(publish(), Edition())
    assert isinstance(published, AgreementPublished)
    assert (published.version, published.languages, published.regions) == ("2027-06", ("de", "en"), ("europe",))
    assert decide(publish(at=NOW + HOUR), played(publish())) == []


@pytest.mark.parametrize("command", [publish(regions=None), publish(texts=(EditionText("en", "f" * 64),))])
def test_a_name_is_used_once(command: PublishEdition) -> None:
    state = played(publish())
    assert refusal(command, state).reason == "version-exists"
    assert refusal(publish(), played(WithdrawEdition("user-9", NOW), state=state)).reason == "version-exists"
    assert refusal(publish(shipped=True), Edition()).reason == "version-exists"


@pytest.mark.parametrize("days", [0, 29.9, 731])
def test_partners_have_30_days_at_least(days: float) -> None:
    refused = refusal(publish(accept_until=NOW + timedelta(days=days)), Edition())
    assert (refused.reason, refused.field) == ("due-date-invalid", "accept_until")


def test_partners_are_asked_in_pages_and_once_more_an_hour_later() -> None:
    state = played(publish())
    assert state.due == NOW
    state = played(page(state, "enrollment:m"), state=state)
    assert (state.after, state.asked, state.due) == ("enrollment:m", 2, NOW)
    state = played(page(state, None, 1), state=state)
    assert (state.after, state.asked, state.due) == (None, 3, NOW + HOUR)
    state = played(page(state, None, 1, NOW + HOUR), state=state)
    assert (state.asked, state.due) == (4, None)
    assert decide(page(state, None, 1, NOW + HOUR), state) == []


def test_a_page_counts_once() -> None:
    state = played(publish())
    first = page(state, "enrollment:m")
    state = played(first, state=state)
    assert decide(first, state) == []


def test_a_withdrawal_goes_through_the_partners_again() -> None:
    state = played(publish())
    state = played(page(state, None), state=state)
    state = played(page(state, None, 0, NOW + HOUR), state=state)
    late = page(state, "enrollment:m")
    facts = decide(WithdrawEdition("user-8", NOW + 2 * HOUR), state)
    assert isinstance(facts[0], AgreementWithdrawn)
    state = played(WithdrawEdition("user-8", NOW + 2 * HOUR), state=state)
    assert (state.status, state.due, state.after, state.withdrawn_by) == ("withdrawn", NOW + 2 * HOUR, None, "user-8")
    assert decide(late, state) == []
    assert decide(WithdrawEdition("user-8", NOW), state) == []
    for moment in (NOW + 2 * HOUR, NOW + 3 * HOUR):
        state = played(page(state, None, 5, moment), state=state)
    assert (state.asked, state.due) == (2, None)


def test_what_was_not_published_cannot_be_withdrawn() -> None:
    assert refusal(WithdrawEdition("user-9", NOW), Edition()).reason == "not-published"


@pytest.mark.parametrize(
    ("published", "region", "wanted"),
    [
        ([], "europe", "2026-11"),
        ([("2027-06", None)], "europe", "2027-06"),
        ([("2027-06", ("japan",))], "europe", "2026-11"),
        ([("2027-06", ("europe",)), ("2027-07", None)], "europe", "2027-06"),
        ([("2027-06", ("europe",)), ("2027-07", None)], "japan", "2027-07"),
        ([("2027-06", ("europe",)), ("2027-07", ("europe",))], "europe", "2027-07"),
    ],
)
def test_the_newest_version_of_the_region_holds(
    published: Iterable[tuple[str, tuple[str, ...] | None]], region: str, wanted: str
) -> None:
    known = [Agreement(version, {}, regions) for version, regions in published]
    assert Agreements([*load_agreements().editions, *known]).current(region).version == wanted
