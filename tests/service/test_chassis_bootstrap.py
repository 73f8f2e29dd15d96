"""A service finds its brokers by any of the addresses it is given."""

from typing import Any

from kontor_local.ports import HOST, Port


async def test_one_answering_broker_of_those_named_is_enough(tally: Any, backends: Any) -> None:
    silent = Port()
    silent.release()
    async with tally(KONTOR_KAFKA_BOOTSTRAP=f"{HOST}:{silent.number}, {backends.kafka}") as running:
        assert await running.is_ready()
