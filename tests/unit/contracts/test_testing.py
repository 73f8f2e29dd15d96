"""What the package offers to the tests of other teams: valid messages of every type, and topics in memory."""

import json
import random

import pytest
from aiokafka.partitioner import murmur2
from jsonschema import Draft202012Validator
from schemas import all_schemas

from kontor_contracts import MalformedError, decode, encode, organization_of
from kontor_contracts import partitions as ours
from kontor_contracts.testing import JOURNEY, FakeBroker, Samples, golden
from kontor_contracts.topics import TOPICS

TYPES = [type_ for topic in TOPICS for type_ in topic.types]
SCHEMAS = all_schemas()


@pytest.mark.parametrize("type_", TYPES)
def test_a_sample_is_valid_and_differs_with_the_seed(type_: str) -> None:
    one, two = (Samples(seed).message(type_) for seed in (1, 2))
    for message in (one, two):
        Draft202012Validator(SCHEMAS[type_]).validate(json.loads(encode(message)[0]))
    assert one.id != two.id
    assert encode(Samples(1).message(type_)) == encode(one)


def test_a_field_may_be_given_and_a_misspelt_one_is_refused() -> None:
    samples = Samples()
    message = samples.message("kontor.relationships.import-customer.v1", name="Weiß", country="AT")
    assert (message.data.name, message.data.country) == ("Weiß", "AT")
    with pytest.raises(TypeError, match="ImportCustomer has no nmae"):
        samples.message("kontor.relationships.import-customer.v1", nmae="Weiß")


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_a_journey_is_one_chain_with_numbers_without_gaps(seed: int) -> None:
    found = list(Samples(seed).journey())
    assert [one.type for one in found] == list(JOURNEY)
    assert [one.causationid for one in found] == [None, *(one.id for one in found[:-1])]
    assert len({one.correlationid for one in found}) == 1
    assert len({one.id for one in found}) == len(found)
    for subject in {one.subject for one in found}:
        numbers = [one.sequence for one in found if one.subject == subject]
        assert numbers == list(range(1, len(numbers) + 1))
    organizations = {organization_of(one.data) for one in found if one.type.startswith("kontor.enrollment.")}
    assert len(organizations) == 1, "one company goes all the way"
    listed = next(one for one in found if one.type == "kontor.relationships.partner-listed.v1")
    assert {listed.data.partner.organization_id} == organizations


def test_the_broker_brings_records_in_order_per_key() -> None:
    broker, samples = FakeBroker(), Samples(3)
    sent = [*samples.journey(), *samples.every_type()]
    for message in sent:
        broker.publish(message)
    for topic in TOPICS:
        if topic.messages:
            read = broker.messages(topic.name)
            assert len(read) == sum(one.type in topic.types for one in sent)
            for subject in {one.subject for one in read}:
                assert [one.id for one in read if one.subject == subject] == [
                    one.id for one in sent if one.subject == subject and one.type in topic.types
                ]
            places = [(record.partition, record.offset) for record in broker.records(topic.name)]
            assert places == sorted(set(places))


def test_the_broker_brings_repetitions_and_rubbish() -> None:
    broker = FakeBroker()
    message = Samples().message("kontor.relationships.partner-listed.v1")
    first, again = broker.publish(message), broker.publish(message, again=True)
    assert first.value == again.value
    assert ("republished", b"true") in again.headers
    assert (again.partition, again.offset) == (first.partition, first.offset + 1)
    broker.send("relationships.events", b"x", b"{")
    with pytest.raises(MalformedError):
        broker.messages("relationships.events")
    with pytest.raises(KeyError):
        broker.send("relationship.events", b"x", b"{")


def test_a_partition_is_the_one_of_every_other_client() -> None:
    keys = [random.Random(n).randbytes(n % 70) for n in range(500)]
    assert [ours.murmur2(key) for key in keys] == [murmur2(key) & 0xFFFFFFFF for key in keys]
    assert {ours.partition_of(key, 12) for key in keys} == set(range(12))


def test_a_golden_example_is_read_by_type_and_consumer() -> None:
    type_ = "kontor.relationships.resellers-authorized.v1"
    types = {type_: next(topic.types[type_] for topic in TOPICS if type_ in topic.types)}
    assert decode(golden(type_, "identity"), [], types) != decode(golden(type_), [], types)
    with pytest.raises(StopIteration):
        golden(type_, "nobody")
