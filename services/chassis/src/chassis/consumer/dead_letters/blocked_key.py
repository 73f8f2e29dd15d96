"""A blocked key: the records of one key in one partition, which are applied in order or wait for one another.

A record that is parked holds up its key: it is *open*, and what comes behind it with the same key is parked too, until all that
is open has been settled, the first of them first. Without this, the events behind it would move the watermark past it,
and when it is replayed it would count as a duplicate: lost. A blocked key is a document of its service. Its kind is ``lane``, the
word of older releases.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from aiokafka import ConsumerRecord

from chassis.aggregate.model import Aggregate, Index

Standing = Literal["free", "first", "waiting", "behind"]
"""Of a record in its key: nothing open is before it (``free``; ``first``: it is open itself), or something is (``waiting``:
it is open itself; ``behind``: it is not)."""


@dataclass(frozen=True, slots=True)
class BlockedKey:
    """``open`` are offsets, in order. ``key`` is in base64. ``blocked`` says that something is open, for the index."""

    topic: str = ""
    partition: int = 0
    key: str = ""
    open: tuple[int, ...] = ()
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Open a record that could not be applied, whatever stands before it."""

    topic: str
    partition: int
    key: str
    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Open a record if something open is before it."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Close a record: it was applied, or discarded."""

    offset: int


@dataclass(frozen=True, slots=True)
class KeyBlocked:
    topic: str
    partition: int
    key: str
    offset: int


@dataclass(frozen=True, slots=True)
class WaitBegan:
    offset: int


@dataclass(frozen=True, slots=True)
class RecordSettled:
    offset: int


BlockedKeyCommand = Block | Wait | Settle
BlockedKeyFact = KeyBlocked | WaitBegan | RecordSettled


def decide(command: BlockedKeyCommand, blocked_key: BlockedKey) -> Sequence[BlockedKeyFact]:
    """[]: it is so already, or, with Block and Wait, the key has as many open records as it may have."""
    match command:
        case Block(topic, partition, key, offset, limit):
            taken = offset in blocked_key.open or len(blocked_key.open) >= limit
            return [] if taken else [KeyBlocked(topic, partition, key, offset)]
        case Wait(offset, limit):
            waits = standing(blocked_key, offset) == "behind" and len(blocked_key.open) < limit
            return [WaitBegan(offset)] if waits else []
        case Settle(offset):
            return [RecordSettled(offset)] if offset in blocked_key.open else []
        case _:
            assert_never(command)


def evolve(blocked_key: BlockedKey, fact: BlockedKeyFact) -> BlockedKey:
    match fact:
        case KeyBlocked(topic, partition, key, offset):
            return replace(
                blocked_key,
                topic=topic,
                partition=partition,
                key=key,
                open=_with(blocked_key.open, offset),
                blocked=True,
            )
        case WaitBegan(offset):
            return replace(blocked_key, open=_with(blocked_key.open, offset), blocked=True)
        case RecordSettled(offset):
            left = tuple(other for other in blocked_key.open if other != offset)
            return replace(blocked_key, open=left, blocked=bool(left))
        case _:
            assert_never(fact)


def standing(blocked_key: BlockedKey, offset: int) -> Standing:
    if not blocked_key.open or offset < blocked_key.open[0]:
        return "free"
    if offset == blocked_key.open[0]:
        return "first"
    return "waiting" if offset in blocked_key.open else "behind"


def blocked_key_id(record: ConsumerRecord) -> str | None:
    """The id of its document. None for a record without a key: it stands in no order."""
    if record.key is None:
        return None
    place = f"{record.topic}|{record.partition}|".encode()
    return BLOCKED_KEY.id(hashlib.blake2b(place + record.key, digest_size=16).hexdigest())


def key_text(record: ConsumerRecord) -> str:
    return base64.b64encode(record.key or b"").decode()


def _with(offsets: tuple[int, ...], offset: int) -> tuple[int, ...]:
    return tuple(sorted({*offsets, offset}))


BLOCKED_KEY = Aggregate(
    "lane",
    initial=BlockedKey(),
    decide=decide,
    evolve=evolve,
    indexes=(Index("lane_blocked", ("state.blocked", "_id")),),
)
