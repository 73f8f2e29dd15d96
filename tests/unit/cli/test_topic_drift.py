"""What differs between the broker's topics and the registry is named, with what can be done about it."""

import pytest

from kontor_cli.topic_drift import Found, Wanted, differences, wanted
from kontor_contracts.topics import TOPICS

TOPIC = Wanted(name="a.events", partitions=12, replicas=3, config={"retention.ms": "100", "cleanup.policy": "delete"})


def found(partitions: int = 12, replicas: int = 3, **config: str) -> dict[str, Found]:
    settings = {"retention.ms": "100", "cleanup.policy": "delete"} | {
        key.replace("_", "."): value for key, value in config.items()
    }
    return {"a.events": Found(partitions, replicas, settings)}


def test_what_is_as_the_registry_says_is_no_difference() -> None:
    assert differences([TOPIC], found()) == []
    assert differences([TOPIC], found(segment_ms="7")) == []


def test_a_missing_topic_is_created() -> None:
    (one,) = differences([TOPIC], {})
    assert (one.topic, one.found, one.act) == ("a.events", "missing", "create")


@pytest.mark.parametrize(
    ("partitions", "replicas", "what"), [(6, 3, "partitions"), (24, 3, "partitions"), (12, 1, "replicas")]
)
def test_partitions_and_replicas_are_left_to_people(partitions: int, replicas: int, what: str) -> None:
    (one,) = differences([TOPIC], found(partitions, replicas))
    assert (one.what, one.act) == (what, "none")
    assert one.remedy


def test_a_setting_that_differs_is_set() -> None:
    (one,) = differences([TOPIC], found(retention_ms="7"))
    assert (one.what, one.wanted, one.found, one.act) == ("retention.ms", "100", "7", "set")


def test_settings_that_may_not_be_read_are_unknown() -> None:
    (one,) = differences([TOPIC], {"a.events": Found(12, 3, None)})
    assert (one.found, one.act) == ("unknown", "none")
    assert "DescribeConfigs" in one.remedy


def test_every_topic_of_the_registry_is_wanted_under_the_prefix() -> None:
    topics = wanted("blue.", replicas=1, min_insync=2)
    assert [topic.name for topic in topics] == [f"blue.{topic.name}" for topic in TOPICS]
    assert {topic.config["min.insync.replicas"] for topic in topics} == {"1"}, "more than the copies takes no writes"


def test_no_topic_is_asked_for_more_copies_in_sync_than_it_has() -> None:
    topic = Wanted(name="a.events", partitions=12, replicas=3, config={"min.insync.replicas": "2"})
    assert [one.what for one in differences([topic], {"a.events": Found(12, 1, {"min.insync.replicas": "1"})})] == [
        "replicas"
    ]
    (_, one) = differences([topic], {"a.events": Found(12, 2, {"min.insync.replicas": "1"})})
    assert (one.what, one.wanted) == ("min.insync.replicas", "2")
