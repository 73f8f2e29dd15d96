"""Several commands in one write: whatever goes together, the document and its events are those of one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service.chassis.tally.aggregates import COUNTER
from service.chassis.tally.domain import AddAmount, Close, Counter, CounterCommand

from chassis.aggregate import repetitions
from chassis.aggregate.model import Cause, CommandKey, DocumentUpdate, Loaded, Position, Step
from chassis.aggregate.unit_of_work import UnitOfWork
from chassis.errors import RefusedError, ReusedKeyError

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def cause(number: int, *, key: str | None = None, on_bus: bool = True) -> Cause:
    return Cause(
        id=f"c{number}",
        time=NOW,
        correlation_id=f"c{number}",
        actor="anonymous",
        position=Position("source", number) if on_bus else None,
        key=CommandKey(key, f"print-{key}") if key else None,
        on_bus=on_bus,
    )


def saved(loaded: Loaded[Counter], change: DocumentUpdate) -> Loaded[Counter]:
    """What the next process finds."""
    kept = {**loaded.answers, **change.answers}
    return Loaded(
        state=COUNTER.parse(change.document),
        version=loaded.version + 1,
        sequence=change.sequence,
        pending=loaded.pending,
        watermarks={**loaded.watermarks, **change.positions},
        answers=dict(list(kept.items())[-repetitions.ANSWERS_KEPT :]),
    )


def run(groups: Sequence[Sequence[Step]]) -> tuple[Loaded[Counter], list[Any], list[Any]]:
    """The document in the end, all its events as they go to the topic, and what was answered."""
    loaded: Loaded[Counter] = Loaded(COUNTER.initial)
    records: list[Any] = []
    answers: list[Any] = []
    for steps in groups:
        draft = UnitOfWork(COUNTER, "counter:a", loaded, "/kontor/tally")
        outcomes = [draft.take(step) for step in steps]
        answers += [(outcome.status, outcome.answer) for outcome in outcomes]
        if draft.written:
            change = draft.change(lease=None)
            records += change.records
            loaded = saved(loaded, change)
    return loaded, records, answers


commands = st.one_of(st.builds(AddAmount, st.integers(1, 9), st.just(""), st.integers(0, 3)), st.just(Close()))


@st.composite
def deliveries(draw: st.DrawFn) -> list[Step]:
    """Commands from a topic with their numbers, some of them again and some with the same key."""
    made: list[CounterCommand] = draw(st.lists(commands, min_size=1, max_size=12))
    numbers = draw(st.lists(st.integers(1, len(made)), min_size=1, max_size=20))
    keys = draw(st.lists(st.sampled_from([None, "k1", "k2"]), min_size=len(made), max_size=len(made)))
    return [
        Step(made[number - 1], cause(number, key=keys[number - 1]), lambda state: state.total) for number in numbers
    ]


@given(deliveries(), st.lists(st.integers(1, 5), max_size=20))
def test_in_whatever_groups_they_are_written_the_result_is_the_same(steps: list[Step], sizes: list[int]) -> None:
    groups: list[list[Step]] = []
    rest = steps
    for size in [*sizes, len(steps)]:
        groups.append(rest[:size])
        rest = rest[size:]
    together, one_by_one = run(groups), run([[step] for step in steps])
    assert together[1:] == one_by_one[1:]
    assert (together[0].state, together[0].sequence) == (one_by_one[0].state, one_by_one[0].sequence)
    assert (together[0].watermarks, together[0].answers) == (one_by_one[0].watermarks, one_by_one[0].answers)


def test_a_refusal_that_somebody_waits_for_leaves_the_draft_as_it_was() -> None:
    draft = UnitOfWork(COUNTER, "counter:a", Loaded(COUNTER.initial), "/kontor/tally")
    draft.take(Step(AddAmount(1), cause(1)))
    draft.take(Step(Close(), cause(2)))
    before = draft.state, len(draft.records)
    with pytest.raises(RefusedError):
        draft.take(Step(AddAmount(1), cause(3, key="k", on_bus=False)))
    assert (draft.state, len(draft.records)) == before
    assert draft.change(lease=None).answers == {}


def test_a_key_that_came_a_moment_ago_with_another_request_is_refused() -> None:
    draft = UnitOfWork(COUNTER, "counter:a", Loaded(COUNTER.initial), "/kontor/tally")
    draft.take(Step(AddAmount(1), cause(1, key="k")))
    other = Cause(
        id="c2", time=NOW, correlation_id="c2", actor="anonymous", key=CommandKey("k", "another"), on_bus=True
    )
    with pytest.raises(ReusedKeyError):
        draft.take(Step(AddAmount(1), other))


def test_that_nothing_happened_needs_no_write_where_nothing_remembers_it() -> None:
    draft = UnitOfWork(COUNTER, "counter:a", Loaded(COUNTER.initial), "/kontor/tally")
    nothing = Cause(id="c", time=NOW, correlation_id="c", actor="anonymous")
    assert draft.take(Step(AddAmount(1, times=0), nothing)).status == "unchanged"
    assert not draft.written


def followed(number: int, *, again: bool = False) -> Cause:
    position = Position("source", number, again=again)
    return Cause(id=f"c{number}", time=NOW, correlation_id="c", actor="anonymous", position=position, on_bus=True)


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_repeatable_command_without_effect_leaves_no_trace(monkeypatch: pytest.MonkeyPatch, repeatable: bool) -> None:
    """Read again, a record finds documents that are younger than it is. They must stay as they are, to the last field."""
    monkeypatch.setattr(AddAmount, "REPEATABLE", repeatable, raising=False)
    unit = UnitOfWork(COUNTER, "counter:a", Loaded(COUNTER.initial), "/kontor/tally")
    assert unit.take(Step(AddAmount(1, times=0), cause(1))).status == "unchanged"
    assert unit.written is not repeatable
    assert unit.take(Step(AddAmount(1), cause(2))).status == "applied" and unit.written


def test_a_missed_event_is_applied_when_it_is_announced_again() -> None:
    loaded: Loaded[Counter] = Loaded(COUNTER.initial)
    statuses = []
    told = [(1, False), (4, False), (3, False), (1, True), (2, True), (3, True), (4, True), (2, True), (5, False)]
    for number, again in told:
        draft = UnitOfWork(COUNTER, "counter:a", loaded, "/kontor/tally")
        statuses.append(draft.take(Step(AddAmount(number), followed(number, again=again))).status)
        if draft.written:
            change = draft.change(lease=None)
            holes = {"source": change.holes["source"]} if change.holes else {}
            loaded = replace(saved(loaded, change), holes=holes)
    applied = [number for (number, _), status in zip(told, statuses, strict=True) if status == "applied"]
    assert applied == [1, 4, 2, 3, 4, 5], "not by a mere copy, and behind it what came after it"
    assert (loaded.watermarks, loaded.holes) == ({"source": 5}, {})
