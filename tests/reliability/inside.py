"""Becomes a service with faults in it: ``python -m reliability.inside <service> [migrate] [serve]``.

The services have no code for faults. What is put in from outside is named by the environment:
``CHAOS_CRASH=<point>:<n>``  the process ends, or stops, the n-th time it comes to this point (`reliability.crashes`);
``CHAOS_BUG=<name>``         a mistake that the checker must find (`reliability.bugs`);
``CHAOS_DELAY=<topic>:<s>``  records of this topic are looked at so many seconds late: topics overtake one another;
``CHAOS_CHOKE=<n>``          of n aggregates, the messages of one cannot be applied, as with a fault in our code.
"""

import asyncio
import os
import runpy
import sys
import zlib
from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord
from reliability.bugs import BUGS
from reliability.crashes import POINTS, Trigger
from reliability.patching import patch

from chassis.consumer.keys import KeyRunner
from chassis.consumer.processor import Processor


def delay(topic: str, seconds: float) -> None:
    finish = KeyRunner._finish

    async def finish_late(self: KeyRunner, records: Sequence[ConsumerRecord]) -> int:
        if records[0].topic.endswith(topic):
            await asyncio.sleep(seconds)
        return await finish(self, records)

    patch(KeyRunner, "_finish", finish_late)


def choke(share: int) -> None:
    react = Processor._react

    async def react_or_fail(self: Processor, envelope: Any, record: Any, **rest: Any) -> Any:
        if zlib.crc32(record.key or b"") % share == 0:
            raise RuntimeError("choked by the rig")
        return await react(self, envelope, record, **rest)

    patch(Processor, "_react", react_or_fail)


def main(service: str, arguments: list[str]) -> None:
    point, _, count = os.environ.get("CHAOS_CRASH", "").partition(":")
    if point:
        POINTS[point](Trigger(point, int(count or 1)))
    topic, _, seconds = os.environ.get("CHAOS_DELAY", "").partition(":")
    if topic:
        delay(topic, float(seconds))
    if share := os.environ.get("CHAOS_CHOKE"):
        choke(int(share))
    if bug := os.environ.get("CHAOS_BUG"):
        BUGS[bug].put_in()
    sys.argv = [service, *arguments]
    runpy.run_module(service, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
