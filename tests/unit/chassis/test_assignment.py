"""An instance without a partition says so after a while, in its log and in its metrics."""

from typing import Any

from aiokafka import TopicPartition
from structlog.testing import capture_logs

from chassis.consumer.assignment import Assignment
from chassis.observability.metrics import Metrics


class Client:
    def __init__(self) -> None:
        self.places: set[TopicPartition] = set()

    def assignment(self) -> set[TopicPartition]:
        return self.places

    def highwater(self, place: TopicPartition) -> int | None:
        return {0: 10, 1: None}.get(place.partition)

    async def position(self, place: TopicPartition) -> int:
        return 7


async def test_no_partition_for_long_is_a_line_now_and_then_and_a_metric() -> None:
    now, client, metrics = 0.0, Client(), Metrics()
    reader: Any = client
    assignment = Assignment(
        lambda: reader, group="tally", topics=["a", "b"], after=60, metrics=metrics, clock=lambda: now
    )
    with capture_logs() as lines:
        for second in range(0, 1200, 5):
            now = float(second)
            await assignment.look()
        assert metrics.registry.get_sample_value("kontor_consumer_unassigned_seconds") == 1195
        client.places = {TopicPartition("a", 0), TopicPartition("a", 1)}
        await assignment.look()
    assert [(line["event"], line.get("seconds")) for line in lines] == [
        ("no_partition_assigned", 60),
        ("no_partition_assigned", 660),
        ("partitions_assigned", None),
    ]
    assert metrics.registry.get_sample_value("kontor_consumer_unassigned_seconds") == 0
    assert metrics.registry.get_sample_value("kontor_consumer_assigned_partitions", {"topic": "a"}) == 2
    assert metrics.registry.get_sample_value("kontor_consumer_assigned_partitions", {"topic": "b"}) == 0
    assert metrics.registry.get_sample_value("kontor_consumer_lag", {"topic": "a"}) == 3
    assert assignment.report()["lag"] == {"a": 3, "b": 0}


async def test_before_it_has_joined_an_instance_has_no_partition() -> None:
    assignment = Assignment(lambda: None, group="tally", topics=["a"], after=60, metrics=Metrics())
    await assignment.look()
    assert assignment.report()["assigned_partitions"] == {"a": 0}
    assert assignment.report()["unassigned_seconds"] is not None
