"""What cannot be said in v1 comes as v2 beside it: the gate lets it pass, old readers pass it over once they know of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from aiokafka import ConsumerRecord
from release import findings, report
from schemas import all_schemas, schema_of

from chassis.consumer.decoder import Decoder
from kontor_contracts import Envelope, Payload, UnknownVersionError, decode, encode, new_envelope
from kontor_contracts.envelope import Event
from kontor_contracts.relationships import PartnershipEnded, PartnershipEstablished
from kontor_contracts.topics import BY_NAME
from kontor_contracts.values import Id, Moment

V1 = PartnershipEnded
TOPIC = BY_NAME["relationships.events"]


class PartnershipEndedV2(Event):
    """The partnership ended; ``ended_by`` is an object now, which v1 could not become."""

    class By(Event):
        user_id: Id | None = None
        side: str

    TYPE: ClassVar[str] = V1.TYPE.replace(".v1", ".v2")
    TENANT: ClassVar[tuple[str, ...]] = ()
    partnership_id: Id
    ended_by: By
    ended_at: Moment


def v2() -> tuple[bytes, list[tuple[str, bytes]]]:
    envelope: Envelope[Payload] = new_envelope(
        PartnershipEndedV2(
            partnership_id="p1",
            ended_by=PartnershipEndedV2.By(side="provider"),
            ended_at=datetime(2026, 11, 28, tzinfo=UTC),
        ),
        id="m2",
        source=TOPIC.source,
        subject="partnership:p1",
        time=datetime(2026, 11, 28, tzinfo=UTC),
        sequence=8,
        correlationid="c1",
    )
    return encode(envelope)


def test_the_gate_passes_it_and_says_that_consumers_come_first() -> None:
    schemas = all_schemas()
    found = findings(schemas, {**schemas, PartnershipEndedV2.TYPE: schema_of(PartnershipEndedV2)})
    assert [(one.type, one.change, one.severity) for one in found] == [(PartnershipEndedV2.TYPE, "new", "fine")]
    assert report(found, "the release")[0].endswith("consumers first, or they pass over the first ones")


def test_v1_goes_only_with_a_refusal_of_the_gate() -> None:
    schemas = all_schemas()
    found = findings(schemas, {type_: schema for type_, schema in schemas.items() if type_ != V1.TYPE})
    assert [(one.type, one.severity) for one in found] == [(V1.TYPE, "breaking")]


def test_a_reader_of_v2_reads_both() -> None:
    both: dict[str, type[Payload]] = {**TOPIC.types, PartnershipEndedV2.TYPE: PartnershipEndedV2}
    read = decode(*v2(), both)
    assert isinstance(read.data, PartnershipEndedV2)
    assert read.data.ended_by.side == "provider"
    assert V1.TYPE in both


@pytest.mark.parametrize("wanted", [{V1}, {PartnershipEndedV2}, {PartnershipEstablished}])
def test_a_group_that_has_the_release_reads_the_version_it_wants(wanted: set[type[Payload]]) -> None:
    topic = replace(TOPIC, messages=(*TOPIC.messages, PartnershipEndedV2))
    value, headers = v2()
    record = ConsumerRecord(
        topic=topic.name, partition=0, offset=1, timestamp=0, timestamp_type=0, checksum=None, key=b"partnership:p1",
        value=value, serialized_key_size=0, serialized_value_size=0, headers=tuple(headers),
    )  # fmt: skip
    read = Decoder({topic.name: topic}, wanted=wanted).read(record)
    assert isinstance(read, Envelope) if PartnershipEndedV2 in wanted else read is None


def test_a_reader_without_the_release_parks_it() -> None:
    with pytest.raises(UnknownVersionError, match=r"version 2 is not understood; send one of .*\.v1"):
        decode(*v2(), TOPIC.types)
    assert json.loads(v2()[0])["type"].endswith(".v2")
