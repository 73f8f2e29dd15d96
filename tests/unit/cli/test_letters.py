"""What the operators' command line makes of a dead-letter topic, without a broker."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from kontor_cli.choosing import ChoiceError, Filter, ever, moment, named
from kontor_cli.letters import Box, Letter, Resolution, piles, queues
from kontor_cli.lost import lost_letter
from kontor_cli.privacy import readable_headers, readable_key, readable_value
from kontor_contracts import MalformedError
from kontor_contracts.deadletters import MAX_NUMBER, Place, notes, with_notes, without_notes

PERSON = "grete.muster@reseller.example"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Topic:
    """A dead-letter topic of one partition, or of several."""

    def __init__(self, group: str = "notifications") -> None:
        self.box = Box(group)
        self._offset = 0

    def park(
        self,
        offset: int,
        *,
        stage: str = "handle",
        blocked_key: str | None = "lane:a",
        fingerprint: str = "f1",
        key: str | None = "a",
        value: bytes | None = b"{}",
        topic: str = "identity.events",
        **at: int,
    ) -> Letter:
        found = {
            "dlq-original-topic": topic,
            "dlq-original-partition": "0",
            "dlq-original-offset": str(offset),
            "dlq-stage": stage,
            "dlq-fingerprint": "w" if stage == "wait" else fingerprint,
            **({"dlq-lane": blocked_key} if blocked_key else {}),
        }
        letter = self._add(key, value, [("x-note", PERSON.encode()), *with_notes((), found)], **at)
        assert isinstance(letter, Letter)
        return letter

    def resolve(self, offset: int, outcome: str = "applied", *, key: str | None = "a", **at: int) -> Any:
        headers = with_notes((), {"dlq-resolves": f"identity.events/0/{offset}", "dlq-outcome": outcome})
        return self._add(key, None, headers, **at)

    def _add(
        self, key: str | None, value: bytes | None, headers: Any, *, partition: int = 0, timestamp: int = 0
    ) -> Any:
        self._offset += 1
        raw = key.encode() if key is not None else None
        return self.box.add(
            ConsumerRecord(
                "notifications.dlq", partition, self._offset, timestamp, 0, raw, value, None, 0, 0, tuple(headers)
            )
        )


def test_a_dead_letter_is_open_until_resolved_and_when_parked_again() -> None:
    topic = Topic()
    letter = topic.park(5)
    assert topic.box.open == [letter]
    topic.resolve(5)
    assert topic.box.open == []
    assert topic.box.letters[letter.place].value is None
    assert topic.park(5) in topic.box.open


def test_of_a_record_without_a_key_the_clocks_tell_what_was_last() -> None:
    topic = Topic()
    topic.resolve(5, key=None, partition=1, timestamp=20)
    topic.park(5, key=None, blocked_key=None, partition=0, timestamp=10)
    assert topic.box.open == []


def test_records_that_are_none_of_ours_are_passed_over() -> None:
    topic = Topic()
    assert topic._add("a", b"", []) is None
    assert topic._add("a", b"", [("dlq-resolves", b"nothing")]) is None
    assert topic.box.open == []


def test_waiting_letters_are_counted_with_the_one_they_wait_for() -> None:
    topic = Topic()
    for offset, stage in ((5, "handle"), (6, "wait"), (7, "wait")):
        topic.park(offset, stage=stage)
    topic.park(8, blocked_key="lane:b", key="b")
    (pile,) = piles(topic.box)
    assert (len(pile.letters), len(pile.waiting)) == (2, 2)
    topic.resolve(5)
    left = {pile.head.fingerprint: len(pile.letters) for pile in piles(topic.box)}
    assert left == {"f1": 1, "w": 2}


def test_what_waits_is_replayed_behind_its_head_and_keys_side_by_side() -> None:
    topic = Topic()
    heads = [topic.park(5), topic.park(9, blocked_key="lane:b", key="b")]
    for offset in (7, 6):
        topic.park(offset, stage="wait")
    boxes = {"notifications": topic.box}
    ordered = queues(reversed(heads), boxes, with_waiting=True)
    assert [[letter.place.offset for letter in queue] for queue in ordered] == [[5, 6, 7], [9]]
    alone = queues(heads, boxes, with_waiting=False)
    assert [[letter.place.offset for letter in queue] for queue in alone] == [[5], [9]]


def test_letters_are_named_by_fingerprint_or_by_id() -> None:
    topic = Topic()
    head, waits = topic.park(5), topic.park(6, stage="wait")
    assert named([topic.box], "f1") == [head]
    assert named([topic.box], waits.id) == [waits]
    with pytest.raises(ChoiceError, match="neither"):
        named([topic.box], "f2")
    topic.resolve(5)
    with pytest.raises(ChoiceError, match="neither"):
        named([topic.box], head.id)
    assert [letter.id for letter in ever([topic.box], head.id)] == [head.id]


def test_what_two_groups_have_parked_has_to_be_named_with_the_group() -> None:
    topics = [Topic("identity"), Topic("notifications")]
    for topic in topics:
        topic.park(5)
    with pytest.raises(ChoiceError, match="--group identity, --group notifications"):
        named([topic.box for topic in topics], "f1")


def test_a_filter_looks_at_the_key_and_at_the_time_of_parking() -> None:
    topic = Topic()
    letter = topic.park(5, timestamp=int(NOW.timestamp() * 1000))
    assert Filter("a", NOW).lets_through(letter)
    assert not Filter("b").lets_through(letter)
    assert not Filter(since=NOW + timedelta(seconds=1)).lets_through(letter)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2026-02-28", datetime(2026, 2, 28, tzinfo=UTC)),
        ("2026-02-28T10:00:00+02:00", datetime(2026, 2, 28, 8, tzinfo=UTC)),
    ],
)
def test_a_moment_is_an_age_or_a_time(text: str, expected: datetime) -> None:
    assert moment(text, NOW) == expected


def test_a_letter_is_lost_only_where_its_topic_has_none() -> None:
    topic = Topic()
    letter = topic.park(5)
    boxes = {"notifications": topic.box}
    with pytest.raises(ChoiceError, match="not lost"):
        lost_letter(boxes, letter.id, "notifications", "")
    found = lost_letter(boxes, "identity.events/0/4", "notifications", "p.")
    assert (found.value, found.notes["dlq-consumer-group"]) == (None, "p.notifications")


@pytest.mark.parametrize(
    "value",
    [
        json.dumps(
            {"specversion": "1.0", "subject": "user:1", "data": {"name": "Grete", "mail": PERSON, "list": [PERSON]}}
        ),
        json.dumps({"specversion": "1.0", "subject": PERSON, "actor": PERSON, PERSON: PERSON}),
        json.dumps({"name": PERSON}),
        json.dumps(PERSON),
        f"{{{PERSON}",
        "[" * 5000 + f'"{PERSON}"' + "]" * 5000,
    ],
)
def test_nothing_of_a_person_is_shown_unless_asked_for(value: str) -> None:
    letter = Topic().park(5, value=value.encode(), key=PERSON)
    hidden = [readable_value(letter, prefix="", reveal=False), readable_key(letter, reveal=False)]
    assert "rete" not in str([*hidden, *readable_headers(letter, reveal=False)])
    assert PERSON in str(readable_headers(letter, reveal=True))
    assert "rete" in str(readable_value(letter, prefix="", reveal=True))


def test_ids_and_times_are_shown() -> None:
    body = {
        "specversion": "1.0",
        "id": "e-1",
        "time": "2026-03-01T12:00:00+00:00",
        "data": {"user_id": "u-1", "n": None},
    }
    shown = readable_value(Topic().park(5, value=json.dumps(body).encode()), prefix="", reveal=False)
    assert json.loads(str(shown)) == body


@given(st.text(min_size=1), st.integers(0, MAX_NUMBER), st.integers(0, MAX_NUMBER))
def test_an_id_says_where_a_record_stood(topic: str, partition: int, offset: int) -> None:
    place = Place(topic, partition, offset)
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize(
    "text", ["", "a", "a/1", "/1/2", "a/1/-2", "a/x/2", "a/1/²", "a/1/" + "9" * 30, f"a/1/{MAX_NUMBER + 1}"]
)
def test_what_is_no_id_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        Place.parse(text)


def test_a_producer_cannot_pass_its_headers_off_as_notes() -> None:
    forged = [("dlq-resolves", b"identity.events/0/1"), ("traceparent", None)]
    headers = with_notes(forged, {"dlq-stage": "handle"})
    assert notes(headers) == {"dlq-stage": "handle"}
    assert without_notes(headers) == [("traceparent", None)]
    assert isinstance(Topic().resolve(1), Resolution)
