"""Whether mails may go to an address: listed by replies, objections and staff; lifted by staff or by time."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor_contracts.notifications import SuppressionReason
from notifications.documents import SUPPRESSION, suppression_id
from notifications.domain.suppression.decide import decide, evolve
from notifications.domain.suppression.state import (
    LASTS,
    MOST_ENTRIES,
    SOFT_LIMIT,
    SOFT_WINDOW,
    Command,
    LiftSuppression,
    NoteSoftBounce,
    SuppressAddress,
    Suppression,
)

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
ADDRESS = "s***@harbour.example"


def after(*commands: Command) -> Suppression:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, Suppression())


def listed(reason: SuppressionReason = "unknown-mailbox", at: datetime = NOW) -> SuppressAddress:
    return SuppressAddress(address=ADDRESS, reason=reason, at=at, by="service:notifications")


def lifted(at: datetime = NOW) -> LiftSuppression:
    return LiftSuppression(at=at, by="user:vera", note="The mailbox exists now.")


@pytest.mark.parametrize("reason", LASTS)
def test_a_listed_address_gets_no_mail_until_its_time_is_over(reason: SuppressionReason) -> None:
    state = after(listed(reason))
    assert state.holds(NOW + 29 * DAY) == reason
    assert (state.holds(NOW + 31 * DAY) is None) == (LASTS[reason] is not None)


@pytest.mark.parametrize("reason", LASTS)
def test_staff_lift_a_suppression_and_its_history_stays(reason: SuppressionReason) -> None:
    state = after(listed(reason), lifted(NOW + DAY))
    assert state.holds(NOW + DAY) is None
    assert [(entry.reason, entry.by) for entry in state.entries] == [
        (reason, "service:notifications"),
        (None, "user:vera"),
    ]


def test_mails_that_come_back_for_now_suppress_after_some() -> None:
    bounces = [NoteSoftBounce(address=ADDRESS, at=NOW + n * DAY) for n in range(SOFT_LIMIT)]
    assert after(*bounces[:-1]).holds(NOW + SOFT_LIMIT * DAY) is None
    assert after(*bounces).holds(NOW + SOFT_LIMIT * DAY) == "bounced"


def test_old_bounces_count_no_more() -> None:
    bounces = [NoteSoftBounce(address=ADDRESS, at=NOW + n * (SOFT_WINDOW + DAY)) for n in range(SOFT_LIMIT)]
    assert after(*bounces).reason is None


@pytest.mark.parametrize("first", ["complained", "staff"])
def test_a_reply_of_a_server_does_not_replace_an_objection(first: SuppressionReason) -> None:
    assert after(listed(first), listed("unknown-mailbox")).reason == first


def test_an_objection_replaces_what_a_server_said() -> None:
    assert after(listed("unknown-mailbox"), listed("complained")).reason == "complained"


def test_the_same_mailbox_has_one_document_in_every_spelling() -> None:
    assert suppression_id("Sian@Harbour.example") == suppression_id("sian@harbour.EXAMPLE")
    assert suppression_id("sian@harbour.example") != suppression_id("sean@harbour.example")
    assert "sian" not in suppression_id("sian@harbour.example")


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(listed, st.sampled_from(sorted(LASTS)), st.integers(0, 400).map(lambda n: NOW + n * DAY)),
    st.builds(lifted, st.integers(0, 400).map(lambda n: NOW + n * DAY)),
    st.integers(0, 400).map(lambda n: NoteSoftBounce(address=ADDRESS, at=NOW + n * DAY)),
)


@given(st.lists(COMMANDS, max_size=60))
def test_the_document_stays_small_and_survives_the_database(commands: list[Command]) -> None:
    state = after(*commands)
    assert len(state.entries) <= MOST_ENTRIES
    assert SUPPRESSION.parse(SUPPRESSION.dump(state)) == state
