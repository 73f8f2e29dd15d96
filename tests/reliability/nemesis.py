"""Lets things go wrong for as long as the clients are at work: crash points in every instance, and other faults beside."""

import asyncio
import itertools
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Sequence
from contextlib import asynccontextmanager

from reliability import crashes
from reliability.fleet import Fleet, Instance
from reliability.history import Fault, Poison

from kontor_contracts.topics import SERVICES, TOPICS

READERS = tuple(dict.fromkeys(group for topic in TOPICS for group in topic.consumers))
CRASH_WITHIN = 20.0
"""Seconds for an instance to come to its crash point; then it gets another."""
Attack = Callable[["Nemesis"], Awaitable[None]]


class Nemesis:
    """``faults``: what was done. Deterministic by its seed as far as what it chooses; never in what follows from it."""

    def __init__(self, fleet: Fleet, seed: str) -> None:
        self.fleet = fleet
        self.random = random.Random(seed)
        self.faults: list[Fault] = []
        self.poison: list[Poison] = []
        self.past_the_lease = fleet.lease * 1.8
        self.busy = {name: asyncio.Lock() for name in fleet.instances}

    async def torment(self, points: Sequence[str], attacks: Sequence[Attack], until: float) -> None:
        """Let every instance come to these crash points in turn, and make these attacks one after the other.

        Until that time of the monotonic clock; returns when all is up again.
        """
        crashing = self.fleet.instances.values() if points else ()
        await asyncio.gather(
            *(self._crashes(instance, points, until) for instance in crashing), self._one_by_one(attacks, until)
        )

    async def _one_by_one(self, attacks: Sequence[Attack], until: float) -> None:
        turns = itertools.cycle(attacks)
        while attacks and time.monotonic() < until:
            await next(turns)(self)
            await asyncio.sleep(self.random.random())

    # -- crash points

    async def _crashes(self, instance: Instance, points: Sequence[str], until: float) -> None:
        """Let it come to one crash point after another, as fast as it can be started again."""
        own = [point for point in crashes.AT[instance.service] if point in points]
        turns = itertools.cycle(self.random.sample(own, len(own)))
        while own and time.monotonic() < until:
            async with self.busy[instance.name]:
                await self._crash(instance, next(turns), until)
        async with self.busy[instance.name]:
            await self.restart(instance)

    async def _crash(self, instance: Instance, point: str, until: float) -> None:
        if instance.process.alive:
            self.faults.append(Fault(time.time(), "kill", instance.name))
            await self.fleet.kill(instance)
        count = 1 if point in crashes.RARE else self.random.randint(1, 4)
        plan = {"CHAOS_CRASH": f"{point}:{count}"}
        ready = await self.fleet.start(instance, plan=plan)
        give_up = min(until, time.monotonic() + CRASH_WITHIN)
        while ready and instance.process.alive and time.monotonic() < give_up:
            if point == "C10" and instance.process.stopped:
                async with self.fault(f"crash:{point}", instance.name):
                    await asyncio.sleep(self.past_the_lease)
                    instance.process.signal(signal.SIGCONT)
                return
            if point == "C11" and "refused by the rig" in instance.process.tail(200):
                self.faults.append(Fault(time.time(), f"crash:{point}", instance.name))
                await asyncio.sleep(crashes.REFUSED_SECONDS)
                return
            await asyncio.sleep(0.05)
        if instance.crashed:
            self.faults.append(Fault(time.time(), f"crash:{point}", instance.name))
            await self.fleet.bury(instance)

    async def restart(self, instance: Instance) -> None:
        """Without the faults that were put into it."""
        if instance.plan or not instance.process.alive:
            self.faults.append(Fault(time.time(), "kill", instance.name))
            await self.fleet.kill(instance)
            await self.fleet.start(instance)

    # -- for the faults

    @asynccontextmanager
    async def fault(self, kind: str, target: str) -> AsyncIterator[None]:
        began = time.time()
        try:
            yield
        finally:
            self.faults.append(Fault(began, kind, target, time.time()))

    @asynccontextmanager
    async def one(self, services: Container[str] = SERVICES) -> AsyncIterator[Instance]:
        """Any instance of these services to which nothing else is being done."""
        instance = self.random.choice([one for one in self.fleet.instances.values() if one.service in services])
        async with self.busy[instance.name]:
            yield instance
