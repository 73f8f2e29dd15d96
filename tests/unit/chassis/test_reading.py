"""What a group makes of a record: a message, nothing for it, or a fault; whose fault it is, and whether the key waits."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from chassis.consumer.dead_letters.headers import Failure
from chassis.consumer.decoder import Decoder
from chassis.consumer.sequences import Sequences
from chassis.observability.metrics import Metrics
from kontor_contracts import Envelope, Payload, encode, new_envelope
from kontor_contracts.enrollment import EnrollmentStarted, PartnerProfileImported
from kontor_contracts.relationships import ImportCustomer
from kontor_contracts.topics import BY_NAME, TOPICS, Topic

EVENTS = "enrollment.events"
COMMANDS = "relationships.commands"
READ: set[type[Payload]] = {EnrollmentStarted, ImportCustomer}
READER = Decoder(BY_NAME, wanted=READ)

STARTED = EnrollmentStarted(
    enrollment_id="e1",
    organization_id="org-1",
    program="indirect-reseller",
    country="DE",
    started_by="u1",
)
PROFILE = PartnerProfileImported(partner_id="471101", company_name="Müller", country="DE", status="active")
IMPORT = ImportCustomer(portal="office", external_id="K-1", name="Köhler", country="DE", partner_id="471101")


def envelope(data: Payload, **changes: Any) -> Envelope[Any]:
    command = isinstance(data, ImportCustomer)
    given = {
        "id": "m1",
        "source": "/portals/office" if command else "/kontor/enrollment",
        "subject": "office:K-1" if command else "enrollment:e1",
        "sequence": 0 if command else 1,
    }
    return new_envelope(data, time=datetime(2026, 11, 27, tzinfo=UTC), correlationid="c1", **(given | changes))


def record(
    topic: str,
    message: Envelope[Any],
    *,
    key: bytes | None = None,
    data: dict[str, Any] | None = None,
    value: bytes | None = None,
    **attributes: Any,
) -> ConsumerRecord:
    """The message as a record; ``attributes`` and ``data`` replace what no model would let through."""
    body, headers = encode(message)
    document = {**json.loads(body), **attributes}
    if data is not None:
        document["data"] = data
    return ConsumerRecord(
        topic=topic, partition=0, offset=7, timestamp=0, timestamp_type=0, checksum=None,
        key=message.partitionkey.encode() if key is None else key,
        value=json.dumps(document).encode() if value is None else value,
        serialized_key_size=0, serialized_value_size=0, headers=tuple(headers),
    )  # fmt: skip


def failure(found: Any) -> Failure:
    assert isinstance(found, Failure)
    return found


def test_a_message_that_the_group_reads_is_read() -> None:
    found = READER.read(record(EVENTS, envelope(STARTED)))
    assert isinstance(found, Envelope)
    assert found.data == STARTED


@pytest.mark.parametrize(
    "odd",
    [
        record(EVENTS, envelope(PROFILE)),
        record(EVENTS, envelope(PROFILE), data={}),
        record(EVENTS, envelope(PROFILE), data={"partner_id": "x" * 500}),
        record(EVENTS, envelope(PROFILE), value=b"{"),
        record(EVENTS, envelope(PROFILE), value=b"\xff\xfe"),
        record(EVENTS, envelope(PROFILE), value=b'{"data":"' + b"x" * 600_000 + b'"}'),
        record(EVENTS, envelope(PROFILE), source="/kontor/somebody"),
        record(EVENTS, envelope(PROFILE), key=b"other"),
        record(EVENTS, envelope(PROFILE), sequence="-1"),
        record(EVENTS, envelope(PROFILE), type="kontor.enrollment.partner-profile-imported.v9"),
        record(EVENTS, envelope(STARTED), type="kontor.enrollment.unheard-of.v1", data={}),
    ],
)
def test_a_type_that_the_group_ignores_is_ignored_whatever_the_body_is(odd: ConsumerRecord) -> None:
    assert READER.read(odd) is None


def test_headers_do_not_hide_a_body_that_can_be_read() -> None:
    odd = record(EVENTS, envelope(PROFILE), type=STARTED.TYPE, data={})
    assert failure(READER.read(odd)).stage == "parse"


@pytest.mark.parametrize("change", [{"data": {}}, {"type": "kontor.enrollment.enrollment-started.v9"}])
def test_an_event_of_its_owner_that_cannot_be_read_holds_up_its_key(change: dict[str, Any]) -> None:
    found = failure(READER.read(record(EVENTS, envelope(STARTED), **change)))
    assert (found.blocks, found.by_writer, found.source) == (True, True, "/kontor/enrollment")


@pytest.mark.parametrize("change", [{"data": {}}, {"type": "kontor.enrollment.enrollment-started.v9"}, {}])
@pytest.mark.parametrize("stray", [{"source": "/kontor/somebody"}, {"key": b"other"}, {"sequence": "0000000000"}])
def test_a_stray_holds_up_no_key_whatever_is_wrong_with_it(change: dict[str, Any], stray: dict[str, Any]) -> None:
    found = failure(READER.read(record(EVENTS, envelope(STARTED), **change, **stray)))
    assert (found.blocks, found.by_writer) == (False, True)


@pytest.mark.parametrize(
    "odd",
    [
        record(COMMANDS, envelope(IMPORT), value=b'{"broken":1}'),
        record(COMMANDS, envelope(IMPORT), data={"portal": "office"}),
        record(COMMANDS, envelope(IMPORT), type="kontor.relationships.import-customer.v9"),
        record(COMMANDS, envelope(IMPORT), type="kontor.relationships.import-custommer.v1"),
        record(COMMANDS, envelope(IMPORT), key=b"somebody:else"),
    ],
)
def test_a_command_that_breaks_the_contract_holds_up_no_key(odd: ConsumerRecord) -> None:
    found = failure(READER.read(odd))
    assert (found.blocks, found.by_writer) == (False, True)


def test_a_fault_says_who_claims_to_have_written_it() -> None:
    odd = record(COMMANDS, envelope(IMPORT), data={})
    assert failure(READER.read(odd)).source == "/portals/office"
    assert failure(READER.read(record(COMMANDS, envelope(IMPORT), value=b"{"))).source is None
    assert failure(READER.read(record(COMMANDS, envelope(IMPORT), source="x\n", data={}))).source is None


# -- whose data it is: every type of every topic, by its golden example

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"
EVERY = Decoder(BY_NAME)
JUDGED = [
    pytest.param(topic, message, id=message.TYPE) for topic in TOPICS for message in topic.messages if message.TENANT
]


@pytest.mark.parametrize(("topic", "message"), JUDGED)
def test_a_message_under_a_foreign_tenant_is_refused(topic: Topic, message: type[Payload]) -> None:
    (path, *_) = sorted((EXAMPLES / message.TYPE).glob("*.json"))
    document = json.loads(path.read_text(encoding="utf-8"))
    as_written = golden(topic, document)
    assert isinstance(EVERY.read(as_written), Envelope)
    assert isinstance(EVERY.read(golden(topic, {**document, "tenantid": None})), Envelope)
    found = failure(EVERY.read(golden(topic, {**document, "tenantid": "another-organization"})))
    assert (found.stage, found.by_writer) == ("validate", True)
    assert "tenantid" in str(found.error)


def golden(topic: Topic, document: dict[str, Any]) -> ConsumerRecord:
    return ConsumerRecord(
        topic=topic.name, partition=0, offset=7, timestamp=0, timestamp_type=0, checksum=None,
        key=document["partitionkey"].encode(), value=json.dumps(document).encode(),
        serialized_key_size=0, serialized_value_size=0, headers=(),
    )  # fmt: skip


HUGE = int("9" * 4300)


@pytest.mark.parametrize("number", [HUGE, 2**70, "9" * 4300, -1, 1.5, True, None, [], {}], ids=lambda it: repr(it)[:9])
@pytest.mark.parametrize(
    "type_", ["kontor.enrollment.withdrawn.v1", "kontor.enrollment.enrollment-started.v2", "x.y.z.v1"]
)
def test_an_ignored_event_may_have_any_number(type_: str, number: Any) -> None:
    metrics = Metrics()
    reader = Decoder(BY_NAME, wanted=READ, sequences=Sequences(metrics))
    for offset, said in enumerate((1, number, 3)):
        found = reader.read(replace(record(EVENTS, envelope(STARTED), type=type_, sequence=said), offset=offset))
        assert found is None or failure(found).by_writer
    # A record in an unknown version is parked as nobody's event, and so the second one is missing.
    assert gaps(metrics) <= 1


def test_the_number_of_an_ignored_event_is_counted() -> None:
    metrics = Metrics()
    reader = Decoder(BY_NAME, wanted=READ, sequences=Sequences(metrics))
    ignored: dict[str, Any] = {"type": "kontor.enrollment.withdrawn.v1"}
    reader.read(replace(record(EVENTS, envelope(STARTED), **ignored, sequence="0000000001"), offset=0))
    reader.read(replace(record(EVENTS, envelope(STARTED), **ignored, sequence="0000000004"), offset=1))
    assert gaps(metrics) == 2


def test_a_stranger_ends_no_count_of_gaps() -> None:
    metrics = Metrics()
    reader = Decoder(BY_NAME, wanted=READ, sequences=Sequences(metrics))
    foreign: dict[str, Any] = {"type": "kontor.enrollment.withdrawn.v1", "source": "/somebody/else"}
    reader.read(replace(record(EVENTS, envelope(STARTED)), offset=0))
    reader.read(replace(record(EVENTS, envelope(STARTED), **foreign, sequence="0000000009"), offset=1))
    reader.read(replace(record(EVENTS, envelope(STARTED), sequence="0000000003"), offset=2))
    assert gaps(metrics) == 1


def test_a_mistake_of_our_own_is_parked_and_stops_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: Any) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("chassis.consumer.decoder.decode", mistaken)
    found = failure(READER.read(record(EVENTS, envelope(STARTED))))
    assert (found.stage, found.blocks, found.by_writer) == ("handle", True, False)


def gaps(metrics: Metrics) -> float:
    return metrics.registry.get_sample_value("kontor_sequence_gaps_total", {"topic": EVENTS}) or 0.0
