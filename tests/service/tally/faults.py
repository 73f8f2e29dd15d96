"""Faults put into a process from outside: the chassis has no code for them. ``TALLY_FAULT`` names one or more, by comma."""

import asyncio
import os
from typing import Any

from chassis import auth
from chassis.relay import Relay
from chassis.store import MongoStore

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

    Relay.submit = submit


def _die_after_publish(_: str) -> None:
    """In the topic, and not yet cleared."""

    async def clear(*_: Any) -> None:
        os._exit(DIED)

    MongoStore.clear = clear


def _slow_save(seconds: str) -> None:
    save = MongoStore.save

    async def slowly(*arguments: Any) -> None:
        await asyncio.sleep(float(seconds))
        await save(*arguments)

    MongoStore.save = slowly


def _refetch(seconds: str) -> None:
    """Keys may be asked for again after this time, so that a test need not wait ten seconds."""
    auth.REFETCH_SECONDS = float(seconds)


FAULTS = {
    "die-after-save": _die_after_save,
    "die-after-publish": _die_after_publish,
    "slow-save": _slow_save,
    "refetch": _refetch,
}
