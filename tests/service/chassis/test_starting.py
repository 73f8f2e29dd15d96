"""A service finds its broker by any of the addresses it is given, and waits for its servers before it begins."""

from typing import Any

import pytest
from harness.running import Running
from service.chassis.tally.messages import OWN
from support import eventually

from kontor_local.backends import AnyBroker
from kontor_local.ports import HOST, Port
from kontor_local.servers import Database


async def test_one_answering_broker_of_those_named_is_enough(tally: Any, backends: Any) -> None:
    silent = Port()
    silent.release()
    async with tally(KONTOR_KAFKA_BOOTSTRAP=f"{HOST}:{silent.number}, {backends.kafka}") as running:
        assert await running.is_ready()


async def test_a_start_waits_for_the_broker(tally: Any, own_broker: AnyBroker) -> None:
    async with tally(KONTOR_KAFKA_BOOTSTRAP=own_broker.url, start=False) as running:
        await own_broker.stop()
        await running.start(ready=False)
        await eventually(lambda: waits_for(running, "broker"))
        await own_broker.start()
        await eventually(running.is_ready, timeout=60)


async def test_a_start_waits_for_the_database(tally: Any, own_database: Database) -> None:
    async with tally(KONTOR_MONGO_URL=own_database.url, start=False) as running:
        await own_database.stop()
        await running.start(ready=False)
        await eventually(lambda: waits_for(running, "database"))
        await own_database.start()
        await eventually(running.is_ready, timeout=60)


async def test_one_that_waits_ends_at_once_when_it_is_asked_to(tally: Any, own_broker: AnyBroker) -> None:
    async with tally(KONTOR_KAFKA_BOOTSTRAP=own_broker.url, start=False) as running:
        await own_broker.stop()
        await running.start(ready=False)
        await eventually(lambda: waits_for(running, "broker"))
        assert await running.stop() == 0
        assert "Traceback" not in running.process.tail()


@pytest.mark.parametrize("within", [0, 1])
async def test_one_that_has_waited_long_enough_says_for_what(tally: Any, own_broker: AnyBroker, within: int) -> None:
    away = {"KONTOR_KAFKA_BOOTSTRAP": own_broker.url, "KONTOR_START_TIMEOUT": within}
    async with tally(**away, start=False) as running:
        await own_broker.stop()
        await running.start(ready=False)
        assert await running.process.wait(30) == 1
        assert "broker" in said(running, "start_failed")


async def test_a_missing_topic_is_named_with_the_remedy(tally: Any) -> None:
    async with tally(start=False) as running:
        running.process.env |= {"KONTOR_TOPIC_PREFIX": "elsewhere."}
        await running.start(ready=False)
        assert await running.process.wait(30) == 1
        assert f"elsewhere.{OWN.name}" in said(running, "start_failed")
        assert "python -m chassis topics" in said(running, "start_failed")


async def waits_for(running: Running, server: str) -> bool:
    return server in said(running, "waiting_for_server")


def said(running: Running, event: str) -> str:
    return "".join(line["error"] for line in running.logs() if line.get("event") == event)
