"""The story of one correlation id, as a timeline."""

import json
from typing import Any

from aiokafka import ConsumerRecord

from kontor_cli import timeline
from kontor_cli.letters import Box
from kontor_cli.timeline import Entry

STORY = "story-1"
HOUR = 1_774_000_000_000


def record(
    number: int, *, correlation: str = STORY, headers: Any = (), at: str = "2026-11-28T08:00:00Z", **data: Any
) -> Any:
    body = {
        "specversion": "1.0",
        "id": f"event-{number}",
        "type": "kontor.notifications.mail-sent.v1",
        "source": "/kontor/notifications",
        "subject": "mail:1",
        "time": at,
        "correlationid": correlation,
        "actor": "user-1",
        "causationid": f"event-{number - 1}",
        "data": data,
    }
    return stored("p.notifications.events", number, json.dumps(body).encode(), headers)


def stored(topic: str, offset: int, value: bytes | None, headers: Any) -> Any:
    return ConsumerRecord(topic, 0, offset, HOUR + offset, 0, b"mail:1", value, 0, 0, 0, tuple(headers))


def entries(*records: Any) -> list[Entry]:
    return timeline.told([one for each in records if (one := timeline.entry(each, STORY, "p.")) is not None])


def test_a_story_has_its_own_records_in_order() -> None:
    found = entries(
        record(2, at="2026-11-28T08:00:02Z"), record(3, correlation="another"), record(1, at="2026-11-28T08:00:01Z")
    )
    assert [one.id for one in found] == ["event-1", "event-2"]
    assert found[0].record == "notifications.events/0/1"
    assert timeline.document(STORY, found)["entries"][1]["seconds"] == 1


def test_a_story_shows_codes_and_nothing_that_a_person_wrote() -> None:
    (one,) = entries(record(1, reason="expired", template="invitation", recipient="ada@example.org", note="secret"))
    assert one.says == {"reason": "expired", "template": "invitation"}
    text = "\n".join(timeline.lines([one]))
    assert "reason=expired" in text and "ada" not in text and "secret" not in text


def test_a_message_in_binary_mode_is_in_the_story() -> None:
    headers = [
        (f"ce_{name}", text.encode())
        for name, text in {"specversion": "1.0", "id": "b", "type": "t", "correlationid": STORY}.items()
    ]
    (one,) = entries(stored("p.relationships.commands", 5, b'{"reason": "unknown"}', headers))
    assert (one.id, one.type, one.says) == ("b", "t", {"reason": "unknown"})


def test_a_record_that_cannot_be_read_is_left_out() -> None:
    assert entries(stored("p.notifications.events", 1, b"\xff" + STORY.encode(), [("ce_id", None)])) == []
    assert entries(stored("p.notifications.events", 1, f'["{STORY}"]'.encode(), ())) == []


def test_what_is_no_code_is_hidden() -> None:
    (one,) = entries(record(1, reason="a\x1b[2J", status="Ada Byron"))
    text = "\n".join(timeline.lines([one]))
    assert "\x1b" not in text and "Ada" not in text
    assert one.says == {"reason": "[hidden]", "status": "[hidden]"}


def notes(offset: int, **more: str) -> list[tuple[str, bytes]]:
    place = {"topic": "p.notifications.events", "partition": "0", "offset": str(offset)}
    found = {f"dlq-original-{name}": text for name, text in place.items()} | {"dlq-stage": "handle"}
    found |= {"dlq-error-class": "ValueError"} | {name.replace("_", "-"): text for name, text in more.items()}
    return [(name, text.encode()) for name, text in found.items()]


def test_a_dead_letter_is_in_the_story_with_its_state() -> None:
    original = record(4)
    box = Box("identity")
    box.add(stored("p.identity.dlq", 0, original.value, notes(4)))
    (one,) = timeline.parked(box, [], STORY, "p.")
    assert (one.parked, one.state, one.says["error"]) == ("identity", "open", "ValueError")
    assert timeline.parked(box, [], "another", "p.") == []
    assert "parked by identity (open)" in timeline.lines([one])[0]


def test_a_settled_dead_letter_stays_in_the_story() -> None:
    original = record(4)
    box = Box("identity")
    box.add(stored("p.identity.dlq", 0, original.value, notes(4)))
    resolved = {"dlq-resolves": "p.notifications.events/0/4", "dlq-outcome": "applied"}
    box.add(stored("p.identity.dlq", 1, None, [(name, text.encode()) for name, text in resolved.items()]))
    (one,) = timeline.parked(box, entries(original), STORY, "p.")
    assert (one.state, one.type) == ("applied", "kontor.notifications.mail-sent.v1")
