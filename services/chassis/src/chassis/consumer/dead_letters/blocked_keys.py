"""Which keys are held up, as one instance of a consumer group knows it, and the way to the keys' documents.

The documents decide; what is in memory only saves asking them. It holds, for every partition of ours, at least the keys
that are held up, so a record of any other key goes on at no cost at all; a record of one of these asks its document, in
the same write that lets it wait. A key that is free again needs no announcement: its next record finds it so.

Why nothing held up is ever missed. Only the owner of its partition blocks a key: replaying
takes records off keys and never puts one on. Take a record at offset o that this instance has just read, and an open one
at x < o of its key. Either we read x ourselves since the partition was assigned to us: then we parked it, and put its key
into memory before we came to o. Or our reading began behind x, because somebody had committed x: the key's document was
written (to the majority) before the dead letter, the dead letter before the commit, the commit before the group gave the
partition to us, and after that we read the list of keys. A new assignment therefore makes the list stale, and a batch
does not begin with a stale list.

The races, and what they lead to:

- Crash between the key's document and the dead letter, or between the dead letter and the commit: the record is read again,
  finds itself the first open one and is tried again. It fails again and is parked again (the key has it already, the last
  dead letter counts), or is applied, and then a resolution goes out and the key is free.
- A member that has lost its partition and does not know yet goes on for a while (a zombie). What it applies, the new owner
  finds applied; what it parks, the new owner applies or parks itself, for its offset was not committed. In the first case
  a record stays open that has been applied: it holds up its key from the next assignment on, and replaying it finds a
  duplicate and frees the key. Later events wait, none is lost.
- Settling (by the reader of the replay topic) against waiting (by the owner): both write the same document under its
  version. If the wait comes first, the record is open and has to be replayed like those before it. If it comes last, it
  finds nothing before it and the record is handled at once; what was before it is applied by then, since settling comes
  after applying.
- Two instances replay the same record, after a rebalance of the replay topic: the watermark lets one of them through.
- The same topic read again from the start: what is before the first open record goes by as duplicates; the open ones are
  tried again in their turn, what is behind them waits. A discarded record is tried again, too, if its aggregate has had
  no event since.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Cause
from chassis.consumer.dead_letters.blocked_key import (
    BLOCKED_KEY,
    Block,
    BlockedKey,
    BlockedKeyCommand,
    Settle,
    Standing,
    Wait,
    blocked_key_id,
    key_text,
    standing,
)
from chassis.errors import TransientError
from chassis.mongo.store import MongoStore
from chassis.observability.metrics import Metrics
from kontor_contracts.deadletters import Place

log = structlog.get_logger("chassis.consumer.dead_letters.blocked_keys")

PAGE = 1000
WATCH_SECONDS = 10.0


class BlockedKeyFullError(TransientError):
    """As many records wait in a key as may: its partition waits until some have been replayed or discarded."""


class BlockedKeys:
    """Of one consumer group. All methods but ``expire`` may raise a TransientError."""

    def __init__(
        self,
        store: MongoStore,
        handler: Handler,
        *,
        group: str,
        limit: int,
        now: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._handler = handler
        self._group = group
        self._limit = limit
        self._now = now
        self._metrics = metrics
        self._known: set[str] = set()
        self._stale = True

    def expire(self) -> None:
        """Other partitions are ours now, or will be."""
        self._stale = True

    async def refresh(self) -> None:
        """Read the list again if it is stale. Call between batches only."""
        if not self._stale:
            return
        # Before reading: an assignment in the meantime makes the list stale again.
        self._stale = False
        try:
            self._known = await self._load()
        except BaseException:
            self._stale = True
            raise
        self._metrics.blocked_lanes.set(len(self._known))

    async def watch(self) -> None:
        """Keep the metric true: an idle instance hears of no record, and so of no key that was freed. Never returns."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._known:
                try:
                    self._metrics.blocked_lanes.set(len(await self._load()))
                except TransientError as error:
                    log.warning("blocked_keys_not_counted", error=str(error), held=True)

    def is_free(self, record: ConsumerRecord) -> bool:
        """True where nothing is known to hold the record up, so that ``turn`` would say so without a look anywhere."""
        return not self._known or blocked_key_id(record) not in self._known

    async def standing_of(self, record: ConsumerRecord) -> Standing:
        """Whether the record may be handled (``free``, ``first``) or is open now (``waiting``). Raises BlockedKeyFullError."""
        if self.is_free(record) or (id := blocked_key_id(record)) is None:
            return "free"
        blocked_key = await self._run(id, Wait(record.offset, self._limit))
        if not blocked_key.open:
            self._known.discard(id)
        found = standing(blocked_key, record.offset)
        if found == "behind":
            raise self._full(id, blocked_key)
        return found

    async def block(self, record: ConsumerRecord) -> str | None:
        """Open the record; the key's id, None where it has none. Raises BlockedKeyFullError."""
        id = blocked_key_id(record)
        if id is None:
            return None
        # In memory first: the write may be done although its answer is lost.
        self._known.add(id)
        self._metrics.blocked_lanes.set(len(self._known))
        command = Block(record.topic, record.partition, key_text(record), record.offset, self._limit)
        blocked_key = await self._run(id, command)
        if record.offset not in blocked_key.open:
            raise self._full(id, blocked_key)
        return id

    async def settle(self, record: ConsumerRecord) -> int:
        """Close the record, if it is open; how many of its key still are."""
        id = blocked_key_id(record)
        return len((await self._run(id, Settle(record.offset))).open) if id is not None else 0

    async def settle_at(self, place: Place) -> int:
        """The same where only the place is known, because the dead letter is older than its topic keeps any."""
        where = {"state.topic": place.topic, "state.partition": place.partition, "state.open": place.offset}
        for id, _ in await self._store.find(BLOCKED_KEY, where, limit=1):
            return len((await self._run(id, Settle(place.offset))).open)
        return 0

    async def of(self, record: ConsumerRecord) -> BlockedKey:
        """As its document says."""
        id = blocked_key_id(record)
        return await self._store.get_or_initial(BLOCKED_KEY, id) if id else BLOCKED_KEY.initial

    async def _run(self, id: str, command: BlockedKeyCommand) -> BlockedKey:
        who = f"service:{self._group}"
        cause = Cause(id=id, time=self._now(), correlation_id=id, actor=who)
        return (await self._handler.handle(BLOCKED_KEY, id, command, cause)).state

    async def _load(self) -> set[str]:
        known: set[str] = set()
        after: str | None = None
        while page := await self._store.find(BLOCKED_KEY, {"state.blocked": True}, limit=PAGE, after=after):
            known.update(id for id, _ in page)
            after = page[-1][0]
        return known

    def _full(self, id: str, blocked_key: BlockedKey) -> BlockedKeyFullError:
        first = f"{blocked_key.topic}/{blocked_key.partition}/{blocked_key.open[0]}"
        return BlockedKeyFullError(
            f"{id} has {len(blocked_key.open)} open records, {first} the first of them; replay or discard it"
        )


class OnAssignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the list of keys expire whenever partitions change hands; then ``assigned`` is called with those we have."""

    def __init__(self, blocked_keys: BlockedKeys, assigned: Callable[[set[TopicPartition]], None]) -> None:
        self._blocked_keys = blocked_keys
        self._assigned = assigned

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        self._blocked_keys.expire()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._blocked_keys.expire()
        self._assigned(assigned)
