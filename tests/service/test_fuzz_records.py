"""Whatever stands in a topic, each record gets one of the four outcomes, and good ones between bad ones are applied.

KONTOR_FUZZ_RECORDS: damaged records per topic (the default is small). KONTOR_FUZZ_SEED: the seed; a failure tells it.
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from harness.documents import Documents
from harness.mutations import LARGE, NOWHERE, Raw, forged, mutant
from harness.rest import at_rest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Read, Topics
from service.enrollment.company import Company
from service.fuzz_witnesses import message, renaming, witness
from service.identity.company import Person, activation
from support import eventually

from enrollment.subscribers import reactions as enrollment_reads
from identity.subscribers import reactions as identity_reads
from kontor_contracts import (
    MalformedError,
    Payload,
    UnknownTypeError,
    UnknownVersionError,
    announced_type,
    decode,
    encode,
)
from kontor_contracts.deadletters import Place, notes, without_notes
from kontor_contracts.topics import TOPICS, Topic
from notifications.subscribers import reactions as notifications_reads
from relationships.subscribers import reactions as relationships_reads

SEED = os.environ.get("KONTOR_FUZZ_SEED", "3")
RECORDS = int(os.environ.get("KONTOR_FUZZ_RECORDS", "120"))
ROUNDS = 4
WITNESSES = 5
"""Good records per topic and round."""
LARGE_ONES = 3
AT_ONCE = 32
MAY_GROW = 24 * 1024 * 1024
"""Bytes between the second and the last round: what an allocator keeps, and far below what is sent meanwhile."""
GROUPS = sorted({group for topic in TOPICS for group in topic.consumers})
# Only the keys are looked at, and no reaction is called.
NOTHING: Any = None
READ: dict[str, frozenset[type[Payload]]] = {
    "enrollment": frozenset(enrollment_reads(NOTHING, NOTHING, NOTHING)),
    "identity": frozenset(identity_reads(NOTHING)),
    "relationships": frozenset(relationships_reads(NOTHING, NOTHING, NOTHING, NOTHING)),
    "notifications": frozenset(notifications_reads(NOTHING, NOTHING)),
}
OUTCOMES = ("applied", "duplicate", "ignored", "parked")
# A flood of dead letters is what this test makes.
SETTINGS = {"KONTOR_PARK_LIMIT": 10**9, "KONTOR_RETRY_DELAYS": "[0.01, 0.01]", "KONTOR_BLOCKED_KEY_LIMIT": 100_000}
WITHIN = 30.0 + RECORDS / 8


@dataclass
class Fuzz:
    """One service under fire."""

    running: Running
    kafka: Topics
    mongo: Documents
    tokens: Tokens

    @property
    def topics(self) -> list[Topic]:
        return [topic for topic in TOPICS if self.running.name in topic.consumers]

    def of(self, topic: Topic) -> str:
        return self.running.topic(topic.name)

    # -- sending

    async def round(self, number: int) -> list[str]:
        """Send a round's records and wait for their outcomes; the marks of the good ones."""
        marks: list[str] = []
        for topic in self.topics:
            random = Random(f"{SEED}/{self.running.name}/{topic.name}/{number}")
            good = await self._good(topic, number)
            marks += [mark for mark, _ in good]
            records = [*self._bad(topic, random, number), *(raw for _, raw in good)]
            random.shuffle(records)
            await self._send(self.of(topic), records)
        await eventually(self.is_through, timeout=WITHIN, every=0.2)
        return marks

    def _bad(self, topic: Topic, random: Random, number: int) -> list[Raw]:
        read = [one for one in TOPICS if self.running.name in one.consumers and one.messages]
        types = [type_ for one in ([topic] if topic.messages else read) for type_ in one.types]
        made = []
        for count in range(RECORDS // ROUNDS):
            # Some aggregates have several damaged events, so that later ones wait behind those before them.
            document = message(random.choice(types), f"fuzz-{number}-{random.randrange(1 + RECORDS // 8)}")
            raw = (LARGE if count < LARGE_ONES else mutant)(document, random)
            replays = topic.kind == "replay" and random.random() < 0.8
            names = [self.of(one) for one in read]
            made.append(forged(raw, random, group=self.running.group, topics=names) if replays else raw)
        return made

    async def _good(self, topic: Topic, number: int) -> list[tuple[str, Raw]]:
        marks = [f"good-{topic.name}-{number}-{count}" for count in range(WITNESSES)]
        if (self.running.name, topic.name) == ("identity", "enrollment.events"):
            people = [await Person.sign_up(self.running) for _ in range(2)]
            envelopes = [activation(person) for person in people]
            wires = [(envelope.data.enrollment_id, encode(envelope), envelope.subject) for envelope in envelopes]
            return [(mark, Raw(value, key.encode(), tuple(headers))) for mark, (value, headers), key in wires]
        if (self.running.name, topic.name) == ("enrollment", "identity.events"):
            return [await self._renamed(f"{number}-{count}") for count in range(WITNESSES)]
        found = [(mark, witness(self.running.name, topic.name, mark)) for mark in marks]
        return [(mark, raw) for mark, raw in found if raw]

    async def _renamed(self, one: str) -> tuple[str, Raw]:
        """A draft, and its company's new name."""
        company = Company(self.running, self.tokens, f"good-{one}", "4711001")
        await company.start()
        before = (await company.get(company.path))["company_name"]
        mark = f"Renamed {one} GmbH"
        return mark, renaming(company.organization_id, mark, before)

    async def _send(self, topic: str, records: Sequence[Raw]) -> None:
        for start in range(0, len(records), AT_ONCE):
            some = records[start : start + AT_ONCE]
            await asyncio.gather(
                *(self.kafka.produce(topic, raw.value, key=raw.key, headers=raw.headers) for raw in some)
            )

    # -- looking

    async def is_through(self) -> bool:
        """Everything read, the service's own events too, and nothing more on its way."""
        return await at_rest(self.running, self.kafka, self.mongo, [topic.name for topic in self.topics])

    async def outcomes(self, topic: Topic) -> Counter[str]:
        of = {"topic": self.of(topic)}
        return Counter(
            {name: int(await self.running.metric("kontor_records_total", outcome=name, **of)) for name in OUTCOMES}
        )

    async def dead(self) -> list[Read]:
        return await self.kafka.read_all(self.running.topic(f"{self.running.name}.dlq"))

    def resident(self) -> int:
        """Bytes in memory."""
        status = Path(f"/proc/{self.running.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) * 1024


@pytest.mark.parametrize("group", GROUPS)
async def test_every_record_has_one_outcome_and_the_good_ones_their_effect(
    group: str, service: Any, kafka: Topics, mongo: Documents, tokens: Tokens
) -> None:
    async with reproducible(), service(group, **SETTINGS) as running:
        fuzz = Fuzz(running, kafka, mongo, tokens)
        pid, marks, resident = running.process.pid, list[str](), list[int]()
        for number in range(ROUNDS):
            marks += await fuzz.round(number)
            resident.append(fuzz.resident())
        await check_outcomes(fuzz)
        await check_effects(fuzz, marks)
        assert running.process.alive and running.process.pid == pid
        assert (await running.management.get("/livez")).status_code == 200
        assert await running.is_ready()
        assert resident[-1] - resident[1] < MAY_GROW, resident


@asynccontextmanager
async def reproducible() -> AsyncIterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"again: KONTOR_FUZZ_SEED={SEED} KONTOR_FUZZ_RECORDS={RECORDS}")
        raise


async def check_outcomes(fuzz: Fuzz) -> None:
    """I12, and what is parked stands in the dead-letter topic as it came."""
    told = await fuzz.dead()
    dead = [(Place.original(notes(read.record.headers)), read) for read in told if "dlq-stage" in read.headers]
    for topic in fuzz.topics:
        originals = {Place(*read.place): read.record for read in await fuzz.kafka.read_all(fuzz.of(topic))}
        parked = {place: read.record for place, read in dead if place in originals}
        counted = await fuzz.outcomes(topic)
        assert counted.total() == len(originals), (topic.name, counted)
        if topic.kind == "replay":
            again = [place for place, _ in dead if place.offset >= NOWHERE]
            refused = [read for read in told if "dlq-refuses" in read.headers]
            assert len(parked) + len(again) + len(refused) == counted["parked"], topic.name
        else:
            unreadable = {
                place for place, record in originals.items() if is_unreadable(record, topic, fuzz.running.name)
            }
            assert len(parked) == counted["parked"] and unreadable <= parked.keys(), topic.name
        for place, record in parked.items():
            assert (record.key, record.value) == (originals[place].key, originals[place].value), place
            assert without_notes(record.headers) == without_notes(originals[place].headers), place
    # Of the handling itself: an error that nobody has foreseen.
    assert not [read.headers for _, read in dead if read.headers["dlq-stage"] == b"handle"]


def is_unreadable(record: Any, topic: Topic, group: str) -> bool:
    """By the contract alone, and by what the group reads at all."""
    types = {type_: message for type_, message in topic.types.items() if message in READ[group]}
    try:
        decode(record.value, record.headers, types)
    except (MalformedError, UnknownVersionError) as error:
        announced = error.claims.get("type") if error.claims else announced_type(record.headers)
        return not isinstance(announced, str) or announced in types or announced not in topic.types
    except UnknownTypeError as error:
        return topic.kind == "commands" and error.type not in topic.types
    return False


async def check_effects(fuzz: Fuzz, marks: Sequence[str]) -> None:
    states = json.dumps([document["state"] for document in await fuzz.mongo.all(fuzz.running)], default=str)
    assert marks
    assert not [mark for mark in marks if mark not in states]
