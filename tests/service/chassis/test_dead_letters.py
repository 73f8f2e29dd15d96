"""Dead letters come back, through the operators' command line: once, in order, and without holding up anybody else."""

import asyncio
from typing import Any

from harness.command_line import kontor
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.chassis.tally.meter import Meter, added, count, letters, open_lanes
from support import eventually

from kontor_contracts.deadletters import notes

QUICK = {"KONTOR_RETRY_DELAYS": "[0.01, 0.01]", "KONTOR_MIRROR": False}
FAULTY = {"TALLY_FAULT": "choke:poison", **QUICK}


async def _parked(kafka: Topics, running: Running, number: int) -> None:
    await eventually(lambda: _are(kafka, running, number))


async def _are(kafka: Topics, running: Running, number: int) -> bool:
    return len(await letters(kafka, running)) >= number


async def _counted(mongo: Documents, running: Running, counter: str, number: int) -> None:
    async def so() -> bool:
        return await count(mongo, running, counter) == number

    await eventually(so)


async def _mended(running: Running) -> None:
    """The fault is removed and the service started again."""
    running.env["TALLY_FAULT"] = ""
    await running.restart()


async def test_a_parked_record_blocks_its_key_alone_and_is_replayed_in_order(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**FAULTY) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "one", "poison", "three", "four")
        await meter.measure("b", "one", "two", "three")
        await _counted(mongo, running, "b", 3)
        await _parked(kafka, running, 3)
        assert await count(mongo, running, "a") == 1
        assert await running.metric("kontor_blocked_lanes") == 1

        listed = await kontor(running, "dlq", "list", "--json")
        assert (listed.code, listed.document["open"]) == (0, 3)
        (pile,) = listed.document["groups"]
        assert (pile["group"], pile["count"], pile["waiting"], pile["stage"]) == ("tally", 1, 2, "handle")
        assert pile["error_class"] == "RuntimeError"
        assert pile["topic"] == running.topic("meter.events")
        table = await kontor(running, "dlq", "list")
        assert pile["fingerprint"] in table.out and pile["example"] in table.out

        in_vain = await kontor(running, "dlq", "replay", pile["fingerprint"], "--json")
        assert (in_vain.code, in_vain.outcomes) == (1, ["failed", "not-sent", "not-sent"])
        again = (await kontor(running, "dlq", "show", pile["example"], "--json")).document["letters"][0]
        assert (again["replays"], again["state"]) == (1, "open")

        await _mended(running)
        planned = await kontor(running, "dlq", "replay", pile["fingerprint"], "--dry-run", "--json")
        assert [letter["waiting"] for letter in planned.document["would_send"]] == [False, True, True]
        assert await count(mongo, running, "a") == 1
        replayed = await kontor(running, "dlq", "replay", pile["fingerprint"], "--json")
        assert (replayed.code, replayed.outcomes) == (0, ["applied", "applied", "applied"])
        assert await added(kafka, running, "a", 4) == ["one", "poison", "three", "four"]
        assert await open_lanes(mongo, running) == []

        await meter.measure("a", "five")
        await _counted(mongo, running, "a", 5)
        assert len(await letters(kafka, running)) == 4
        assert (await kontor(running, "dlq", "list", "--json")).document == {"open": 0, "groups": [], "unseen": []}
        assert (await kontor(running, "dlq", "replay", pile["fingerprint"])).code == 4
        (settled,) = (await kontor(running, "dlq", "list", "--all", "--json")).document["groups"][:1]
        assert settled["settled"] == settled["count"]


async def test_a_key_stays_held_up_over_a_restart_and_in_another_instance(
    tally: Any, beside: Any, quiet: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**FAULTY) as first:
        meter = Meter(kafka, first)
        await meter.measure("a", "poison", "two")
        await _parked(kafka, first, 2)
        await first.restart()
        await meter.measure("a", "three")
        await _parked(kafka, first, 3)
        async with beside(first, TALLY_FAULT="") as second:
            await first.stop()
            await eventually(lambda: kafka.settled(first.group, 1))
            await meter.measure("a", "four")
            await meter.measure("b", "one")
            await _counted(mongo, second, "b", 1)
            await _parked(kafka, second, 4)
            assert await count(mongo, second, "a") == 0
            # With two instances, who replays and who owns the key need not be the same.
            first.env["TALLY_FAULT"] = ""
            await quiet(second)
            await first.start()
            await eventually(lambda: kafka.settled(first.group, 2))
            replayed = await kontor(second, "dlq", "replay", "--all", "--json")
            assert replayed.outcomes == ["applied"] * 4
            await meter.measure("a", "five")
            await _counted(mongo, second, "a", 5)
            assert await added(kafka, first, "a", 5) == ["poison", "two", "three", "four", "five"]
    assert len(await letters(kafka, first)) == 4


async def test_records_during_a_replay_are_applied_once_and_in_order(
    tally: Any, beside: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**FAULTY) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison", *(str(number) for number in range(2, 20)))
        await _parked(kafka, running, 19)
        await _mended(running)

        async with beside(running):
            replay = asyncio.create_task(kontor(running, "dlq", "replay", "--all", "--rate", "10", "--json"))
            for number in range(20, 60):
                await meter.measure("a", str(number))
                await asyncio.sleep(0.05)
            replayed = await replay
            assert replayed.code == 0 and set(replayed.outcomes) == {"applied"}, replayed.out
            await _counted(mongo, running, "a", 59)
            assert await added(kafka, running, "a", 59) == ["poison", *(str(number) for number in range(2, 60))]
    assert await open_lanes(mongo, running) == []


async def test_a_discarded_record_is_never_applied_and_lets_the_others_go(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**FAULTY) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "one", "poison", "three", "four")
        await _parked(kafka, running, 3)
        (pile,) = (await kontor(running, "dlq", "list", "--json")).document["groups"]
        asked = await kontor(running, "dlq", "discard", pile["example"], "--reason", "a test")
        assert asked.code == 1 and "Discard" in asked.err
        gone = await kontor(
            running, "dlq", "discard", pile["example"], "--reason", "sent by mistake", "--yes", "--json"
        )
        assert (gone.code, gone.outcomes) == (0, ["discarded", "applied", "applied"])
        assert await added(kafka, running, "a", 3) == ["one", "three", "four"]
        await eventually(lambda: _none_held_up(running))
        (shown,) = (await kontor(running, "dlq", "show", pile["example"], "--json")).document["letters"]
        assert (shown["state"], shown["reason"], shown["operator"]) == ("discarded", "sent by mistake", "olga")


async def _none_held_up(running: Running) -> bool:
    return await running.metric("kontor_blocked_lanes") == 0


async def test_replaying_the_same_record_twice_applies_it_once(tally: Any, mongo: Documents, kafka: Topics) -> None:
    async with tally(**FAULTY) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison", "two")
        await _parked(kafka, running, 2)
        await _mended(running)
        replays = running.topic("tally.replay")
        poison, two = [read.record for read in await letters(kafka, running)]
        # Not its turn, then three times the first one, then twice the second.
        for record in (two, poison, poison, poison, two, two):
            await kafka.produce(replays, record.value, key=record.key, headers=record.headers)
        await eventually(lambda: _read_up(kafka, running, "tally.replay"))
        assert await added(kafka, running, "a", 2) == ["poison", "two"]
        outcomes = [notes(read.record.headers) for read in await kafka.read_all(running.topic("tally.dlq"))][2:]
        assert [found.get("dlq-outcome", "refused") for found in outcomes] == [
            "refused",
            "applied",
            "duplicate",
            "duplicate",
            "applied",
            "duplicate",
        ]
        assert "not its turn" in outcomes[0]["dlq-reason"]


async def _read_up(kafka: Topics, running: Running, topic: str) -> bool:
    return await kafka.unread(running.group, running.topic(topic)) == 0


async def test_an_unreadable_record_blocks_nothing_and_can_be_discarded(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**QUICK) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "one")
        await meter.raw("a", b'{"name": "Grete Muster", "mail": "grete.muster@reseller.example"')
        await meter.raw("a", None)
        await kafka.produce(running.topic("meter.events"), None)
        await meter.measure("a", "two")
        await _counted(mongo, running, "a", 2)
        await _parked(kafka, running, 3)
        assert await open_lanes(mongo, running) == []
        listed = (await kontor(running, "dlq", "list", "--json")).document
        assert listed["open"] == 3
        ids = [str(letter["example"]) for letter in listed["groups"]]
        fingerprints = [pile["fingerprint"] for pile in listed["groups"]]
        hidden = [await kontor(running, "dlq", "show", fingerprint) for fingerprint in fingerprints]
        assert not any("rete" in said.out for said in hidden)
        revealed = [await kontor(running, "dlq", "show", fingerprint, "--reveal") for fingerprint in fingerprints]
        assert any("Grete Muster" in said.out for said in revealed)
        in_vain = await kontor(running, "dlq", "replay", "--all", "--json")
        assert (in_vain.code, in_vain.outcomes) == (1, ["failed"] * 3)
        while ids:
            gone = await kontor(running, "dlq", "discard", ids[0], "--reason", "not ours", "--yes", "--json")
            assert gone.outcomes == ["discarded"]
            groups = (await kontor(running, "dlq", "list", "--json")).document["groups"]
            ids = [str(letter["example"]) for letter in groups]
