"""A command that comes again: recognized for a day at the least, refused where it may not be, in a document that stays small."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import bson
import pytest
from service.chassis.tally import domain
from service.chassis.tally.domain import AddAmount, Counter
from service.chassis.tally.messages import AddRefused

from chassis.aggregate.model import Aggregate, Cause, CommandKey, Loaded, Outcome, Position, Step
from chassis.aggregate.repetitions import ANSWERS_KEPT, MARKS_KEPT, REPEATED_FOR, time_in
from chassis.aggregate.unit_of_work import UnitOfWork
from chassis.aggregate.write_cache import WriteCache
from chassis.errors import ExpiredKeyError, ReusedKeyError, TooManyCommandsError
from chassis.mongo import document as documents

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NUMBERS = iter(range(1, 1_000_000))
COUNTER: Aggregate[Counter, Any] = Aggregate(
    "counter",
    initial=Counter(),
    decide=domain.decide,
    evolve=domain.evolve,
    refuse=lambda _, reason: AddRefused(reason=reason),
)


class Document:
    """One document as the database keeps it, and what a process that does not read it again takes it for."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}
        self.recent = WriteCache(1)

    @property
    def loaded(self) -> Loaded[Counter]:
        return documents.loaded(COUNTER, self.stored) if self.stored else Loaded(Counter())

    def do(self, cause: Cause, amount: int = 1) -> Outcome[Counter]:
        before = self.loaded
        draft = UnitOfWork(COUNTER, "counter:a", before, "/kontor/tally")
        outcome = draft.take(Step(AddAmount(amount), cause, lambda state: state.total))
        if draft.written:
            change = draft.change(lease="lease")
            _apply(self.stored, documents.update("counter", change, new=not self.stored))
            self.recent.saved("a", before, draft.state, change)
            self.recent.cleared("a", [record.id for record in draft.records])
            self.stored.pop("out", None)
            remembered = self.recent.get("a")
            assert remembered is not None
            assert (remembered.answers, remembered.marks, remembered.floor) == (
                self.loaded.answers,
                self.loaded.marks,
                self.loaded.floor,
            )
        return outcome


def _apply(stored: dict[str, Any], update: dict[str, Any]) -> None:
    """As much of the server's language as a change is written in."""
    for name, value in {**update.get("$setOnInsert", {}), **update.get("$set", {})}.items():
        where, _, field = name.rpartition(".")
        (stored.setdefault(where, {}) if where else stored)[field] = value
    stored["v"] = stored.get("v", 0) + 1
    for name, push in update.get("$push", {}).items():
        some = [*stored.get(name, []), *push["$each"]]
        stored[name] = (some[push["$slice"] :] if push["$slice"] else []) if "$slice" in push else some
    for name, value in update.get("$max", {}).items():
        stored[name] = max(stored.get(name, value), value)


def asked(key: str, at: datetime = NOW, content: str = "") -> Cause:
    """Over HTTP."""
    made_at = time_in(key)
    return Cause(id=key, time=at, correlation_id="c", actor="anonymous", key=CommandKey(key, content or key, made_at))


def announced(key: str, at: datetime = NOW, *, made: datetime | None = None, content: str = "") -> Cause:
    """Over a topic: every record has a place of its own there."""
    return Cause(
        id=key,
        time=at,
        correlation_id="c",
        actor="anonymous",
        position=Position("source", next(NUMBERS)),
        key=CommandKey(key, content or key, made or at),
        on_bus=True,
    )


@pytest.fixture
def document() -> Iterator[Document]:
    document = Document()
    yield document
    assert len(bson.encode(document.stored)) < 32 * 1024


def test_a_repetition_gets_the_first_answer(document: Document) -> None:
    assert document.do(asked("first"), 5).answer == 5
    document.do(asked("second"), 1)
    assert (document.do(asked("first"), 5).status, document.do(asked("first"), 5).answer) == ("duplicate", 5)


@pytest.mark.parametrize("cause", [asked, announced])
def test_a_command_again_after_many_others_is_not_applied_again(document: Document, cause: Any) -> None:
    for number in range(ANSWERS_KEPT + 12):
        document.do(cause(f"k{number}"))
    if cause is announced:
        assert document.do(cause("k0")).status == "duplicate"
    else:
        with pytest.raises(ExpiredKeyError):
            document.do(cause("k0"))
    assert document.loaded.state.total == ANSWERS_KEPT + 12


def test_a_document_takes_no_more_requests_than_it_recognizes_again(document: Document) -> None:
    for number in range(ANSWERS_KEPT + MARKS_KEPT):
        document.do(asked(f"k{number}"))
    with pytest.raises(TooManyCommandsError) as refused:
        document.do(asked("one-more"))
    assert refused.value.until == NOW + REPEATED_FOR
    with pytest.raises(ExpiredKeyError):
        document.do(asked("k0"))
    later = refused.value.until
    assert document.do(asked("one-more", later)).status == "applied"


def test_a_command_older_than_what_is_remembered_is_refused(document: Document) -> None:
    for number in range(ANSWERS_KEPT + MARKS_KEPT + 5):
        document.do(announced(f"k{number}", NOW + number * SECOND))
    before = document.loaded
    outcome = document.do(announced("k1", NOW + timedelta(hours=1), made=NOW + SECOND))
    assert outcome.events == (AddRefused(reason="too-late"),)
    assert (document.loaded.state, document.loaded.answers) == (before.state, before.answers)
    assert document.do(announced("new", NOW + timedelta(hours=1))).status == "applied"


def test_a_portal_whose_clock_is_ahead_makes_no_others_late(document: Document) -> None:
    for number in range(ANSWERS_KEPT + MARKS_KEPT + 5):
        document.do(announced(f"k{number}", NOW, made=NOW + timedelta(days=300)))
    assert document.do(announced("of-another", NOW + SECOND)).events != (AddRefused(reason="too-late"),)


def test_a_message_id_with_another_content_is_refused_by_an_event(document: Document) -> None:
    document.do(announced("m", content="this"))
    other = announced("m", content="that")
    refused = document.do(other)
    assert refused.events == (AddRefused(reason="id-reused"),)
    assert document.do(other).status == "duplicate", "the record again is no further refusal"
    assert document.do(announced("m", content="this")).status == "duplicate"
    assert document.loaded.state.total == 1


def test_a_request_key_with_another_content_is_an_error(document: Document) -> None:
    document.do(asked("k", content="this"))
    with pytest.raises(ReusedKeyError):
        document.do(asked("k", content="that"))


def test_a_key_that_says_it_is_a_day_old_is_refused_even_if_unknown(document: Document) -> None:
    key = str(UUID(int=(int(NOW.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | 42))
    assert time_in(key) == NOW
    with pytest.raises(ExpiredKeyError):
        document.do(asked(key, NOW + REPEATED_FOR + SECOND))
    assert document.do(asked(key, NOW + REPEATED_FOR)).status == "applied"
    assert document.do(asked(key, NOW + 2 * REPEATED_FOR)).status == "duplicate"


def test_random_digits_without_hyphens_have_no_time() -> None:
    timed = str(UUID(int=(int(NOW.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | 42))
    assert time_in(timed.upper()) == NOW
    assert time_in(timed.replace("-", "")) is None


@pytest.mark.parametrize("key", ["k-1", "6f0c6a3e-7b1d-4d0e-9a55-2d6b1c0f4e11", "", "018f"])
def test_a_key_that_is_no_uuid_of_version_seven_has_no_time(key: str) -> None:
    assert time_in(key) is None


def test_a_key_that_looks_like_a_uuid_of_the_year_10000_has_no_time() -> None:
    assert time_in("ffffffff-ffff-7fff-bfff-ffffffffffff") is None
