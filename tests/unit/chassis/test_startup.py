"""A start waits for what time mends, for as long as it may, and says so once a minute."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError
from aiokafka.protocol.metadata import MetadataRequest
from structlog.testing import capture_logs

from chassis.configuration.loading import SettingError
from chassis.errors import UnavailableError
from chassis.lifecycle import startup, topics, waiting
from chassis.lifecycle.startup import wait_for_servers
from chassis.lifecycle.waiting import patiently


class Clock:
    """Time passes while somebody sleeps, and not otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(waiting, "time", self)
        monkeypatch.setattr(waiting, "asyncio", self)

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def test_a_wait_is_a_line_at_once_one_a_minute_and_one_at_its_end(clock: Clock) -> None:
    async def step() -> str:
        if clock.now < 150:
            raise UnavailableError("broker: no answer")
        return "done"

    with capture_logs() as lines:
        assert await patiently(step, 300) == "done"
    assert [line["event"] for line in lines] == ["waiting_for_server"] * 3 + ["servers_available"]


async def test_a_wait_ends_with_its_time(clock: Clock) -> None:
    async def step() -> None:
        raise UnavailableError("broker: no answer")

    with pytest.raises(UnavailableError):
        await patiently(step, 10)
    assert 8 <= clock.now <= 10


async def test_what_waiting_does_not_mend_is_not_waited_for(clock: Clock) -> None:
    async def step() -> None:
        raise SettingError("KONTOR_KAFKA_PASSWORD_FILE: refused")

    with pytest.raises(SettingError):
        await patiently(step, 300)
    assert clock.now == 0


async def test_a_service_waits_until_each_partition_has_a_leader(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def answers(*_: object) -> None: ...

    async def nothing_missing(*_: object) -> set[str]:
        return set()

    async def leaderless(_: object, names: set[str]) -> list[str]:
        asked.append(clock.now)
        return [f"{name}/0" for name in names] if clock.now < 5 else []

    monkeypatch.setattr(startup, "_database_answers", answers)
    monkeypatch.setattr(startup, "check_access", answers)
    monkeypatch.setattr(startup, "missing_topics", nothing_missing)
    monkeypatch.setattr(startup, "without_leader", leaderless)
    settings: Any = type("Settings", (), {"start_timeout": 60})
    with capture_logs() as lines:
        await wait_for_servers(settings, ["tally.events"])
    assert len(asked) > 1 and asked[-1] >= 5
    assert lines[0]["error"] == "broker: no leader is elected yet for tally.events/0"


async def test_a_partition_without_a_leader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Admin:
        def __init__(self, **_: object) -> None: ...

        async def start(self) -> None: ...

        async def close(self) -> None: ...

        async def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
            partitions = [
                {"partition": 0, "leader": 1, "error_code": 0},
                {"partition": 1, "leader": -1, "error_code": 0},
                {"partition": 2, "leader": 1, "error_code": 5},
            ]
            return [{"topic": name, "partitions": partitions} for name in names]

    monkeypatch.setattr(topics, "AIOKafkaAdminClient", Admin)
    settings: Any = type("Settings", (), {"kafka_options": lambda _: {}})()
    assert await topics.without_leader(settings, ["a"]) == ["a/1", "a/2"]
    assert await topics.without_leader(settings, []) == []


async def test_a_topic_that_is_hidden_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Admin:
        def __init__(self, **_: object) -> None: ...

        async def start(self) -> None: ...

        async def close(self) -> None: ...

        async def list_topics(self) -> list[str]:
            return ["a.events"]

        async def _send_request(self, request: MetadataRequest) -> Any:
            codes = {"b.events": TopicAuthorizationFailedError.errno, "c.events": UnknownTopicOrPartitionError.errno}
            assert not request._allow_auto_topic_creation
            asked = [{"topic": name, "error_code": codes[name]} for name in request._topics]
            return SimpleNamespace(to_object=lambda: {"topics": asked})

    monkeypatch.setattr(topics, "AIOKafkaAdminClient", Admin)
    settings: Any = type("Settings", (), {"kafka_options": lambda _: {}, "kafka_username": "identity"})()
    assert await topics.missing_topics(settings, ["a.events", "c.events"]) == {"c.events"}
    with pytest.raises(SettingError, match=r"the principal identity see b\.events"):
        await topics.missing_topics(settings, ["a.events", "b.events", "c.events"])
