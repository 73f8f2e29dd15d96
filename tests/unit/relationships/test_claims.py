"""Each line of the table of claims holds: what is refused names its field, and what is taken becomes what the table says."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from chassis.consumer.bad_commands import bad_command
from chassis.consumer.dead_letters.headers import Failure
from chassis.consumer.decoder import Decoder
from chassis.consumer.judgement import InvalidError
from kontor_contracts import Envelope
from kontor_contracts.claims import ABSENT, RULES, Rule, Written
from kontor_contracts.topics import BY_NAME
from relationships.portals import Portal, Portals

TOPIC = "relationships.commands"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
KEY = b"office:K-1"
DATA = {"portal": "office", "external_id": "K-1", "name": "Köhler", "country": "DE", "partner_id": "471101"}
GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "m-1",
    "source": "/portals/office",
    "type": "kontor.relationships.import-customer.v1",
    "subject": "office:K-1",
    "time": "2026-11-27T10:00:00Z",
    "datacontenttype": "application/json",
    "partitionkey": "office:K-1",
    "correlationid": "c-1",
    "data": DATA,
}
PORTALS = Portals({"office": Portal(source="/portals/office")})
READER = Decoder(BY_NAME, reply_topics={"/portals/office": frozenset({"office.answers"})})


def record(written: Written) -> ConsumerRecord:
    document = {name: said for name, said in {**GOOD, **written.attributes}.items() if said != ABSENT}
    if "data_base64" in document:
        document["data_base64"] = base64.b64encode(json.dumps(DATA).encode()).decode()
    headers: dict[str, bytes | None] = {"content-type": b"application/cloudevents+json"}
    if written.mode == "binary":
        headers = {f"ce_{name}": said.encode() for name, said in document.items() if isinstance(said, str)}
        headers["content-type"] = headers.pop("ce_datacontenttype")
        document = document["data"]
    return ConsumerRecord(
        topic=TOPIC, partition=3 if written.partition is None else written.partition, offset=7, timestamp=0,
        timestamp_type=0, checksum=None, key=KEY if written.key == "good" else written.key,
        value=json.dumps(document).encode(), serialized_key_size=0, serialized_value_size=0,
        headers=tuple({**headers, **written.headers}.items()),
    )  # fmt: skip


def read(written: Written) -> Envelope[Any] | Failure | None:
    """As relationships reads it: its decoder, then its rule about portals."""
    found = READER.read(record(written))
    if isinstance(found, Envelope):
        try:
            PORTALS.judge(found, found.data.portal, found.data.external_id)
        except InvalidError as error:
            return Failure("validate", error, blocks=False, source=found.source, claims=vars(found))
    return found


def cases(*, refused: bool) -> list[Any]:
    return [*_cases(refused=refused)]


def _cases(*, refused: bool) -> Iterator[Any]:
    for number, rule in enumerate(RULES):
        if (rule.refused is not None) == refused:
            for case, written in enumerate(rule.written):
                yield pytest.param(rule, written, id=f"{number}.{case} {rule.claim}: {rule.says}"[:60])


@pytest.mark.parametrize(("rule", "written"), cases(refused=False))
def test_a_claim_that_the_table_takes_is_taken(rule: Rule, written: Written) -> None:
    found = read(written)
    assert isinstance(found, Envelope), found
    assert found.data.model_dump(mode="json", exclude_unset=True) == DATA
    assert found.partitionkey == KEY.decode()
    cause = READER.cause(found, record(written), NOW)
    assert (cause.actor, cause.tenant, cause.traceparent, cause.time) == ("portal:office", None, None, NOW)
    said = written.attributes.get("correlationid", GOOD["correlationid"])
    assert cause.correlation_id == (found.id if said in {ABSENT, None} else said)


@pytest.mark.parametrize(("rule", "written"), cases(refused=True))
def test_a_claim_that_the_table_refuses_is_refused(rule: Rule, written: Written) -> None:
    failure = read(written)
    assert isinstance(failure, Failure)
    assert not failure.blocks
    answer = bad_command(failure)
    assert answer is not None
    assert (answer.id, answer.source) == ("m-1", written.attributes.get("source", GOOD["source"]))
    assert answer.field == rule.refused
    assert answer.detail


@pytest.mark.parametrize("said", ["2016-12-31T23:59:60Z", "2017-01-01T00:59:60.5+01:00"])
def test_a_leap_second_is_the_first_moment_after_it(said: str) -> None:
    found = read(Written(attributes={"time": said}))
    assert isinstance(found, Envelope)
    assert found.time == datetime(2017, 1, 1, tzinfo=UTC)


def test_a_service_of_ours_is_no_portal_where_none_are_registered() -> None:
    found = READER.read(record(Written(attributes={"source": "/kontor/identity"})))
    assert isinstance(found, Failure)
    assert str(found.error).startswith("source: ")


def test_the_same_command_is_recognized_with_other_claims() -> None:
    """What is passed over makes no second command of a repetition."""
    first, *others = (
        read(Written(attributes=attributes))
        for attributes in ({}, {"tenantid": "other", "actor": "user:x"}, {"partitionkey": ABSENT, "sequence": "9"})
    )
    assert isinstance(first, Envelope)
    keys = {READER.cause(one, record(Written()), NOW).key for one in (first, *others) if isinstance(one, Envelope)}
    assert len(keys) == 1
    assert len(others) == 2
