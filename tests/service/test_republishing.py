"""`kontor republish`: events that a topic has lost come again, and only who has missed one applies it."""

import hashlib
from typing import Any

from harness.command_line import Said, kontor
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.chassis.tally.calls import Caller, settled
from support import eventually

EVENTS = "tally.events"


async def _republish(running: Running, *arguments: str) -> Said:
    url, database = running.env["KONTOR_MONGO_URL"], running.database
    variables = {"KONTOR_MONGO_URL": url, "KONTOR_MONGO_DATABASE": database}
    return await kontor(running, "republish", running.name, *arguments, **variables)


async def _numbers(kafka: Topics, running: Running, name: str) -> list[tuple[int, str]]:
    found = await kafka.envelopes(running.topic(EVENTS))
    return [(event.sequence, event.id) for event in found if event.subject == f"counter:{name}"]


async def test_events_are_announced_again_with_their_ids(
    tally: Any, tokens: Tokens, mongo: Documents, kafka: Topics
) -> None:
    async with tally(KONTOR_MIRROR=False) as running:
        for name in ("a", "b"):
            await Caller(running, tokens).add(name, times=3)
        await eventually(lambda: settled(mongo, running))
        said = await _republish(running, "--document", "counter:a", "--after", "1", "--json")
        assert (said.code, said.document) == (0, {"documents": 1, "dry_run": False}), said.err

        async def again() -> bool:
            return len(await _numbers(kafka, running, "a")) >= 5 and await settled(mongo, running)

        await eventually(again)
        first, second, third = (await _numbers(kafka, running, "a"))[:3]
        assert await _numbers(kafka, running, "a") == [first, second, third, second, third]
        assert [number for number, _ in await _numbers(kafka, running, "b")] == [1, 2, 3]
        await Caller(running, tokens).add("a")
        await eventually(lambda: settled(mongo, running))
        assert [number for number, _ in await _numbers(kafka, running, "a")] == [1, 2, 3, 2, 3, 4]


async def test_who_has_missed_an_event_applies_it_and_the_others_pass_over(
    tally: Any, tokens: Tokens, mongo: Documents, kafka: Topics
) -> None:
    async with tally(KONTOR_RECENT_DOCUMENTS=0) as running:
        for name in ("whole", "lost"):
            await Caller(running, tokens).add(name, times=3)

        async def followed() -> bool:
            found = await mongo.all(running, "mirror")
            return [one["state"]["count"] for one in found] == [3, 3] and await settled(mongo, running)

        await eventually(followed)
        source = hashlib.blake2b(f"{EVENTS}|counter:lost".encode(), digest_size=9).hexdigest()
        missed = {"$set": {f"in.{source}.h": [[2, 2]]}}
        await mongo.collection(running).update_one({"_id": "mirror:lost"}, missed)
        assert (await _republish(running, "--kind", "counter")).code == 0

        async def made_good() -> bool:
            known = (await mongo.one(running, "mirror:lost"))["in"][source]
            read = await running.metric(
                "kontor_records_total", topic=running.topic(EVENTS), type="kontor.tally.amount-added.v1"
            )
            return bool(known["n"] == 3 and "h" not in known and read == 12)

        await eventually(made_good)
        # What came after the missed one is applied again behind it, so that the latest word stands.
        assert (await mongo.one(running, "mirror:lost"))["state"]["count"] == 5
        assert (await mongo.one(running, "mirror:whole"))["state"]["count"] == 3


async def test_a_command_that_finds_nothing_says_so(tally: Any) -> None:
    async with tally(KONTOR_MIRROR=False) as running:
        assert (await _republish(running, "--document", "counter:nobody")).code == 4
        assert (await _republish(running)).code == 2
        assert (await _republish(running, "--since", "yesterday")).code == 2
