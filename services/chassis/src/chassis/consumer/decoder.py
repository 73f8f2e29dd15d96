"""From a record to the message in it, or to what is wrong with it; and from a message to the cause of what follows."""

import hashlib
import json
import re
from collections.abc import Container, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from aiokafka import ConsumerRecord

from chassis import tracing
from chassis.aggregate.model import Cause, CommandKey, Position, derived_id
from chassis.consumer.dead_letters.headers import Failure
from chassis.consumer.judgement import InvalidError, claimed_sequence, judge, stands_in_order
from chassis.consumer.sequences import Sequences
from chassis.tracing import Headers
from kontor_contracts import (
    REPUBLISHED,
    Envelope,
    MalformedError,
    Payload,
    UnknownTypeError,
    UnknownVersionError,
    announced_type,
    decode,
    organization_of,
)
from kontor_contracts.topics import Topic

__all__ = ["Decoder", "InvalidError"]

MAX_SOURCE = 64


class Decoder:
    """Of one consumer group's topics, by their names on the broker. ``wanted``: the messages it reads; None: all.

    ``reply_topics``: by the source of a command, the topics to which it may ask its answer.
    """

    def __init__(
        self,
        topics: Mapping[str, Topic],
        wanted: Container[type[Payload]] | None = None,
        sequences: Sequences | None = None,
        reply_topics: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self._topics = topics
        self._sequences = sequences
        self._reply_topics = reply_topics or {}
        self._types = {
            name: {type_: data for type_, data in topic.types.items() if wanted is None or data in wanted}
            for name, topic in topics.items()
        }

    def reads(self, topic: str) -> bool:
        return topic in self._topics

    def is_ordered(self, topic: str) -> bool:
        """Whether what breaks the contract holds up its key: events have numbers, and a later one must not overtake.

        A command has none. It changes nothing until it is sent again, rightly; and anybody may write one.
        """
        return self._topics[topic].kind == "events"

    def read(self, record: ConsumerRecord) -> Envelope[Any] | Failure | None:
        """None: nothing for us. What has no place in the order of an aggregate holds none up when it is parked. Never raises."""
        try:
            found, claims = self._read(record)
            self._count(record, found, claims)
        except Exception as error:  # noqa: BLE001  a mistake of ours: it is parked and counted, and stops no other record
            return Failure("handle", error, blocks=self.is_ordered(record.topic))
        return found

    def traced(self, record: ConsumerRecord) -> Headers | None:
        """The headers whose trace is followed. Of commands none: a trace of Kontor's is not begun by strangers."""
        return record.headers if self.is_ordered(record.topic) and REPUBLISHED not in record.headers else None

    def _count(self, record: ConsumerRecord, found: Envelope[Any] | Failure | None, claims: Mapping[str, Any]) -> None:
        topic = self._topics[record.topic]
        if self._sequences is None or topic.kind != "events":
            return
        if isinstance(found, Envelope):
            self._sequences.saw(record, found.sequence)
        elif (found is None or found.blocks) and (not claims or claims.get("source") == topic.source):
            in_order = stands_in_order(claims, topic, record.key)
            self._sequences.saw(record, claimed_sequence(claims) if in_order else None)

    def _read(self, record: ConsumerRecord) -> tuple[Envelope[Any] | Failure | None, Mapping[str, Any]]:
        """What is found, and the record's attributes as far as they could be read."""
        topic = self._topics[record.topic]
        try:
            envelope = decode(record.value, record.headers, self._types[record.topic], record.key)
        except UnknownTypeError as error:
            # New event types are additions that older readers ignore; a command of an unknown type is a mistake.
            mistaken = topic.kind == "commands" and error.type not in topic.types
            source = _claimed_source(error.claims)
            fault = Failure("parse", error, blocks=False, source=source, claims=error.claims) if mistaken else None
            return fault, error.claims
        except MalformedError as error:
            return None if self._is_for_others(record, error) else self._malformed(record, error), error.claims
        try:
            judge(envelope, topic, record.key)
            self._judge_reply(envelope)
        except InvalidError as error:
            blocks = self.is_ordered(record.topic) and not error.stray
            claims = vars(envelope)
            return Failure("validate", error, blocks=blocks, source=envelope.source, claims=claims), claims
        return envelope, vars(envelope)

    def _judge_reply(self, envelope: Envelope[Any]) -> None:
        """Raises InvalidError where a command asks its answer to a topic that is not its sender's."""
        wanted = getattr(envelope, "replyto", None)
        if wanted is not None and wanted not in self._reply_topics.get(envelope.source, ()):
            raise InvalidError(
                "replyto: this topic is not registered for the source; see KONTOR_REPLY_TOPICS", stray=True
            )

    def _is_for_others(self, record: ConsumerRecord, error: MalformedError) -> bool:
        """A record of a type that this group ignores, by its headers where the body cannot be read at all."""
        announced = error.claims.get("type") if error.claims else announced_type(record.headers)
        known, wanted = self._topics[record.topic].types, self._types[record.topic]
        return isinstance(announced, str) and announced in known and announced not in wanted

    def _malformed(self, record: ConsumerRecord, error: MalformedError) -> Failure:
        # The data comes last: where it is at fault, the envelope around it was found good.
        whole = isinstance(error, UnknownVersionError) or error.field.partition(".")[0] == "data"
        blocks = whole and stands_in_order(error.claims, self._topics[record.topic], record.key)
        return Failure("parse", error, blocks=blocks, source=_claimed_source(error.claims), claims=error.claims)

    def cause(
        self, envelope: Envelope[Any], record: ConsumerRecord, now: datetime, *, confirmed: bool = False
    ) -> Cause:
        """``confirmed``: an operator replays the record, so its number is right however far ahead it is."""
        topic = self._topics[record.topic]
        if topic.kind == "events":
            source, number, counted = f"{topic.name}|{envelope.subject}", envelope.sequence, not confirmed
            key, actor, trace = None, envelope.actor or "anonymous", envelope.traceparent
        else:
            # Commands have no sequence. Their place in the log orders them, their id catches a producer's own repetition.
            # Those of one key alone: different keys are handled side by side, and a parked one comes later than the others.
            source, number = f"{topic.name}|{record.partition}|{envelope.partitionkey}", record.offset + 1
            counted = False
            # Who acted there, only its sender knows. What it claims would stand in our events as our own word
            # (`kontor_contracts.claims`).
            key, actor, trace = command_key(envelope), portal_actor(envelope.source), None
        return Cause(
            id=envelope.id,
            time=now,
            correlation_id=envelope.correlationid,
            actor=actor,
            # By the rule of its type: what the envelope says beside the data is not judged where the data names none.
            tenant=organization_of(envelope.data),
            traceparent=tracing.traceparent() or trace,
            position=Position(_short(source), number, counted, again=REPUBLISHED in record.headers),
            key=key,
            on_bus=True,
            reply_to=getattr(envelope, "replyto", None),
        )


def _claimed_source(claims: Mapping[str, Any]) -> str | None:
    source = claims.get("source")
    return source[:MAX_SOURCE] if isinstance(source, str) and source.isascii() and source.isprintable() else None


def portal_actor(source: str) -> str:
    """The actor of a command: the portal by the last part of its source, ``portal:nordlicht`` for ``/portals/nordlicht``."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", source.rstrip("/").rpartition("/")[2])[:MAX_SOURCE].strip("-")
    return f"portal:{name}" if name else "portal"


def command_key(envelope: Envelope[Any]) -> CommandKey:
    """What a command from a topic is recognized by when it comes again."""
    return CommandKey(derived_id(envelope.source, envelope.id), _content(envelope), envelope.time)


def _content(envelope: Envelope[Any]) -> str:
    """What is the same in a repetition, even one that was put into JSON by another library."""
    said = envelope.data.model_dump_json(exclude_defaults=True)
    parts = json.dumps([envelope.type, envelope.subject, json.loads(said)], sort_keys=True)
    return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=4096)
def _short(source: str) -> str:
    """A field's name for a source, in the documents that follow it."""
    return hashlib.blake2b(source.encode(), digest_size=9).hexdigest()
