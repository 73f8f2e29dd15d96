"""For the tests of those who read or write Kontor's messages: valid messages of every type, and a broker in memory.

    samples, broker = Samples(seed=7), FakeBroker()
    for message in samples.journey():
        broker.publish(message)
    for record in broker.records("relationships.events"):
        on_record(record.value, record.headers)

Nothing here is random: the same seed makes the same messages, byte by byte.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from kontor_contracts.envelope import REPUBLISHED, Envelope, Payload, decode, encode, new_envelope, organization_of
from kontor_contracts.partitions import partition_of
from kontor_contracts.topics import TOPICS, Topic

BEGIN = datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC)
JOURNEY = (
    "kontor.identity.user-signed-up.v1",
    "kontor.identity.organization-registered.v1",
    "kontor.enrollment.enrollment-started.v1",
    "kontor.enrollment.partner-id-associated.v1",
    "kontor.enrollment.enrollment-submitted.v1",
    "kontor.enrollment.contact-verification-requested.v1",
    "kontor.enrollment.contact-verified.v1",
    "kontor.enrollment.enrollment-approved.v1",
    "kontor.enrollment.agreement-signed.v1",
    "kontor.enrollment.enrollment-activated.v1",
    "kontor.identity.organization-activated.v1",
    "kontor.relationships.partner-listed.v1",
    "kontor.relationships.partnership-established.v1",
    "kontor.relationships.invitation-drafted.v1",
    "kontor.relationships.invitation-sent.v1",
    "kontor.notifications.mail-queued.v1",
    "kontor.notifications.mail-sent.v1",
    "kontor.relationships.invitation-accepted.v1",
    "kontor.relationships.resellers-authorized.v1",
    "kontor.relationships.subscriptions-reported.v1",
    "kontor.relationships.relationship-ended.v1",
)
"""From a company's first user to a customer that left: one conversation, each message caused by the one before."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NAMESPACE = UUID("0d5b7b0e-6f4a-5c1d-8a55-2b9f0e1c7d33")
_TOPIC_OF: Mapping[str, Topic] = {type_: topic for topic in TOPICS for type_ in topic.types}


def golden(type_: str, consumer: str | None = None) -> bytes:
    """The value of a golden example as it is published with the contracts; ``consumer``: one of those that have their own."""
    here = Path(__file__).parent
    folder = next(path for path in (here / "examples", here.parents[1] / "examples") if path.is_dir()) / type_
    names = [f"{consumer}.json"] if consumer else ["notifications.json", *sorted(one.name for one in folder.glob("*"))]
    return next(path for name in names if (path := folder / name).exists()).read_bytes()


class Samples:
    """Valid messages, made from the golden examples: other ids with each ``seed``, and a number of their own in their subject.

    What belongs together in the examples does so here: an id stands for the same company in all messages of a seed.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._count = 0
        self._sequences: dict[str, int] = {}
        self._conversation = self._id("conversation")

    def message(
        self, type_: str, *, subject: str | None = None, cause: str | None = None, **data: Any
    ) -> Envelope[Any]:
        """A message of the type; ``data`` replaces fields of it. TypeError for a field that the type does not have."""
        topic = _TOPIC_OF[type_]
        model = topic.types[type_]
        if unknown := data.keys() - model.model_fields.keys():
            raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
        document = json.loads(_UUID.sub(lambda found: self._id(found[0]), golden(type_).decode()))
        said = model.model_validate({**document["data"], **data})
        subject = subject or document["subject"]
        self._count += 1
        is_event = topic.kind in ("events", "snapshot")
        if is_event:
            self._sequences[subject] = self._sequences.get(subject, 0) + 1
        return new_envelope(
            said,
            id=self._id(f"message {self._count}"),
            source=document["source"],
            subject=subject,
            time=BEGIN + timedelta(seconds=self._count),
            sequence=self._sequences[subject] if is_event else 0,
            correlationid=self._conversation,
            causationid=cause,
            tenantid=organization_of(said),
            actor=document["actor"] if is_event else None,
        )

    def journey(self, types: tuple[str, ...] = JOURNEY) -> Iterator[Envelope[Any]]:
        """Messages of these types in this order, each caused by the one before."""
        cause = None
        for type_ in types:
            message = self.message(type_, cause=cause)
            cause = message.id
            yield message

    def every_type(self) -> Iterator[Envelope[Any]]:
        """One message of each type, topic by topic."""
        return (self.message(type_) for type_ in _TOPIC_OF)

    def _id(self, what: str) -> str:
        return str(uuid5(_NAMESPACE, f"{self._seed}/{what}"))


@dataclass(frozen=True, slots=True)
class Record:
    """What a consumer gets, by the names that aiokafka has for it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int


class FakeBroker:
    """Kontor's topics in memory: partitions by murmur2, offsets without gaps, all that delivery at least once may bring."""

    def __init__(self) -> None:
        self._logs: dict[tuple[str, int], list[Record]] = {}

    def publish(self, message: Envelope[Payload], *, again: bool = False) -> Record:
        """To its topic. ``again``: as Kontor announces once more what a topic has lost; the id is the same."""
        value, headers = encode(message)
        more = (REPUBLISHED,) if again else ()
        topic = _TOPIC_OF[message.type].name
        return self.send(topic, message.partitionkey.encode(), value, (*headers, *more))

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()
    ) -> Record:
        """Any bytes, as a producer with the right partitioner brings them there. KeyError for a topic that is none."""
        partitions = next((one.partitions for one in TOPICS if one.name == topic), None)
        if partitions is None:
            raise KeyError(topic)
        partition = partition_of(key, partitions) if key is not None else 0
        log = self._logs.setdefault((topic, partition), [])
        record = Record(topic, partition, len(log), key, value, headers, int(BEGIN.timestamp() * 1000) + len(log))
        log.append(record)
        return record

    def records(self, topic: str) -> list[Record]:
        """All of them: in order within a partition, the partitions one after the other."""
        return [record for (name, _), log in sorted(self._logs.items()) if name == topic for record in log]

    def messages(self, topic: str) -> list[Envelope[Any]]:
        """Those of known types, read. Raises MalformedError where something else was sent."""
        types = next(one.types for one in TOPICS if one.name == topic)
        return [decode(record.value, record.headers, types, record.key) for record in self.records(topic)]
