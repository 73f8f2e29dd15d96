"""Watermarks: numbers that cannot be right are refused, and documents do not grow with the sources they have followed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from annotated_types import Le
from service.chassis.tally.aggregates import COUNTER
from service.chassis.tally.domain import AddAmount, Counter

from chassis.aggregate.model import Cause, Loaded, Position, Step
from chassis.aggregate.unit_of_work import UnitOfWork
from chassis.aggregate.watermarks import FEW, FURTHEST_AHEAD, FURTHEST_FIRST, KEPT, MOST, is_jump, pruned
from chassis.aggregate.write_cache import WriteCache
from chassis.configuration.settings import Settings
from chassis.errors import SequenceJumpError
from chassis.mongo.document import loaded, update
from kontor_contracts.topics import TOPICS

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def sources(count: int, age: timedelta | None) -> dict[str, datetime | None]:
    """The first is the oldest by a second."""
    return {f"s{n}": None if age is None else NOW - age + timedelta(seconds=n) for n in range(count)}


@pytest.mark.parametrize(
    ("seen", "number", "jumps"),
    [
        (0, 1, False),
        (0, FURTHEST_FIRST, False),
        (0, FURTHEST_FIRST + 1, True),
        (0, 2**63 - 1, True),
        (5, 6, False),
        (5, 5 + FURTHEST_AHEAD, False),
        (5, 6 + FURTHEST_AHEAD, True),
        (FURTHEST_FIRST, FURTHEST_FIRST + 1, False),
    ],
)
def test_a_gap_is_followed_and_a_jump_is_not(seen: int, number: int, jumps: bool) -> None:
    assert is_jump(seen, number) is jumps


def step(position: Position) -> Step:
    cause = Cause(id="c", time=NOW, correlation_id="c", actor="service:meter", position=position, on_bus=True)
    return Step(AddAmount(1), cause)


def test_a_jump_changes_nothing_and_what_follows_is_applied() -> None:
    draft = UnitOfWork(COUNTER, "counter:a", Loaded(COUNTER.initial), "/kontor/tally")
    draft.take(step(Position("source", 1, counted=True)))
    with pytest.raises(SequenceJumpError, match="9223372036854775807"):
        draft.take(step(Position("source", 2**63 - 1, counted=True)))
    assert draft.take(step(Position("source", 2, counted=True))).status == "applied"
    assert draft.state.count == 2


def test_offsets_of_commands_may_be_any_distance_apart() -> None:
    draft = UnitOfWork(COUNTER, "counter:a", Loaded(COUNTER.initial), "/kontor/tally")
    draft.take(step(Position("source", 1)))
    assert draft.take(step(Position("source", 10**12))).status == "applied"


def test_a_few_watermarks_are_kept_for_ever() -> None:
    assert pruned(sources(FEW - 1, KEPT * 3), ["new"], NOW) == ((), ())


def test_of_many_watermarks_those_go_that_no_record_can_need() -> None:
    noted = {**sources(20, KEPT + timedelta(days=1)), "young": NOW - timedelta(days=1)}
    gone, undated = pruned(noted, ["s3", "new"], NOW)
    assert set(gone) == noted.keys() - {"s3", "young"}
    assert undated == ()


def test_watermarks_without_a_time_get_one_and_stay() -> None:
    gone, undated = pruned(sources(20, None), ["new"], NOW)
    assert (gone, set(undated)) == ((), set(sources(20, None)))


def test_a_document_keeps_so_many_watermarks_and_no_more() -> None:
    noted = sources(MOST, timedelta(days=1))
    assert pruned(noted, ["new"], NOW).gone == ("s0",)


def test_a_batch_that_is_read_again_finds_all_its_watermarks() -> None:
    (most,) = [bound.le for bound in Settings.model_fields["batch_records"].metadata if isinstance(bound, Le)]
    assert isinstance(most, int) and most <= MOST
    batch = [f"batch{n}" for n in range(most)]
    noted = sources(MOST, timedelta(days=1)) | dict.fromkeys(batch[:-1], NOW)
    assert not set(pruned(noted, batch[-1:], NOW).gone) & set(batch)


def test_a_watermark_lasts_longer_than_any_record_of_its_source() -> None:
    kept, parked = (max(topic.retention_ms for topic in TOPICS if topic.kind == kind) for kind in ("events", "dlq"))
    assert timedelta(milliseconds=kept + parked) < KEPT


def test_a_document_that_follows_ever_more_sources_stays_small() -> None:
    known: Loaded[Counter] = Loaded(COUNTER.initial)
    cache = WriteCache(10)
    at = NOW
    ins: dict[str, Any] = {}
    for number in range(200):
        at += timedelta(days=1)
        draft = UnitOfWork(COUNTER, "counter:a", known, "/kontor/tally")
        one = step(Position(f"source{number}", 1, counted=True))
        draft.take(replace(one, cause=replace(one.cause, time=at)))
        change = draft.change(lease="l")
        written = update("counter", change, new=known.version == 0)
        ins |= {name[3:]: value for name, value in written["$set"].items() if name.startswith("in.")}
        for name in written.get("$unset", {}):
            ins.pop(name[3:], None)
        cache.saved("counter:a", known, draft.state, change)
        document = {"state": change.document, "v": known.version + 1, "seq": change.sequence, "in": ins}
        known = loaded(COUNTER, document)
        cached = cache.get("counter:a")
        assert cached is not None and (cached.watermarks, cached.noted) == (known.watermarks, known.noted)
    assert len(known.watermarks) == KEPT.days + 1
