"""Faults of one process of a service, or of a rollout of them."""

import asyncio
import signal

from reliability.nemesis import READERS, Nemesis

from kontor_contracts.topics import SERVICES, TOPICS

EVENTS_READ_BY = {
    service: names
    for service in SERVICES
    if (names := [topic.name for topic in TOPICS if service in topic.consumers and topic.kind == "events"])
}
SKEW = 240
"""Seconds. A token is good for longer."""


async def kill(nemesis: Nemesis) -> None:
    async with nemesis.one() as instance, nemesis.fault("kill", instance.name):
        await nemesis.fleet.kill(instance)
        await asyncio.sleep(nemesis.random.random())
        await nemesis.fleet.start(instance)


async def stop(nemesis: Nemesis) -> None:
    """SIGSTOP past the lease: it wakes up believing that it still holds it."""
    async with nemesis.one() as instance, nemesis.fault("stop", instance.name):
        instance.process.signal(signal.SIGSTOP)
        await asyncio.sleep(nemesis.past_the_lease)
        instance.process.signal(signal.SIGCONT)


async def starve(nemesis: Nemesis) -> None:
    """A tenth of a processor, as under a bad neighbour."""
    async with nemesis.one() as instance, nemesis.fault("starve", instance.name):
        for _ in range(20):
            instance.process.signal(signal.SIGSTOP)
            await asyncio.sleep(0.18)
            instance.process.signal(signal.SIGCONT)
            await asyncio.sleep(0.02)


async def restart(nemesis: Nemesis) -> None:
    """SIGTERM, as a deployment does it."""
    async with nemesis.one() as instance, nemesis.fault("restart", instance.name):
        await nemesis.fleet.stop(instance)
        await nemesis.fleet.bury(instance)
        await nemesis.fleet.start(instance)


async def rolling(nemesis: Nemesis) -> None:
    """A rollout of one service: its instances one after the other, each ready before the next."""
    service = nemesis.random.choice(SERVICES)
    async with nemesis.fault("rolling", service):
        for instance in nemesis.fleet.of(service):
            async with nemesis.busy[instance.name]:
                await nemesis.fleet.stop(instance)
                await nemesis.fleet.bury(instance)
                await nemesis.fleet.start(instance)


async def rebalance(nemesis: Nemesis) -> None:
    """Members come and go faster than the group settles. Not on the embedded broker (ADR 6)."""
    service = nemesis.random.choice(READERS)
    instance = nemesis.fleet.of(service)[-1]
    if nemesis.fleet.embedded:
        return
    async with nemesis.busy[instance.name], nemesis.fault("rebalance", service):
        for _ in range(3):
            await nemesis.fleet.kill(instance)
            await nemesis.fleet.start(instance)


async def skew(nemesis: Nemesis) -> None:
    async with nemesis.one() as instance:
        ahead = nemesis.random.choice((SKEW, -SKEW))
        async with nemesis.fault("skew", instance.name):
            await nemesis.fleet.kill(instance)
            await nemesis.fleet.start(instance, plan={"KONTOR_CLOCK_SKEW": str(ahead)})
            await asyncio.sleep(4)
            await nemesis.restart(instance)


async def delay(nemesis: Nemesis) -> None:
    """One topic is read later than the others, by a service that reads any."""
    async with nemesis.one(EVENTS_READ_BY) as instance:
        topic = nemesis.random.choice(EVENTS_READ_BY[instance.service])
        async with nemesis.fault("delay", instance.name):
            await nemesis.fleet.kill(instance)
            await nemesis.fleet.start(instance, plan={"CHAOS_DELAY": f"{topic}:1.5"})
            await asyncio.sleep(5)
            await nemesis.restart(instance)
