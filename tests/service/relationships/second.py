"""relationships as a process beside others that reads every topic by itself, and late: its records overtake one another.

It is the service as it is, with a consumer group of its own. So every message is applied by two processes on one
database, each in its own order. ``GRAPH_DELAYS`` seeds how late the records of each key are looked at.
"""

import asyncio
import os
import runpy
import sys
from collections.abc import Sequence
from random import Random
from typing import Any

from aiokafka import ConsumerRecord
from reliability.patching import patch

from chassis.consumer.consumer import Consumer
from chassis.consumer.keys import KeyRunner

LATEST_SECONDS = 0.25


def read_alone() -> None:
    register = Consumer.register

    def register_alone(self: Consumer, broker: Any) -> None:
        self.group = f"{self.group}.second"
        register(self, broker)

    patch(Consumer, "register", register_alone)


def look_late(seed: str) -> None:
    finish, chance = KeyRunner._finish, Random(seed)

    async def finish_late(self: KeyRunner, records: Sequence[ConsumerRecord]) -> int:
        await asyncio.sleep(chance.choice([0, 0, chance.random() * LATEST_SECONDS]))
        return await finish(self, records)

    patch(KeyRunner, "_finish", finish_late)


if __name__ == "__main__":
    if sys.argv[-1] != "migrate":
        read_alone()
        look_late(os.environ.get("GRAPH_DELAYS", "late"))
    sys.argv = ["relationships", *sys.argv[1:]]
    runpy.run_module("relationships", run_name="__main__", alter_sys=True)
