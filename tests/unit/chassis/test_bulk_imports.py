"""A part of an import takes each step once, and keeps nothing for longer than it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

from chassis.files import ImportPart, bulk_import
from chassis.files.bulk_imports import KEPT, Command, ForgetResults, RecordResults, StartPart, decide, evolve

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PART = ImportPart("import-1", "org", "user", 3, ({"n": 1}, {"n": 2}, {"n": 3}), due=NOW)
FIRST = RecordResults(0, ({"result": "invited"}, {"result": "failed"}), NOW)
REST = RecordResults(2, ({"result": "invited"},), NOW)


def after(*commands: Command) -> ImportPart:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, ImportPart())


def test_a_part_is_due_at_once_and_until_it_is_done() -> None:
    assert after(StartPart(PART)) == PART
    halfway = after(StartPart(PART), FIRST)
    assert (halfway.done, halfway.due, len(halfway.rows)) == (2, NOW, 3)


def test_a_done_part_keeps_results_without_rows_and_then_nothing() -> None:
    done = after(StartPart(PART), FIRST, REST)
    assert (done.done, done.rows, len(done.results), done.due) == (3, (), 3, NOW + KEPT)
    assert decide(ForgetResults(NOW), done) == []
    assert after(StartPart(PART), FIRST, REST, ForgetResults(NOW + KEPT)) == replace(done, results=(), due=None)


def test_a_step_that_two_processes_took_counts_once() -> None:
    state = after(StartPart(PART), FIRST)
    assert decide(FIRST, state) == []
    assert decide(REST, after(StartPart(PART), FIRST, REST)) == []
    assert decide(StartPart(PART), state) == []


def test_a_part_survives_the_store() -> None:
    aggregate = bulk_import("file")
    state = after(StartPart(replace(PART, due=NOW + timedelta(seconds=1))), FIRST)
    assert aggregate.parse(aggregate.dump(state)) == state
