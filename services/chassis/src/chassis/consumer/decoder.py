"""From a record to the message in it, or to what is wrong with it; and from a message to the cause of what follows."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from aiokafka import ConsumerRecord

from chassis.aggregate.model import Cause, CommandKey, Position, derived_id
from chassis.consumer.dead_letters.headers import Failure
from chassis.errors import PermanentError
from kontor_contracts import Envelope, MalformedError, UnknownTypeError, UnknownVersionError, decode
from kontor_contracts.topics import Topic


class InvalidError(PermanentError):
    """A well-formed message that breaks a rule of its topic. ``stray``: it stands in no aggregate's order."""

    def __init__(self, text: str, *, stray: bool = False) -> None:
        super().__init__(text)
        self.stray = stray


class Decoder:
    """Of one consumer group's topics, by their names on the broker."""

    def __init__(self, topics: Mapping[str, Topic]) -> None:
        self._topics = topics
        self._sources = {name: f"/kontor/{topic.owner}" for name, topic in topics.items() if topic.kind == "events"}

    def reads(self, topic: str) -> bool:
        return topic in self._topics

    def read(self, record: ConsumerRecord) -> Envelope[Any] | Failure | None:
        """None: nothing for us. What has no place in the order of an aggregate holds none up when it is parked."""
        try:
            return self._envelope(record)
        except UnknownTypeError as error:
            # New event types are additions that older readers let pass; a command nobody knows is somebody's mistake.
            return Failure("parse", error) if self._topics[record.topic].kind == "commands" else None
        except MalformedError as error:
            # The data comes last: where it is at fault, the envelope around it was found good.
            ordered = isinstance(error, UnknownVersionError) or error.field.partition(".")[0] == "data"
            return Failure("parse", error, blocks=ordered)
        except InvalidError as error:
            return Failure("validate", error, blocks=not error.stray)

    def cause(self, envelope: Envelope[Any], record: ConsumerRecord, now: datetime) -> Cause:
        topic = self._topics[record.topic]
        if topic.kind == "events":
            source, number = f"{topic.name}|{envelope.subject}", envelope.sequence
            key = None
        else:
            # Commands have no sequence. Their place in the log orders them, their id catches a producer's own repetition.
            # Those of one key alone: different keys are handled side by side, and a parked one comes later than the others.
            source, number = f"{topic.name}|{record.partition}|{envelope.partitionkey}", record.offset + 1
            key = CommandKey(derived_id(envelope.source, envelope.id), _content(envelope), envelope.time)
        return Cause(
            id=envelope.id,
            time=now,
            correlation_id=envelope.correlationid,
            actor=envelope.actor or "anonymous",
            tenant=envelope.tenantid,
            traceparent=envelope.traceparent,
            position=Position(_short(source), number),
            key=key,
            on_bus=True,
        )

    def _envelope(self, record: ConsumerRecord) -> Envelope[Any]:
        topic = self._topics[record.topic]
        envelope = decode(record.value, record.headers, topic.types)
        if record.key != envelope.partitionkey.encode():
            raise InvalidError("partitionkey: the record's key must equal it, or order is lost", stray=True)
        if (announces := self._sources.get(record.topic)) is not None:
            if envelope.source != announces:
                raise InvalidError(f"source: only {announces} announces on this topic", stray=True)
            if envelope.sequence < 1:
                raise InvalidError("sequence: an event carries its number within the aggregate, from 1", stray=True)
        owner = vars(envelope.data).get("organization_id")
        if owner is not None and envelope.tenantid not in (None, owner):
            raise InvalidError("tenantid: it differs from the organization in the data")
        return envelope


def _content(envelope: Envelope[Any]) -> str:
    """What is the same in a repetition, even one that was put into JSON by another library."""
    said = envelope.data.model_dump_json(exclude_defaults=True)
    parts = json.dumps([envelope.type, envelope.subject, json.loads(said)], sort_keys=True)
    return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=4096)
def _short(source: str) -> str:
    """A field's name for a source, in the documents that follow it."""
    return hashlib.blake2b(source.encode(), digest_size=9).hexdigest()
