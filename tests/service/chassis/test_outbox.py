"""Saved events reach their topic: all of them, in order per aggregate, whatever dies, stalls or is away in between."""

import asyncio
import signal
from typing import Any

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running, Services
from harness.tokens import Tokens
from harness.topics import Topics, firsts
from service.chassis.tally.calls import Caller, settled, state
from service.chassis.tally.faults import DIED
from service.chassis.tally.messages import TYPES
from service.chassis.tally.seeds import leave_pending
from support import eventually

from kontor_local.servers import Broker

EVENTS = "tally.events"
SHORT_LEASE = {"KONTOR_LEASE": 3, "KONTOR_DATABASE_TIMEOUT": 1, "KONTOR_SWEEP_INTERVAL": 0.3}


async def _mirrored(mongo: Documents, running: Running, name: str, count: int) -> bool:
    """Whether the mirror has applied so many, each once and in order."""
    return await state(mongo, running, f"mirror:{name}") == {"total": count, "count": count, "gaps": 0}


async def _timed(running: Running, histogram: str, count: int) -> bool:
    """Whether so many events are in the histogram, with the time that passed since they were saved."""
    return await running.metric(f"{histogram}_count") == count and await running.metric(f"{histogram}_sum") > 0


async def test_an_event_saved_before_a_crash_is_published_after_it(
    tally: Any, services: Services, tokens: Tokens, mongo: Documents, kafka: Topics
) -> None:
    async with tally(TALLY_FAULT="die-after-save", **SHORT_LEASE) as first:
        with pytest.raises(httpx2.TransportError):
            await Caller(first, tokens).add("a")
        assert await first.process.wait(10) == DIED
        await kafka.forget_members(first.group)
        assert await kafka.read_all(first.topic(EVENTS)) == []
        async with services.another(first, TALLY_FAULT="") as second:
            await eventually(lambda: _mirrored(mongo, second, "a", 1))
            await eventually(lambda: _timed(second, "kontor_outbox_publish_seconds", 1))
            await eventually(lambda: _timed(second, "kontor_record_delivery_seconds", 1))
            await eventually(lambda: _timed(second, "kontor_record_age_seconds", 1))
        added = [e for e in await kafka.envelopes(first.topic(EVENTS)) if e.subject == "counter:a"]
        assert [e.sequence for e in added] == [1]


async def test_an_event_published_twice_around_a_crash_is_applied_once(
    tally: Any, services: Services, tokens: Tokens, mongo: Documents, kafka: Topics
) -> None:
    faults = "die-after-publish,never-commit"
    async with tally(TALLY_FAULT=faults, KONTOR_MIRROR=False, **SHORT_LEASE) as first:
        await Caller(first, tokens).add("a", times=3)
        assert await first.process.wait(10) == DIED
        await kafka.forget_members(first.group)
        async with services.another(first, TALLY_FAULT="", KONTOR_MIRROR=True) as second:
            await eventually(lambda: settled(mongo, second))
            await eventually(lambda: _mirrored(mongo, second, "a", 3))
            await eventually(lambda: _read_up(kafka, second))
            assert await second.metric("kontor_records_total", outcome="duplicate") == 3
            assert await _mirrored(mongo, second, "a", 3)
    added = [e for e in await kafka.envelopes(first.topic(EVENTS)) if e.subject == "counter:a"]
    assert [e.sequence for e in added] == [1, 2, 3, 1, 2, 3]
    assert len({e.id for e in added}) == 3


async def _read_up(kafka: Topics, running: Running) -> bool:
    return await kafka.unread(running.group, running.topic(EVENTS)) == 0


async def test_two_relays_share_what_is_pending_and_publish_all_of_it_in_order(
    tally: Any, services: Services, mongo: Documents, kafka: Topics
) -> None:
    quiet: dict[str, Any] = {"KONTOR_MIRROR": False, "KONTOR_SWEEP_INTERVAL": 0.3, "TALLY_FAULT": "hold:200"}
    async with tally(**quiet) as first, services.another(first, **quiet) as second:
        names = [f"c{n}" for n in range(1000)]
        for running in (first, second):
            running.signal(signal.SIGSTOP)
        await leave_pending(mongo, first, names, events=2)
        for running in (first, second):
            running.signal(signal.SIGCONT)
        await eventually(lambda: settled(mongo, first), timeout=200, every=0.5)
        shares = [await running.metric("kontor_outbox_published_total", path="sweep") for running in (first, second)]
        assert min(shares) > 0, "one of them had nothing to do: this was no test of two"
    envelopes = await kafka.envelopes(first.topic(EVENTS))
    assert firsts(envelopes) == {f"counter:{name}": [1, 2] for name in names}


async def test_a_relay_that_stalls_before_publishing_sees_its_lease_end(
    tally: Any, services: Services, tokens: Tokens, mongo: Documents, kafka: Topics
) -> None:
    async with tally(TALLY_FAULT="stop-after-save", **SHORT_LEASE) as stalled:
        late = asyncio.create_task(Caller(stalled, tokens).add("a"))
        await eventually(lambda: state(mongo, stalled, "counter:a"))
        await eventually(lambda: stalled.process.stopped)
        await kafka.forget_members(stalled.group)
        async with services.another(stalled, TALLY_FAULT="") as other:
            await eventually(lambda: settled(mongo, other))
            await Caller(other, tokens).add("a", times=2)
            await eventually(lambda: _mirrored(mongo, other, "a", 3))
            stalled.signal(signal.SIGCONT)
            assert (await late).status_code == 200
            await eventually(lambda: stalled.metric("kontor_outbox_publish_failures_total", kind="transient"))
            await Caller(stalled, tokens).add("a")
            await eventually(lambda: _again(kafka, other, "counter:a", 4))
    added = [e.sequence for e in await kafka.envelopes(stalled.topic(EVENTS)) if e.subject == "counter:a"]
    assert added == [1, 2, 3, 4]


async def test_a_relay_that_stalls_and_sends_too_late_does_no_harm(
    tally: Any, services: Services, tokens: Tokens, mongo: Documents, kafka: Topics
) -> None:
    async with tally(TALLY_FAULT="stop-before-sending:4", **SHORT_LEASE) as stalled:
        late = asyncio.create_task(Caller(stalled, tokens).add("a", times=10))
        await eventually(lambda: _again(kafka, stalled, "counter:a", 3))
        await eventually(lambda: stalled.process.stopped)
        await kafka.forget_members(stalled.group)
        async with services.another(stalled, TALLY_FAULT="") as other:
            await eventually(lambda: _mirrored(mongo, other, "a", 10))
            stalled.signal(signal.SIGCONT)
            assert (await late).status_code == 200
            await eventually(lambda: _again(kafka, stalled, "counter:a", 20))
            # The embedded broker does not bring the two together again.
            stalled.kill()
            await kafka.forget_members(other.group)
            await Caller(other, tokens).add("a")
            await eventually(lambda: _mirrored(mongo, other, "a", 11))
            await eventually(lambda: _read_up(kafka, other))
            assert await _mirrored(mongo, other, "a", 11)
    added = [e.sequence for e in await kafka.envelopes(stalled.topic(EVENTS)) if e.subject == "counter:a"]
    assert added == [1, 2, 3, *range(1, 11), *range(4, 11), 11]


async def _again(kafka: Topics, running: Running, subject: str, count: int) -> bool:
    envelopes = await kafka.envelopes(running.topic(EVENTS))
    return len([envelope for envelope in envelopes if envelope.subject == subject]) == count


@pytest.mark.parametrize("instances", [1, 2])
async def test_a_hundred_concurrent_commands_on_one_aggregate_are_applied(  # noqa: PLR0917
    tally: Any, services: Services, tokens: Tokens, mongo: Documents, kafka: Topics, instances: int
) -> None:
    async with tally() as first, services.another(first, start=instances == 2) as second:
        await eventually(lambda: kafka.is_stable(first.group, instances))
        callers = [Caller(running, tokens) for running in (first, second)[:instances]]
        answers = await asyncio.gather(*(callers[n % instances].add("hot") for n in range(100)))
        assert [response.status_code for response in answers] == [200] * 100
        assert sorted(response.json()["total"] for response in answers) == list(range(1, 101))
        await eventually(lambda: _mirrored(mongo, first, "hot", 100))
        document = await mongo.one(first, "counter:hot")
        assert (document["v"], document["seq"], document["state"]["count"]) == (100, 100, 100)
    added = [e for e in await kafka.envelopes(first.topic(EVENTS)) if e.subject == "counter:hot"]
    assert firsts(added) == {"counter:hot": list(range(1, 101))}
    assert sorted({e.data.total for e in added}) == list(range(1, 101))


async def test_commands_accepted_without_a_broker_are_announced_later(
    tally: Any, tokens: Tokens, mongo: Documents, own_broker: Broker
) -> None:
    async with tally(KONTOR_KAFKA_BOOTSTRAP=own_broker.url, KONTOR_LEASE=3, KONTOR_DATABASE_TIMEOUT=1) as running:
        caller = Caller(running, tokens)
        assert (await caller.add("a")).status_code == 200
        await eventually(lambda: settled(mongo, running))
        await own_broker.stop()
        answers = [await caller.add("a", times=100) for _ in range(2)]
        answers += [await caller.add(f"b{n}") for n in range(20)]
        assert {response.status_code for response in answers} == {200}
        assert (await running.management.get("/readyz")).status_code == 200, "commands are accepted"
        assert (await running.management.get("/livez")).status_code == 200

        full = await caller.add("a", times=100)
        assert (full.status_code, full.json()["code"], full.headers["retry-after"]) == (503, "try-again", "1")

        # Judged by the topic: the embedded broker may not bring the group together again that it left.
        await own_broker.start()
        await eventually(lambda: settled(mongo, running))
        assert (await caller.add("a")).status_code == 200
        await eventually(lambda: settled(mongo, running))
        async with Topics(own_broker.url, TYPES) as kafka:
            seen = firsts(await kafka.envelopes(running.topic(EVENTS)))
        assert seen["counter:a"] == list(range(1, 203))
        assert all(seen[f"counter:b{n}"] == [1] for n in range(20))
        assert await running.metric("kontor_dead_letters_total") == 0


async def test_looking_for_pending_events_and_due_timers_walks_an_index(tally: Any, mongo: Documents) -> None:
    async with tally(start=False) as running:
        await leave_pending(mongo, running, [f"c{n}" for n in range(20)], events=1)
        collection = mongo.collection(running)
        sweep = await collection.find({"ob.at": {"$exists": True}}).sort("ob.at", 1).limit(5).explain()
        assert _stages(sweep["queryPlanner"]["winningPlan"])["IXSCAN"] == "outbox"
        due = await collection.find({"due": {"$exists": True}}).sort("due", 1).limit(5).explain()
        assert _stages(due["queryPlanner"]["winningPlan"])["IXSCAN"] == "timers"


def _stages(plan: dict[str, Any]) -> dict[str, str | None]:
    """By stage of the plan, the index it uses."""
    inner = _stages(plan["inputStage"]) if "inputStage" in plan else {}
    return {plan["stage"]: plan.get("indexName"), **inner}


async def test_a_broker_that_is_away_is_one_line_until_a_minute_is_over(
    tally: Any, tokens: Tokens, own_broker: Broker
) -> None:
    async with tally(KONTOR_KAFKA_BOOTSTRAP=own_broker.url, KONTOR_LEASE=3, KONTOR_DATABASE_TIMEOUT=1) as running:
        caller = Caller(running, tokens)
        assert (await caller.add("a")).status_code == 200
        await own_broker.stop()
        await eventually(lambda: _told(running, "dependency_unavailable"))
        for number in range(20):
            assert (await caller.add(f"b{number}")).status_code == 200
        # What is held is judged at each look, every few seconds; so much trouble there is in that time.
        await eventually(lambda: _is_noted(running), timeout=30)
        loud = [line for line in running.logs() if line.get("level") in {"warning", "error", "critical"}]
        assert [line["event"] for line in loud] == ["dependency_unavailable"], loud
        report = (await running.management.get("/status")).json()
        assert report["dependencies"]["broker"]["available"] is False
        assert report["relay"]["pending_documents"] >= 20
        await own_broker.start()
        await eventually(lambda: _told(running, "dependency_available"))


def _told(running: Running, event: str) -> bool:
    return any(line.get("event") == event for line in running.logs())


async def _is_noted(running: Running) -> bool:
    """The relay has failed several times, and so have the readers of topics."""
    report = (await running.management.get("/status")).json()
    return bool(report["relay"]["failures_in_a_row"] >= 3 and report["dependencies"]["broker"]["away_seconds"] >= 12)
