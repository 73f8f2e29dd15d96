"""How soon a consumer asks again a broker that answers at once that there is nothing."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.kafka import patience


class Broker:
    """Answers fetches one after the other: how long each takes, and whether it finds something. Keeps the pauses after them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.answer = (0.0, False)
        monkeypatch.setattr(patience, "_original", self._fetch)
        monkeypatch.setattr(patience, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(
            patience, "asyncio", SimpleNamespace(sleep=self._sleep, CancelledError=asyncio.CancelledError)
        )

    async def _fetch(self, _: Any) -> bool:
        takes, found = self.answer
        self.now += takes
        return found

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


class Fetcher:
    """Stands for aiokafka's: whatever can be a key."""


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    return Broker(monkeypatch)


async def ask(broker: Broker, fetcher: Any, *, takes: float = 0.0, found: bool = False) -> list[float]:
    """The pauses that followed."""
    broker.answer = (takes, found)
    broker.pauses.clear()
    assert await patience._fetch(fetcher) is found
    return list(broker.pauses)


async def test_in_quiet_the_pause_is_long_and_soon_after_something_was_found_short(broker: Broker) -> None:
    fetcher, other = Fetcher(), Fetcher()
    assert await ask(broker, fetcher) == [patience.PAUSE_SECONDS]
    assert await ask(broker, fetcher, found=True) == []
    assert await ask(broker, fetcher) == [patience.SHORT_PAUSE_SECONDS]
    assert await ask(broker, other) == [patience.PAUSE_SECONDS], "what one found says nothing of another"
    broker.now += patience.MOMENT_SECONDS
    assert await ask(broker, fetcher) == [patience.PAUSE_SECONDS]


async def test_a_broker_that_waited_is_asked_again_at_once(broker: Broker) -> None:
    assert await ask(broker, Fetcher(), takes=patience.TOO_SOON_SECONDS) == []
