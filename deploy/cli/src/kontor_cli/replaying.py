"""Sending dead letters back to the group that parked them, and hearing what becomes of each.

Of a queue, the letters of one key, one is under way at a time: the next is sent when its predecessor is settled, and what has
come to wait behind it meanwhile is sent too. Queues run side by side, all together at the rate that was asked for.
"""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from kontor_cli.connection import Connection
from kontor_cli.letters import Box, Letter, Refusal, Resolution
from kontor_contracts.deadletters import DISCARD, with_notes

OPEN = ("failed", "refused", "unanswered", "not-sent")
"""Outcomes after which a letter is still open; the others are the consumer's: applied, duplicate, ignored, discarded."""

SIDE_BY_SIDE = 16
LATECOMER_SECONDS = 5.0
"""How long a letter may be on its way into the topic after its key has counted it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one letter. ``left``: how many of its key are still open."""

    letter: Letter
    outcome: str
    detail: str = ""
    left: int = 0

    @property
    def settled(self) -> bool:
        return self.outcome not in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``rate`` in letters a second; ``limit`` None: all; ``timeout`` in seconds, per letter."""

    rate: float
    limit: int | None
    timeout: float
    with_waiting: bool
    operator: str
    discard: str | None = None
    """The reason, where the first letter of each queue is to be discarded instead of applied."""


class Replaying:
    """One run. ``hear`` is to be called with whatever comes into the dead-letter topics meanwhile."""

    def __init__(
        self, producer: AIOKafkaProducer, connection: Connection, boxes: Mapping[str, Box], plan: Plan
    ) -> None:
        self._producer = producer
        self._connection = connection
        self._boxes = boxes
        self._plan = plan
        self._left = plan.limit
        self._next_at = 0.0
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)
        self._heard = asyncio.Event()
        self._asked: dict[str, asyncio.Future[Letter | Resolution | Refusal]] = {}

    def hear(self, found: Letter | Resolution | Refusal) -> None:
        self._heard.set()
        answer = self._asked.get(found.notes.get("dlq-replay-id", ""))
        if answer is not None and not answer.done():
            answer.set_result(found)

    async def run(self, queues: Sequence[Iterable[Letter]]) -> list[Result]:
        """The results, queue by queue. Raises KafkaError."""
        results = await asyncio.gather(*(self._queue(list(letters)) for letters in queues))
        return [result for queue in results for result in queue]

    async def _queue(self, letters: list[Letter]) -> list[Result]:
        results: list[Result] = []
        async with self._slots:
            while letters:
                letter = letters.pop(0)
                if self._left == 0:
                    return [*results, *(Result(one, "not-sent", "the limit was reached") for one in (letter, *letters))]
                reason = self._plan.discard if not results else None
                result = await self._send(letter, reason)
                results.append(result)
                if not result.settled and _holds_up(result):
                    return [*results, *(Result(one, "not-sent", f"behind {letter.id}") for one in letters)]
                if not letters and result.left and self._plan.with_waiting:
                    letters = await self._latecomers(letter)
        return results

    async def _send(self, letter: Letter, discard: str | None) -> Result:
        if self._left is not None:
            self._left -= 1
        await self._pace()
        id = secrets.token_hex(8)
        answer = self._asked[id] = asyncio.get_running_loop().create_future()
        notes = {**letter.notes, "dlq-replay-id": id, "dlq-operator": self._plan.operator}
        value = letter.value
        if discard is not None:
            notes |= {"dlq-action": DISCARD, "dlq-reason": discard}
            value = None
        headers = with_notes(letter.headers if discard is None else (), notes)
        await self._produce(self._connection.replays(letter.group), letter.key, value, headers)
        try:
            async with asyncio.timeout(self._plan.timeout):
                return _result(letter, await answer)
        except TimeoutError:
            return Result(letter, "unanswered", "it was sent; is its service running, and its partition not paused?")
        finally:
            del self._asked[id]

    async def _produce(self, topic: str, key: bytes | None, value: bytes | None, headers: list[Any]) -> None:
        if key is not None or value is not None:
            await self._producer.send_and_wait(topic, value, key=key, headers=headers)
            return
        # Neither key nor value: a record may be so, but `send` takes none.
        batch = self._producer.create_batch()
        batch.append(key=None, value=None, timestamp=None, headers=headers)
        batch.close()
        partitions = await self._producer.partitions_for(topic)
        await (await self._producer.send_batch(batch, topic, partition=min(partitions)))

    async def _pace(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(self._next_at, now)
        self._next_at = at + 1 / self._plan.rate
        await asyncio.sleep(at - now)

    async def _latecomers(self, letter: Letter) -> list[Letter]:
        """What waits behind it by now: its key says that there is something, which the topic may show a moment later."""
        if letter.blocked_key is None:
            return []
        box = self._boxes[letter.group]
        with suppress(TimeoutError):
            async with asyncio.timeout(LATECOMER_SECONDS):
                while not box.behind(letter.blocked_key, letter.place.offset):
                    self._heard.clear()
                    await self._heard.wait()
        return box.behind(letter.blocked_key, letter.place.offset)


def _result(letter: Letter, found: Letter | Resolution | Refusal) -> Result:
    match found:
        case Resolution(outcome=outcome, left=left):
            return Result(letter, outcome, left=left)
        case Refusal(reason=reason):
            return Result(letter, "refused", reason)
        case Letter(notes=notes):
            # As it is parked now: what fails may not hold up its key any more.
            return Result(found, "failed", f"{notes.get('dlq-error-class')}: {notes.get('dlq-error-message')}")


def _holds_up(result: Result) -> bool:
    """Whether what is behind it in the queue would be refused, or is better not tried."""
    return result.outcome == "unanswered" or result.letter.blocked_key is not None
