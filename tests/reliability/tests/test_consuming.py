"""The checker of the chaos rig: secrets, offsets, poison and dead letters."""

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote_plus

import pytest
from reliability.history import History, Poison, Record
from reliability.tests.run import SECRET, Run, Spoil, Ways, broken, fault, find, found, good, put, without

WAYS = Ways()
breaks = WAYS.breaks
EVENTS = "identity.events"


def _letter(history: History, group: str) -> Record:
    return history.of(f"{group}.dlq")[0]


def _poison(history: History) -> Record:
    return next(record for record in history.of(EVENTS) if record.key == b"unruh")


# -- I10


@breaks("user-added at identity.events/2/0 holds a secret of add-user key-1 to identity in its header x-note")
def _i10_a_secret_is_in_a_header(history: History) -> None:
    put(history, found(history, "user-added"), headers=(("x-note", f"({SECRET})".encode()),))


@breaks("holds a secret of add-user key-1 to identity in its value", also="I12")
def _i10_a_secret_is_in_a_dead_letter(history: History) -> None:
    letter = _letter(history, "identity")
    put(history, letter, value=(letter.value or b"") + json.dumps(SECRET).encode())


@breaks("line 2 of the log of identity-1 holds a secret of add-user key-1 to identity")
def _i10_a_secret_is_in_a_log(history: History) -> None:
    history.logs["identity-1"] = f"started\nGET /x?token={quote_plus(SECRET)}\nstopped\n"


@breaks("the log of identity-1 holds a secret of add-user key-1 to identity")
def _i10_a_secret_of_several_lines_is_in_a_log(history: History) -> None:
    history.ledger[0].secrets = ("-----BEGIN-----\nMIIEvQIBADAN",)
    history.logs["identity-1"] = "started\n-----BEGIN-----\nMIIEvQIBADAN\n"


# -- I11


@breaks("notifications stands at 9 of 4 in identity.events/2: beyond the end")
def _i11_more_is_committed_than_there_is(history: History) -> None:
    history.committed["notifications"][EVENTS][2] = 9


@breaks("identity has committed 1 in identity.events/1", "poison at 0 has no dead letter", also="I12")
def _i11_a_bad_record_was_passed_over(history: History) -> None:
    without(history, [_letter(history, "identity")])


# -- I12


@breaks(
    "notifications stands at 2 of 4 in identity.events/2",
    "at 2: user-roles-changed 3 of user:1 from change-roles key-3",
)
def _i12_the_rest_of_a_topic_is_unread(history: History) -> None:
    history.committed["notifications"][EVENTS][2] = 2


@breaks("relationships stands at 0 of 1 in relationships.commands")
def _i12_a_topic_is_unread(history: History) -> None:
    del history.committed["relationships"]["relationships.commands"]


@breaks("poison put into enrollment.events is not even there")
def _i12_bad_records_vanished(history: History) -> None:
    history.poison.append(Poison("enrollment.events", b"?"))


@breaks("poison at identity.events/1/0 is not as it was in notifications.dlq")
def _i12_a_dead_letter_has_other_bytes(history: History) -> None:
    history.poison.append(Poison(EVENTS, b"changed"))
    put(history, _letter(history, "notifications"), value=b"changed")


@breaks("poison at identity.events/1/0 is 2 times in identity.dlq")
def _i12_a_dead_letter_was_written_twice(history: History) -> None:
    history.records.append(replace(_letter(history, "identity"), offset=7))


@breaks(
    "user-roles-changed 3 of user:1 (identity.events/2/2) is lost to identity: parked at identity.dlq/",
    "parse, MalformedError: value: not JSON",
    "from change-roles key-3 to identity",
)
def _i12_a_good_record_was_parked(history: History) -> None:
    run = Run()
    run.parked("identity", found(history, "user-roles-changed", 1))
    history.records += run.history.records


@breaks("is lost to identity: discarded")
def _i12_a_good_record_was_parked_and_discarded(history: History) -> None:
    history.records += _replayed(found(history, "user-roles-changed", 1), "discarded")


@breaks("is no dead letter: nothing tells where it stood")
def _i12_something_else_is_among_the_dead_letters(history: History) -> None:
    history.records.append(replace(_letter(history, "identity"), offset=7, headers=()))


def _replayed(record: Record, outcome: str) -> list[Record]:
    run = Run()
    run.parked("identity", record)
    run.settled("identity", record, outcome)
    return run.history.records


@pytest.mark.parametrize(("spoil", "invariant", "also", "words"), WAYS.cases)
def test_each_way_to_break_a_promise_is_found(
    spoil: Spoil, invariant: str, also: list[str], words: tuple[str, ...]
) -> None:
    find(spoil, invariant, also, words)


# -- what is no violation


def _twice_after_a_crash(history: History) -> None:
    history.faults = [fault("crash:C3", "identity-1", history.started)]
    history.records.append(replace(_letter(history, "identity"), offset=7))


def _twice_after_a_replay(history: History) -> None:
    letter = _letter(history, "identity")
    history.records.append(replace(letter, offset=7, headers=(*letter.headers, ("dlq-replay-id", b"r-1"))))


def _parked_and_applied_in_the_end(history: History) -> None:
    history.records += _replayed(found(history, "user-roles-changed", 1), "applied")


def _refused_to_replay(history: History) -> None:
    refusal = (("dlq-refuses", b"identity.events/2/1"), ("dlq-reason", b"not its turn"))
    history.records.append(replace(_letter(history, "identity"), offset=7, headers=refusal, value=None))


def _discarded_poison(history: History) -> None:
    run = Run()
    run.settled("identity", _poison(history), "discarded")
    history.records += run.history.records


def _a_mail_holds_what_is_secret_elsewhere(history: History) -> None:
    history.mails[0] = replace(history.mails[0], text=SECRET)


@pytest.mark.parametrize(
    "change",
    [
        _twice_after_a_crash,
        _twice_after_a_replay,
        _parked_and_applied_in_the_end,
        _refused_to_replay,
        _discarded_poison,
        _a_mail_holds_what_is_secret_elsewhere,
    ],
)
def test_what_is_allowed_is_not_reported(change: Callable[[History], None]) -> None:
    history = good()
    change(history)
    assert broken(history) == {}


def test_a_record_that_is_parked_again_after_it_was_settled_is_lost() -> None:
    history = good()
    record = found(history, "user-roles-changed", 1)
    run = Run()
    run.parked("identity", record)
    run.settled("identity", record, "applied")
    run.parked("identity", record)
    history.records += run.history.records
    assert set(broken(history)) == {"I12"}
