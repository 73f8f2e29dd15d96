"""Who may do what with which topic, by the registry: as the broker's authorizer has to be told."""

from collections.abc import Iterator
from typing import NamedTuple

from kontor_contracts.topics import SERVICES, TOPICS, Topic

OPERATOR = "operator"
TOPICS_JOB = "topics"
CLUSTER = "kafka-cluster"
"""The name of the one resource of that kind."""
READS, WRITES = "Read, Describe", "Write, Describe"


class Grant(NamedTuple):
    """One line of the table. ``kind`` and ``name`` of the resource as Kafka says them."""

    principal: str
    kind: str
    name: str
    operations: str
    why: str


def grants() -> list[Grant]:
    """Sorted by principal. What is not here is denied."""
    found = [grant for topic in TOPICS for grant in _of(topic)]
    found += [
        Grant(service, "Group", service, "Read", "its consumer group")
        for service in SERVICES
        if any(service in topic.consumers for topic in TOPICS)
    ]
    found += [
        Grant(OPERATOR, "Cluster", CLUSTER, "Describe", "`kontor topics diff` compares the ACLs"),
        Grant(OPERATOR, "Group", "*", "Describe", "lag"),
        Grant(OPERATOR, "Topic", "*", "Describe, DescribeConfigs", "`kontor topics diff`, `kontor doctor`"),
        Grant(TOPICS_JOB, "Topic", "*", "Create, Describe", "the job that creates the topics"),
        Grant(TOPICS_JOB, "Topic", "*", "DescribeConfigs, AlterConfigs", "`kontor topics apply` sets what differs"),
    ]
    return sorted(set(found), key=lambda grant: (grant.principal, grant.kind, grant.name, grant.operations))


def _of(topic: Topic) -> Iterator[Grant]:
    for writer in topic.producers:
        yield Grant(writer, "Topic", topic.name, WRITES, _writing(topic, writer))
    for reader in topic.consumers:
        yield Grant(reader, "Topic", topic.name, READS, "its group reads it")
    for watcher in topic.watchers:
        if watcher not in topic.consumers:
            yield Grant(watcher, "Topic", topic.name, READS, "each process reads it, without a group")
    if topic.kind == "dlq":
        yield Grant(OPERATOR, "Topic", topic.name, READS, "`kontor dlq`")


def _writing(topic: Topic, writer: str) -> str:
    if topic.kind == "events":
        return "its own events; nobody else may write here"
    if topic.kind == "snapshot":
        return "the present state of its documents; nobody else may write here"
    if topic.kind == "dlq":
        return "what its group could not apply"
    return "`kontor dlq replay`" if writer == OPERATOR else "a principal of its own for each of them"
