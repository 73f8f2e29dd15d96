"""Where the processor time of a command and of an event goes, stage by stage: one at a time, so that nothing else is counted.

Process time, not wall time: the driver's threads count, the servers do not. A stage's figure is its own, without the
stages that run inside it; ``rest`` is everything between the stages, the loop and the client libraries' own tasks.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from benchmarks import backlog
from benchmarks.ground import Ground, served_here

import chassis.records
from chassis.handler import Handler
from chassis.producer import Producer
from chassis.records import Records
from chassis.store import MongoStore

Costs = dict[str, float]


class Stages:
    """Self time per stage, in seconds of the process."""

    def __init__(self) -> None:
        self.own: dict[str, float] = defaultdict(float)
        self._open: list[float] = []

    @contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        began = time.process_time()
        self._open.append(0.0)
        try:
            yield
        finally:
            took = time.process_time() - began
            inner = self._open.pop()
            self.own[stage] += took - inner
            if self._open:
                self._open[-1] += took

    def sync(self, owner: Any, name: str, stage: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def wrapped(*arguments: Any, **rest: Any) -> Any:
            with self.measured(stage):
                return original(*arguments, **rest)

        setattr(owner, name, wrapped)

    def coroutine(self, owner: Any, name: str, stage: str) -> None:
        original: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def wrapped(*arguments: Any, **rest: Any) -> Any:
            with self.measured(stage):
                return await original(*arguments, **rest)

        setattr(owner, name, wrapped)


def watch() -> Stages:
    """From now on the chassis of this process is measured. For a process that does nothing else."""
    stages = Stages()
    stages.sync(chassis.records, "decode", "decode")
    stages.coroutine(Records, "finish", "dispatch")
    stages.coroutine(MongoStore, "load", "load")
    stages.coroutine(Handler, "handle", "decide")
    stages.coroutine(MongoStore, "save", "save")
    stages.coroutine(Producer, "send_batch", "publish")
    stages.coroutine(MongoStore, "clear", "clear")
    return stages


async def of_commands(ground: Ground, count: int) -> Costs:
    """Microseconds of processor time per command, by stage."""
    async with served_here(ground) as (ledger, url, bearer):
        async with httpx2.AsyncClient(base_url=url, headers={"Authorization": bearer}) as client:
            await _book(client, 50)
            stages = watch()
            quiet = await _idle(ledger)
            stages.own.clear()
            began = time.process_time()
            await _book(client, count)
            total = time.process_time() - began
        del quiet
        return _per(stages, total, count)


async def _book(client: httpx2.AsyncClient, count: int) -> None:
    for number in range(count):
        headers = {"Idempotency-Key": f"{time.monotonic_ns()}"}
        answer = await client.post(f"/v1/accounts/a{number % 50}/book", json={"amount": 1}, headers=headers)
        answer.raise_for_status()


async def _idle(_: Any) -> float:
    began = time.process_time()
    await asyncio.sleep(0.5)
    return time.process_time() - began


def _per(stages: Stages, total: float, count: int) -> Costs:
    own = {stage: seconds / count * 1e6 for stage, seconds in stages.own.items()}
    return {**own, "rest": total / count * 1e6 - sum(own.values()), "total": total / count * 1e6}


__all__ = ["Costs", "Stages", "backlog", "of_commands", "watch"]
