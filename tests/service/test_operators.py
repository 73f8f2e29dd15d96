"""The operators' command line on running servers: topics, outbox, settings, and what ails an installation."""

import asyncio
import json
import secrets
import tarfile
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from harness.command_line import kontor
from harness.topics import Topics
from service.notifications.messages import TOPIC as EVENTS
from service.notifications.messages import fate, verified
from support import eventually

from chassis import MongoStore
from kontor_contracts.topics import TOPICS

ONE = ("--replication-factor", "1")


async def test_topics_that_are_as_the_registry_says_do_not_differ(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        said = await kontor(running, "topics", "diff", *ONE)
        assert (said.code, said.out) == (0, "no differences\n"), said.out + said.err
        assert (await kontor(running, "topics", "plan", *ONE)).code == 0


async def test_a_setting_that_was_changed_is_found_and_set_again(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        name = f"{running.env['KONTOR_TOPIC_PREFIX']}notifications.dlq"
        await alter(running, name, {"retention.ms": "1000", "segment.ms": "60000"})
        said = await kontor(running, "topics", "diff", *ONE, "--json")
        assert said.code == 2
        assert [(one["topic"], one["what"], one["found"]) for one in said.document["differences"]] == [
            (name, "retention.ms", "1000")
        ]
        applied = await kontor(running, "topics", "apply", *ONE, "--json")
        assert applied.code == 0, applied.err
        assert [(one["topic"], one["outcome"]) for one in applied.document["results"]] == [(name, "changed")]
        assert (await kontor(running, "topics", "diff", *ONE)).code == 0
        assert (await settings(running, name))["segment.ms"] == "60000", "what somebody made by hand stays"


async def test_a_watch_ends_with_the_first_difference(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        quiet = await kontor(running, "topics", "watch", *ONE, "--every", "0.2", "--for", "0.5")
        assert (quiet.code, quiet.out) == (0, "no differences\n"), quiet.err
        watching = asyncio.create_task(kontor(running, "topics", "watch", *ONE, "--every", "0.2", "--json"))
        name = f"{running.env['KONTOR_TOPIC_PREFIX']}identity.dlq"
        await alter(running, name, {"retention.ms": "1000"})
        said = await watching
        assert said.code == 2, said.err
        assert [(one["topic"], one["what"]) for one in said.document["differences"]] == [(name, "retention.ms")]


async def test_missing_topics_are_planned_and_made(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        prefix = f"{running.env['KONTOR_TOPIC_PREFIX']}other."
        planned = await kontor(running, "topics", "plan", *ONE, "--json", KONTOR_TOPIC_PREFIX=prefix)
        assert planned.code == 2
        assert len(planned.document["would_do"]) == len(TOPICS)
        made = await kontor(running, "topics", "apply", *ONE, KONTOR_TOPIC_PREFIX=prefix)
        assert made.code == 0, made.err
        assert made.out.count(": created") == len(TOPICS)
        assert (await kontor(running, "topics", "diff", *ONE, KONTOR_TOPIC_PREFIX=prefix)).code == 0


async def test_a_wrong_number_of_copies_is_left_to_people(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        said = await kontor(running, "topics", "apply", "--replication-factor", "2")
        assert said.code == 2
        assert said.out.count("left (replicas is 1, not 2") == len(TOPICS), said.out


async def test_an_empty_outbox_says_that_nothing_waits(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        database = {name: running.env[f"KONTOR_{name}"] for name in ("MONGO_URL", "MONGO_DATABASE")}
        variables = {f"KONTOR_{name}": value for name, value in database.items()}
        said = await kontor(running, "outbox", "identity", **variables)
        assert (said.code, said.out) == (0, "nothing waits\n"), said.err
        as_json = await kontor(running, "outbox", "identity", "--json", **variables)
        assert json.loads(as_json.out)["waiting"] == 0


async def test_a_database_that_is_away_is_named(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        said = await kontor(running, "outbox", "identity", KONTOR_MONGO_URL="mongodb://127.0.0.1:9")
        assert said.code == 3
        assert "is --mongo-url right?" in said.err


async def alter(running: Any, name: str, config: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=running.env["KONTOR_KAFKA_BOOTSTRAP"])
    await admin.start()
    try:
        kept = await settings(running, name)
        wanted = {
            key: kept[key] for key in ("cleanup.policy", "max.message.bytes", "min.insync.replicas") if key in kept
        }
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=wanted | config)])
    finally:
        await admin.close()


async def settings(running: Any, name: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=running.env["KONTOR_KAFKA_BOOTSTRAP"])
    await admin.start()
    try:
        (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        return {entry[0]: entry[1] for *_, entries in response.resources for entry in entries}
    finally:
        await admin.close()


async def test_settings_are_printed_without_their_secrets(service: Any) -> None:
    async with service("identity", topics=(), start=False) as running:
        passed = {name: value for name, value in running.env.items() if name.startswith("KONTOR_")}
        said = await kontor(running, "config", "check", "identity", **passed)
        assert said.code == 0, said.err
        assert "KONTOR_MONGO_URL=(set, not shown) *" in said.out
        assert 'KONTOR_LOG_LEVEL="INFO"\n' in said.out
        assert "mongodb://" not in said.out
        wrong = await kontor(running, "config", "check", "identity", **passed, KONTOR_LEASES="1")
        assert wrong.code == 2
        assert "KONTOR_LEASES is not a setting. Did you mean KONTOR_LEASE?" in wrong.err


async def test_the_doctor_finds_nothing_in_a_healthy_installation(service: Any) -> None:
    async with service("identity", topics=TOPICS) as running:
        management = f"http://127.0.0.1:{running.env['KONTOR_MANAGEMENT_PORT']}"
        said = await kontor(running, "doctor", "--management", management, *ONE, "--json")
        states = {one["about"]: one["state"] for one in said.document["findings"]}
        assert states.pop("identity") == "ok", said.out
        others = {f"group {name}" for name in ("identity", "enrollment", "relationships", "notifications")}
        assert {about for about, state in states.items() if state == "unknown"} <= others, said.out
        assert {about for about, state in states.items() if state == "ok"} >= {"broker", "topics", "dead letters"}


async def test_the_doctor_names_what_is_wrong(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        said = await kontor(running, "doctor", "--management", "http://127.0.0.1:9", "--json")
        assert said.code == 1
        found = {one["about"]: one for one in said.document["findings"]}
        assert found["topics"]["remedy"] == "kontor topics diff", "three copies are wanted, and there is one broker"
        assert found["http://127.0.0.1:9"]["state"] == "problem"
        away = await kontor(running, "doctor", KONTOR_KAFKA_BOOTSTRAP="127.0.0.1:9")
        assert away.code == 1
        assert away.out.startswith("problem broker: 127.0.0.1:9")


async def test_a_story_is_told_from_its_topics_to_the_mail(service: Any, kafka: Topics) -> None:
    async with service("notifications", topics=TOPICS) as running:
        message = verified("ada@mueller-soehne.example")
        await kafka.produce(running.topic(EVENTS), message)
        await kafka.produce(running.topic(EVENTS), verified("other@mueller-soehne.example"))
        await fate(kafka, running, message)
        told = await kontor(running, "story", message.correlationid, "--json")
        assert told.code == 0, told.err
        found = told.document["entries"]
        assert [(one["topic"], one["type"]) for one in found] == [
            (EVENTS, message.type),
            ("notifications.events", "kontor.notifications.mail-queued.v1"),
            ("notifications.events", "kontor.notifications.mail-sent.v1"),
        ]
        assert found[1]["caused_by"] == message.id
        text = await kontor(running, "story", message.correlationid, "--since", "1h")
        assert text.code == 0
        assert "ada" not in text.out
        assert (await kontor(running, "story", "no-such-story")).code == 4


async def test_indexes_that_drift_are_found_made_and_dropped(service: Any) -> None:
    async with service("identity", start=False) as running:
        variables = {"KONTOR_MONGO_URL": running.env["KONTOR_MONGO_URL"], "KONTOR_MONGO_DATABASE": running.database}
        said = await kontor(running, "indexes", "drift", "identity", **variables)
        assert (said.code, said.out) == (0, "no differences\n"), said.out + said.err
        store = MongoStore(running.env["KONTOR_MONGO_URL"], running.database, "identity", lease=30)
        old = {"name": "old", "key": [["state.gone", 1]], "unique": False, "sparse": False}
        await store.indexes.drop("timers")
        await store.indexes.create(old)
        said = await kontor(running, "indexes", "drift", "identity", "--json", **variables)
        assert said.code == 2
        assert [(one["name"], one["state"]) for one in said.document["differences"]] == [
            ("timers", "missing"),
            ("old", "unused"),
        ]
        made = await kontor(running, "indexes", "apply", "identity", "--drop", "old", "--json", **variables)
        assert made.code == 0, made.err
        assert [(one["name"], one["outcome"]) for one in made.document["results"]] == [
            ("old", "dropped"),
            ("timers", "made"),
        ]
        assert {"timers"} <= {one["name"] for one in await store.indexes.found()}
        assert (await kontor(running, "indexes", "plan", "identity", **variables)).code == 0
        wrong = await kontor(running, "indexes", "apply", "identity", "--drop", "timers", **variables)
        assert wrong.code == 2, "an index that is needed is not dropped"
        store.close()


async def test_indexes_without_a_database_say_so(service: Any) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        said = await kontor(running, "indexes", "drift", "identity", KONTOR_MONGO_URL="mongodb://127.0.0.1:9")
        assert said.code == 3
        assert "--mongo-url" in said.err


async def test_a_support_bundle_holds_no_secret_and_no_person(service: Any, kafka: Topics, tmp_path: Path) -> None:
    canary = f"canary{secrets.token_hex(4)}"
    log, password = tmp_path / "identity.log", tmp_path / "password"
    password.write_text(canary)
    async with service("notifications", topics=TOPICS) as running:
        await kafka.produce(running.topic(EVENTS), f'{{"name": "{canary}"}}'.encode(), key=canary.encode())
        await eventually(lambda: _parked(kafka, running.topic("notifications.dlq")))
        await running.client.get(f"/v1/mails/{canary}", headers={"authorization": f"Bearer {canary}"})
        lines = running.process.log.read_text()
        log.write_text(f'{lines}{{"event": "x", "error": "{canary}@secret.example"}}\n{canary} said no\n')
        archive = tmp_path / "bundle.tar.gz"
        management = f"http://127.0.0.1:{running.management_port.number}"
        arguments = ("--out", str(archive), "--management", management, "--log", str(log), *ONE, "--json")
        variables = {
            "KONTOR_MONGO_URL": f"mongodb://kontor:{canary}@db/",
            "KONTOR_KAFKA_PASSWORD_FILE": str(password),
            "KONTOR_MAIL_SENDER": f"{canary}@secret.example",
        }
        said = await kontor(running, "support-bundle", *arguments, **variables)
        assert said.code == 0, said.out + said.err
        assert canary not in said.out + said.err
    files = _unpacked(archive)
    assert {name.partition("/")[0] for name in files} == {
        "contents.json",
        "versions.json",
        "settings.json",
        "topics-and-lag.json",
        "topic-differences.json",
        "dead-letters.json",
        "services",
        "logs",
    }
    assert not [name for name, text in files.items() if canary in text]
    (letter,) = json.loads(files["dead-letters.json"])
    assert (letter["group"], letter["stage"]) == ("notifications", "parse")
    events = [json.loads(line)["event"] for line in files["logs/1.jsonl"].splitlines()]
    assert "started" in events
    assert events[-1] == "lines_left_out"


async def test_a_support_bundle_says_what_it_could_not_have(service: Any, tmp_path: Path) -> None:
    async with service("identity", topics=TOPICS, start=False) as running:
        archive = tmp_path / "bundle.tar.gz"
        arguments = ("--out", str(archive), "--management", "http://127.0.0.1:9", "--log", str(tmp_path / "none"), *ONE)
        said = await kontor(running, "support-bundle", *arguments)
        assert said.code == 1
        parts = {part["part"]: part["outcome"] for part in json.loads(_unpacked(archive)["contents.json"])["parts"]}
        assert parts["logs/1.jsonl"] == "could not be had: FileNotFoundError"
        assert parts["services/1-9/"].startswith("could not be had")
        assert parts["topics-and-lag.json"] == "ok"


async def _parked(kafka: Topics, topic: str) -> bool:
    return bool(await kafka.read_all(topic))


def _unpacked(archive: Path) -> dict[str, str]:
    """By name below the folder of the bundle."""
    with tarfile.open(archive) as bundle:
        found = {member.name: bundle.extractfile(member) for member in bundle.getmembers()}
        return {name.partition("/")[2]: file.read().decode() for name, file in found.items() if file is not None}
