"""How the broker's topics differ from the registry's. Pure: what is there comes in, what differs goes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kontor_contracts.topics import TOPICS, Topic

IN_SYNC = "min.insync.replicas"
Act = Literal["create", "set", "none"]


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as the broker has it. ``config`` None: this user may not read it."""

    partitions: int
    replicas: int
    config: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic as the registry has it. ``name`` is the broker's."""

    name: str
    partitions: int
    replicas: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """``act``: what `kontor topics apply` does about it. ``remedy``: what is left to people."""

    topic: str
    what: str
    wanted: str
    found: str
    act: Act
    remedy: str = ""


def wanted(prefix: str, replicas: int, min_insync: int, topics: Iterable[Topic] = TOPICS) -> list[Wanted]:
    return [
        Wanted(
            name=f"{prefix}{topic.name}",
            partitions=topic.partitions,
            replicas=replicas,
            config={
                **topic.config,
                IN_SYNC: str(min(min_insync, replicas)),
            },
        )
        for topic in topics
    ]


def differences(topics: Iterable[Wanted], found: Mapping[str, Found]) -> list[Difference]:
    """In the order of the registry; empty where the broker has what the registry says."""
    return [difference for topic in topics for difference in _of(topic, found.get(topic.name))]


def _of(topic: Wanted, found: Found | None) -> list[Difference]:
    if found is None:
        return [Difference(topic.name, "topic", f"{topic.partitions} partitions", "missing", "create")]
    return [*_shape(topic, found), *_config(topic, found)]


def _shape(topic: Wanted, found: Found) -> list[Difference]:
    differing = []
    if found.partitions != topic.partitions:
        remedy = "keys would move to other partitions; a topic with other partitions needs a new name and a plan"
        differing.append(
            Difference(topic.name, "partitions", str(topic.partitions), str(found.partitions), "none", remedy)
        )
    if found.replicas != topic.replicas:
        remedy = "move partitions with the broker's tools (kafka-reassign-partitions.sh), or give --replication-factor"
        differing.append(Difference(topic.name, "replicas", str(topic.replicas), str(found.replicas), "none", remedy))
    return differing


def _config(topic: Wanted, found: Found) -> list[Difference]:
    if found.config is None:
        remedy = "this user may not read the topic's settings; it needs DescribeConfigs"
        return [Difference(topic.name, "settings", "as the registry says", "unknown", "none", remedy)]
    return [
        Difference(topic.name, name, value, found.config.get(name, "not set"), "set")
        for name, value in _bounded(topic.config, found.replicas).items()
        if found.config.get(name) != value
    ]


def _bounded(config: Mapping[str, str], replicas: int) -> Mapping[str, str]:
    """A topic that wants more copies in sync than it has takes no record."""
    wanted_in_sync = config.get(IN_SYNC)
    if wanted_in_sync is None or int(wanted_in_sync) <= replicas:
        return config
    return {**config, IN_SYNC: str(replicas)}
