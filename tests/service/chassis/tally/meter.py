"""The meter's events, as another team sends them, and what tests of dead letters ask about what comes of them."""

from datetime import UTC, datetime
from typing import Any

from harness.documents import Documents
from harness.running import Running
from harness.topics import Read, Topics
from service.chassis.tally.messages import METER, Measured
from support import eventually

from kontor_contracts import new_envelope
from kontor_contracts.deadletters import notes


class Meter:
    """One tally's meters. Each has its own key, and its events their numbers from 1."""

    def __init__(self, kafka: Topics, running: Running) -> None:
        self._kafka = kafka
        self._topic = running.topic(METER.name)
        self._numbers: dict[str, int] = {}

    async def measure(self, meter: str, *notes: str) -> None:
        """One event of amount 1 per note, for the counter of the same name."""
        for note in notes:
            number = self._numbers[meter] = self._numbers.get(meter, 0) + 1
            envelope = new_envelope(
                Measured(counter_id=meter, amount=1, note=note),
                id=f"{meter}-{number}",
                source="/kontor/meter",
                subject=f"meter:{meter}",
                time=datetime.now(UTC),
                sequence=number,
                correlationid=f"{meter}-{number}",
            )
            await self._kafka.produce(self._topic, envelope)

    async def raw(self, meter: str, value: bytes | None) -> None:
        await self._kafka.produce(self._topic, value, key=f"meter:{meter}")


async def count(mongo: Documents, running: Running, counter: str) -> int:
    """How many amounts were added to the counter."""
    try:
        found: int = (await mongo.one(running, f"counter:{counter}"))["state"]["count"]
    except KeyError:
        return 0
    return found


async def added(kafka: Topics, running: Running, counter: str, amounts: int) -> list[str]:
    """The notes of the amounts added, in order, once there are as many: a document is ahead of its events."""

    async def found() -> list[str]:
        events = await kafka.envelopes(running.topic("tally.events"))
        mine = {
            e.sequence: e.data.note for e in events if e.subject == f"counter:{counter}" and hasattr(e.data, "note")
        }
        return [mine[number] for number in sorted(mine)] if len(mine) >= amounts else []

    return await eventually(found)


async def letters(kafka: Topics, running: Running) -> list[Read]:
    """The dead letters in the topic, without the markers."""
    found = await kafka.read_all(running.topic("tally.dlq"))
    return [read for read in found if "dlq-stage" in notes(read.record.headers)]


async def open_lanes(mongo: Documents, running: Running) -> list[list[int]]:
    """The open offsets of each lane that is held up."""
    lanes: list[dict[str, Any]] = await mongo.all(running, "lane")
    return [lane["state"]["open"] for lane in lanes if lane["state"]["blocked"]]
