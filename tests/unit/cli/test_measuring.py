"""What the console tells of topics and groups."""

from typing import Any

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from kontor_cli.connection import Connection
from kontor_cli.console.measuring import Measuring

ONE, OTHER = TopicPartition("p.identity.events", 0), TopicPartition("p.identity.events", 1)


class Broker:
    """Consumer and admin client in one."""

    def __init__(self) -> None:
        self.ends = {ONE: 10, OTHER: 5}
        self.committed = {"p.enrollment": {ONE: OffsetAndMetadata(7, ""), OTHER: OffsetAndMetadata(5, "")}}

    async def list_topics(self) -> list[str]:
        return ["p.identity.events"]

    async def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        return [{"topic": name, "partitions": [{"partition": 0}, {"partition": 1}]} for name in names]

    async def end_offsets(self, _: Any) -> dict[TopicPartition, int]:
        return dict(self.ends)

    async def beginning_offsets(self, _: Any) -> dict[TopicPartition, int]:
        return {ONE: 4, OTHER: 0}

    async def list_consumer_group_offsets(self, group: str) -> dict[TopicPartition, OffsetAndMetadata]:
        return self.committed.get(group, {})


async def measured(broker: Any, measuring: Measuring) -> tuple[dict[str, Any], dict[str, Any]]:
    found = await measuring.measure(broker, broker)
    return {one["name"]: one for one in found["topics"]}, {one["name"]: one for one in found["groups"]}


async def test_sizes_and_lag_are_sums_over_partitions() -> None:
    topics, groups = await measured(Broker(), Measuring(Connection("b:1", "p.", "PLAINTEXT")))
    assert topics["identity.events"]["records"] == 11
    assert topics["enrollment.events"]["records"] is None, "the broker has no such topic"
    assert groups["enrollment"] == {"name": "enrollment", "lag": 3, "topics": {"identity.events": 3}}


async def test_a_group_that_has_read_nothing_has_an_unknown_lag() -> None:
    _, groups = await measured(Broker(), Measuring(Connection("b:1", "p.", "PLAINTEXT")))
    assert groups["identity"]["lag"] is None


async def test_a_rate_needs_two_looks() -> None:
    broker, measuring = Broker(), Measuring(Connection("b:1", "p.", "PLAINTEXT"))
    topics, _ = await measured(broker, measuring)
    assert topics["identity.events"]["rate"] is None
    broker.ends[ONE] += 100
    topics, _ = await measured(broker, measuring)
    assert topics["identity.events"]["rate"] > 0
