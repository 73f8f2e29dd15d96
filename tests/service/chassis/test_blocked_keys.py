"""Keys held up by a dead letter: crashes in between, limits, floods, and letters that are gone."""

from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from harness.command_line import kontor
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.chassis.tally.faults import DIED
from service.chassis.tally.messages import Add
from service.chassis.tally.meter import Meter, added, count, letters, open_lanes
from service.notifications.messages import TOPIC, fate, verified
from support import eventually

from kontor_contracts import new_envelope
from kontor_contracts.deadletters import notes, with_notes
from kontor_contracts.notifications import MailSent
from kontor_local.connected import connected
from kontor_local.mailbox import Mailbox

QUICK = {"KONTOR_RETRY_DELAYS": "[0.01, 0.01]", "KONTOR_MIRROR": False}
FAULTY = {"TALLY_FAULT": "choke:poison", **QUICK}


async def _parked(kafka: Topics, running: Running, number: int) -> None:
    async def so() -> bool:
        return len(await letters(kafka, running)) >= number

    await eventually(so)


async def _counted(mongo: Documents, running: Running, counter: str, number: int) -> None:
    async def so() -> bool:
        return await count(mongo, running, counter) == number

    await eventually(so)


async def _died(kafka: Topics, running: Running) -> None:
    assert await running.process.wait(30) == DIED
    await kafka.forget_members(running.group)


async def test_a_crash_before_the_dead_letter_is_written_loses_nothing(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(TALLY_FAULT="choke:poison,die-before-dead-letter", **QUICK) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison", "two")
        await _died(kafka, running)
        assert await letters(kafka, running) == []
        assert len(await open_lanes(mongo, running)) == 1

        running.env["TALLY_FAULT"] = "choke:poison"
        await running.start()
        await _parked(kafka, running, 2)
        running.env["TALLY_FAULT"] = ""
        await running.restart()
        assert (await kontor(running, "dlq", "replay", "--all", "--json")).outcomes == ["applied", "applied"]
        assert await added(kafka, running, "a", 2) == ["poison", "two"]


async def test_a_record_that_is_read_again_and_applied_closes_its_dead_letter(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(TALLY_FAULT="choke:poison,die-after-dead-letter", **QUICK) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison", "two")
        await _died(kafka, running)
        assert len(await letters(kafka, running)) == 1
        running.env["TALLY_FAULT"] = ""
        await running.start()
        await _counted(mongo, running, "a", 2)
        await eventually(lambda: _nothing_open(mongo, running))
        assert await added(kafka, running, "a", 2) == ["poison", "two"]
        assert (await kontor(running, "dlq", "list", "--json")).document["open"] == 0


async def _nothing_open(mongo: Documents, running: Running) -> bool:
    return await open_lanes(mongo, running) == []


async def test_a_crash_after_a_replay_was_applied_applies_it_no_second_time(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(KONTOR_LEASE=3, KONTOR_DATABASE_TIMEOUT=1, KONTOR_SWEEP_INTERVAL=0.1, **FAULTY) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison", "two")
        await _parked(kafka, running, 2)
        await running.stop()
        running.env["TALLY_FAULT"] = "die-before-settling"
        await running.start()
        (head, _) = [read.record for read in await letters(kafka, running)]
        await kafka.produce(running.topic("tally.replay"), head.value, key=head.key, headers=head.headers)
        await _died(kafka, running)
        assert await count(mongo, running, "a") == 1
        running.env["TALLY_FAULT"] = ""
        await running.start()
        assert (await kontor(running, "dlq", "replay", "--all", "--json")).outcomes[-1] == "applied"
        await eventually(lambda: _nothing_open(mongo, running))

        assert await added(kafka, running, "a", 2) == ["poison", "two"]
        assert await count(mongo, running, "a") == 2


async def test_neither_waiting_records_nor_replays_in_vain_are_a_flood(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(KONTOR_PARK_LIMIT=2, **FAULTY) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison", *(str(number) for number in range(2, 9)))
        await _parked(kafka, running, 8)
        for _ in range(3):
            assert (await kontor(running, "dlq", "replay", "--all", "--limit", "1", "--json")).outcomes[0] == "failed"
        await meter.measure("b", "one")
        await _counted(mongo, running, "b", 1)
        assert await running.is_ready()


async def test_when_too_many_wait_their_partition_waits_and_no_other(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(KONTOR_BLOCKED_KEY_LIMIT=3, **FAULTY) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison", "2", "3", "4", "5")
        await _parked(kafka, running, 3)
        for other in "bcdefgh":
            await meter.measure(other, "one")

        async def others_are_done() -> bool:
            return sum([await count(mongo, running, other) for other in "bcdefgh"]) >= 3

        await eventually(others_are_done)
        assert await kafka.unread(running.group, running.topic("meter.events")) >= 2
        assert len(await letters(kafka, running)) == 3
        running.env["TALLY_FAULT"] = ""
        await running.restart()
        assert (await kontor(running, "dlq", "replay", "--all", "--json")).code == 0
        await _counted(mongo, running, "a", 5)
        assert await added(kafka, running, "a", 5) == ["poison", "2", "3", "4", "5"]


async def test_a_key_whose_dead_letter_is_gone_can_still_be_freed(tally: Any, mongo: Documents, kafka: Topics) -> None:
    async with tally(TALLY_FAULT="choke:poison,die-before-dead-letter", **QUICK) as running:
        meter = Meter(kafka, running)
        await meter.measure("a", "poison")
        await _died(kafka, running)
        await _skip(kafka, running)
        running.env["TALLY_FAULT"] = ""
        await running.start()
        await meter.measure("a", "two")
        await _parked(kafka, running, 1)
        in_vain = await kontor(running, "dlq", "replay", "--all", "--json")
        (result,) = in_vain.document["results"]
        assert (in_vain.code, result["outcome"]) == (1, "refused")
        lost = result["detail"].split(": ")[1].split(" ")[0]
        assert (await kontor(running, "dlq", "discard", lost, "--reason", "x", "--yes")).code == 4
        arguments = ("--lost", "--group", "tally", "--reason", "its letter is gone", "--yes", "--json")
        gone = await kontor(running, "dlq", "discard", lost, *arguments)
        assert (gone.code, gone.outcomes) == (0, ["discarded"])
        assert (await kontor(running, "dlq", "replay", "--all", "--json")).outcomes == ["applied"]
        assert await added(kafka, running, "a", 1) == ["two"]


async def _skip(kafka: Topics, running: Running) -> None:
    """Let the group, which has no member, go on behind everything there is."""
    topic = running.topic("meter.events")
    ends = await kafka.ends(topic)
    client = AIOKafkaConsumer(
        bootstrap_servers=running.env["KONTOR_KAFKA_BOOTSTRAP"], group_id=running.group, enable_auto_commit=False
    )
    async with connected(client) as consumer:
        places = {TopicPartition(topic, partition): end for partition, end in ends.items()}
        consumer.assign(list(places))
        await consumer.commit(places)


async def test_a_parked_command_is_not_taken_for_a_repetition_of_another_one(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**FAULTY) as running:
        commands = running.topic("tally.commands")

        async def ask(id: str, note: str) -> None:
            envelope = new_envelope(
                Add(counter_id="x", amount=1, note=note),
                id=id,
                source="/elsewhere",
                subject=id,
                time=datetime.now(UTC),
                correlationid=id,
            )
            await kafka.produce(commands, envelope, partition=0)

        # Two keys, one partition, one counter: the second command is applied before the first is replayed.
        await ask("first", "poison")
        await ask("second", "two")
        await _parked(kafka, running, 1)
        await _counted(mongo, running, "x", 1)
        running.env["TALLY_FAULT"] = ""
        await running.restart()
        assert (await kontor(running, "dlq", "replay", "--all", "--json")).outcomes == ["applied"]
        assert await count(mongo, running, "x") == 2


async def test_what_is_no_dead_letter_does_no_harm_in_the_replay_topic(
    tally: Any, mongo: Documents, kafka: Topics
) -> None:
    async with tally(**QUICK) as running:
        replays = running.topic("tally.replay")
        foreign = {"dlq-original-topic": "elsewhere", "dlq-original-partition": "0", "dlq-original-offset": "1"}
        headers = [(name, text.encode()) for name, text in foreign.items()]
        await kafka.produce(replays, b"{}", key="a")
        await kafka.produce(replays, None)
        await kafka.produce(replays, b"{}", key="a", headers=headers)
        await _parked(kafka, running, 2)

        async def refused() -> bool:
            found = [notes(read.record.headers) for read in await kafka.read_all(running.topic("tally.dlq"))]
            return any(one.get("dlq-refuses") == "elsewhere/0/1" for one in found)

        await eventually(refused)
        await Meter(kafka, running).measure("a", "one")
        await _counted(mongo, running, "a", 1)


async def test_replaying_what_led_to_a_mail_sends_no_second_one(service: Any, mailbox: Mailbox, kafka: Topics) -> None:
    async with service("notifications") as running:
        message = verified("once@replayed.example")
        await kafka.produce(running.topic(TOPIC), message)
        assert isinstance(await fate(kafka, running, message), MailSent)
        (sent,) = [read.record for read in await kafka.read_all(running.topic(TOPIC))]
        found = {
            "dlq-original-topic": sent.topic,
            "dlq-original-partition": str(sent.partition),
            "dlq-original-offset": str(sent.offset),
            "dlq-consumer-group": running.group,
        }
        replays = running.topic("notifications.replay")
        for _ in range(2):
            await kafka.produce(replays, sent.value, key=sent.key, headers=with_notes(sent.headers, found))

        async def told() -> list[str]:
            records = [notes(read.record.headers) for read in await kafka.read_all(running.topic("notifications.dlq"))]
            return [one["dlq-outcome"] for one in records] if len(records) == 2 else []

        assert await eventually(told) == ["duplicate", "duplicate"]
        # A second mail would be due at once, and be sent before this one.
        after = verified("after@replayed.example")
        await kafka.produce(running.topic(TOPIC), after)
        await fate(kafka, running, after)
        assert len([mail for mail in mailbox.mails() if "once@replayed.example" in mail.to]) == 1
