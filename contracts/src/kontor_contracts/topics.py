"""The topics, as data: who owns them, how they are keyed, who writes and who reads, what they carry.

Everything that knows a topic (the creating job, consumers, the README's table, schemas) reads it from here.
Producers MUST choose the partition with murmur2 over the key (Java's and aiokafka's default; librdkafka:
``murmur2_random``), or the order per key is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kontor_contracts import enrollment, identity, notifications, relationships
from kontor_contracts.envelope import Payload

DAY = 24 * 60 * 60 * 1000
"""Milliseconds."""

SERVICES = ("identity", "enrollment", "relationships", "notifications")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic. ``consumers`` are consumer groups; a group is named after its service and never renamed.

    Every process of a service in ``watchers`` reads the topic by itself, without a group: a short way back from its
    end, and then what comes.

    A topic that is compacted keeps the newest record of each key, and a tombstone for ``retention_ms``.
    """

    name: str
    owner: str
    kind: Literal["events", "commands", "snapshot", "dlq", "replay"]
    key: str
    messages: tuple[type[Payload], ...]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    personal_data: Literal["none", "ids", "contacts", "as-original"]
    partitions: int = 12
    watchers: tuple[str, ...] = ()
    cleanup: Literal["delete", "compact"] = "delete"
    retention_ms: int = 14 * DAY
    max_message_bytes: int = 1024 * 1024
    types: Mapping[str, type[Payload]] = field(init=False, repr=False, compare=False)
    """Wire type → payload class."""

    @property
    def compatibility(self) -> Literal["FULL_TRANSITIVE", "BACKWARD_TRANSITIVE", "NONE"]:
        """As Confluent's registry names it. Events: old and new readers understand all that was ever written in v1.

        Commands: a new reader understands all that was ever written; what it accepts may widen, so it comes first.
        Other topics hold what stood elsewhere.
        """
        match self.kind:
            case "events" | "snapshot":
                return "FULL_TRANSITIVE"
            case "commands":
                return "BACKWARD_TRANSITIVE"
            case _:
                return "NONE"

    @property
    def config(self) -> Mapping[str, str]:
        """The broker's settings of the topic, beside those that depend on the number of brokers."""
        kept = "delete.retention.ms" if self.cleanup == "compact" else "retention.ms"
        return {
            "cleanup.policy": self.cleanup,
            kept: str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
        }

    @property
    def source(self) -> str:
        """The ``source`` of its owner. On a topic of events or snapshots no other is believed."""
        return f"/kontor/{self.owner}"

    def __post_init__(self) -> None:
        object.__setattr__(self, "types", {message.TYPE: message for message in self.messages})


def _events(
    owner: str,
    messages: tuple[type[Payload], ...],
    consumers: tuple[str, ...],
    personal_data: Literal["ids", "contacts"],
    watchers: tuple[str, ...] = (),
) -> Topic:
    return Topic(
        name=f"{owner}.events",
        owner=owner,
        kind="events",
        key="subject (the aggregate)",
        messages=messages,
        producers=(owner,),
        consumers=consumers,
        personal_data=personal_data,
        watchers=watchers,
    )


def _group_topics(group: str) -> tuple[Topic, Topic]:
    # Parked records are the originals plus headers: these two take what every other topic takes, and a little more.
    dlq = Topic(
        name=f"{group}.dlq",
        owner=group,
        kind="dlq",
        key="as the original",
        messages=(),
        producers=(group,),
        consumers=(),
        personal_data="as-original",
        partitions=3,
        retention_ms=30 * DAY,
        max_message_bytes=2 * 1024 * 1024,
    )
    replay = Topic(
        name=f"{group}.replay",
        owner=group,
        kind="replay",
        key="as the original",
        messages=(),
        producers=("operator",),
        consumers=(group,),
        personal_data="as-original",
        partitions=3,
        retention_ms=30 * DAY,
        max_message_bytes=2 * 1024 * 1024,
    )
    return dlq, replay


TOPICS: tuple[Topic, ...] = (
    _events("identity", identity.EVENTS, SERVICES, "contacts", watchers=SERVICES),
    _events("enrollment", enrollment.EVENTS, ("identity", "relationships", "notifications"), "contacts"),
    _events(
        "relationships",
        relationships.EVENTS,
        ("identity", "relationships", "notifications"),
        "contacts",
        watchers=("relationships",),
    ),
    Topic(
        name="enrollment.commands",
        owner="enrollment",
        kind="commands",
        key="partner_id",
        messages=enrollment.COMMANDS,
        producers=("registry writers",),
        consumers=("enrollment",),
        personal_data="contacts",
    ),
    Topic(
        name="relationships.snapshot",
        owner="relationships",
        kind="snapshot",
        key="subject (the aggregate)",
        messages=relationships.SNAPSHOTS,
        producers=("relationships",),
        consumers=(),
        personal_data="ids",
        cleanup="compact",
    ),
    _events("notifications", notifications.EVENTS, ("identity", "enrollment", "relationships"), "contacts"),
    Topic(
        name="relationships.commands",
        owner="relationships",
        kind="commands",
        key="portal:external_id or portal:customer_id",
        messages=relationships.COMMANDS,
        producers=("other portals",),
        consumers=("relationships",),
        personal_data="none",
    ),
    *(topic for service in SERVICES for topic in _group_topics(service)),
)

BY_NAME: Mapping[str, Topic] = {topic.name: topic for topic in TOPICS}


def read_by(group: str) -> tuple[Topic, ...]:
    """The topics a consumer group reads, replay left out (it has no messages of its own)."""
    return tuple(topic for topic in TOPICS if group in topic.consumers and topic.kind != "replay")


def watched_by(service: str) -> tuple[Topic, ...]:
    """The topics that each process of a service reads by itself."""
    return tuple(topic for topic in TOPICS if service in topic.watchers)


def written_by(service: str) -> Topic:
    """The service's own event topic."""
    return BY_NAME[f"{service}.events"]
