"""Faults put into a process from outside: the chassis has no code for them. ``TALLY_FAULT`` names one or more, by comma."""

import asyncio
import os
import signal
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from service.chassis.tally.aggregates import COUNTER
from service.chassis.tally.domain import AddAmount

from chassis.auth import tokens
from chassis.consumer.dead_letters.blocked_keys import BlockedKeys
from chassis.consumer.dead_letters.parking import Parking
from chassis.kafka.producer import Message, Producer
from chassis.mongo.outbox import OutboxDocuments
from chassis.mongo.store import MongoStore
from chassis.outbox import sweep
from chassis.outbox.relay import Relay

DIED = 9
"""Exit code of a process that a fault ended."""


def put_in(faults: str) -> None:
    for fault in filter(None, faults.split(",")):
        name, _, value = fault.partition(":")
        FAULTS[name](value)


def _die_after_save(_: str) -> None:
    """Saved, and not yet published."""

    def submit(*_: Any) -> None:
        os._exit(DIED)

    Relay.submit = submit  # type: ignore[method-assign, assignment]


def _die_after_publish(_: str) -> None:
    """In the topic, and not yet cleared."""

    async def clear(*_: Any) -> None:
        os._exit(DIED)

    OutboxDocuments.clear = clear  # type: ignore[method-assign, assignment]


def _never_commit(_: str) -> None:
    """What this process has read, its successor reads, too, however far it came before its end."""

    async def commit(*_: Any) -> None:
        """The broker hears nothing of it."""

    AIOKafkaConsumer.commit = commit


def _stop_after_save(_: str) -> None:
    """The first time something is saved, stand still until SIGCONT before going on to publish it."""
    submit = Relay.submit
    stopped: list[bool] = []

    def stop_once(*arguments: Any) -> None:
        if not stopped:
            stopped.append(True)
            os.kill(os.getpid(), signal.SIGSTOP)
        submit(*arguments)

    Relay.submit = stop_once  # type: ignore[method-assign, assignment]


def _stop_before_sending(count: str) -> None:
    """Stand still until SIGCONT with a counter's event of this number in hand; the earlier ones are in the topic."""
    send = Producer.send_batch
    left = int(count)

    async def stop_and_send(self: Producer, topic: str, partition: int, messages: Sequence[Message]) -> None:
        nonlocal left
        for place, message in enumerate(messages):
            left -= (message.key or b"").startswith(b"counter:")
            if left == 0:
                left = -1
                await send(self, topic, partition, messages[:place])
                os.kill(os.getpid(), signal.SIGSTOP)
                messages = messages[place:]
                break
        await send(self, topic, partition, messages)

    Producer.send_batch = stop_and_send  # type: ignore[method-assign]


def _slow_save(seconds: str) -> None:
    save = MongoStore.save

    async def slowly(*arguments: Any) -> None:
        await asyncio.sleep(float(seconds))
        await save(*arguments)

    MongoStore.save = slowly  # type: ignore[method-assign, assignment]


def _hold(documents: str) -> None:
    """The sweep takes no more while it has so many in hand, so that others come to something, too."""
    sweep.SWEPT_AT_ONCE = int(documents)


def _refetch(seconds: str) -> None:
    """Keys may be asked for again after this time, so that a test need not wait ten seconds."""
    tokens.REFETCH_SECONDS = float(seconds)


def _choke(note: str) -> None:
    """What has this note cannot be added."""
    counter: Any = COUNTER
    decide = counter.decide

    def choke(command: Any, state: Any) -> Any:
        if isinstance(command, AddAmount) and command.note == note:
            raise RuntimeError("the fault is in")
        return decide(command, state)

    counter.decide = choke


def _die_before_dead_letter(_: str) -> None:
    """Its key is held up, and nothing is in the dead-letter topic."""

    async def send(*_: Any) -> None:
        os._exit(DIED)

    Parking._send = send  # type: ignore[method-assign, assignment]


def _die_after_dead_letter(_: str) -> None:
    """Parked, and not yet committed."""
    park = Parking.park

    async def park_and_die(*arguments: Any) -> None:
        await park(*arguments)
        os._exit(DIED)

    Parking.park = park_and_die  # type: ignore[method-assign, assignment]


def _die_before_settling(_: str) -> None:
    """A replayed record is applied, and still open."""

    async def settle(*_: Any) -> int:
        os._exit(DIED)

    BlockedKeys.settle = settle  # type: ignore[method-assign, assignment]


FAULTS = {
    "choke": _choke,
    "die-before-dead-letter": _die_before_dead_letter,
    "die-after-dead-letter": _die_after_dead_letter,
    "die-before-settling": _die_before_settling,
    "die-after-save": _die_after_save,
    "die-after-publish": _die_after_publish,
    "never-commit": _never_commit,
    "stop-after-save": _stop_after_save,
    "stop-before-sending": _stop_before_sending,
    "slow-save": _slow_save,
    "refetch": _refetch,
    "hold": _hold,
}
