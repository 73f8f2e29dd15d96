"""The test backend ``containers``: what is asked of Docker, and what is said where no engine answers."""

from pathlib import Path
from typing import Self

import pytest
from docker.errors import DockerException

from kontor_local import containers
from kontor_local.backends import Backends
from kontor_local.containers import NoDockerError


class Container:
    """Keeps what was asked for, and runs nothing."""

    made: "list[Container]"

    def __init__(self, image: str, *, env: dict[str, str] | None = None, command: str = "") -> None:
        self.image, self.env, self.command = image, env or {}, command
        self.ports: dict[int, int] = {}
        self.running = False
        self.made.append(self)

    def with_bind_ports(self, container: int, host: int) -> Self:
        self.ports[container] = host
        return self

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Container]:
    async def answers(_: str) -> bool:
        return True

    monkeypatch.setattr(Container, "made", [], raising=False)
    monkeypatch.setattr(containers, "DockerContainer", Container)
    monkeypatch.setattr(containers, "is_open", lambda _: True)
    monkeypatch.setattr(containers, "answers_kafka", answers)
    monkeypatch.setattr(containers, "_is_primary", answers)
    monkeypatch.setenv("KONTOR_TEST_BACKEND", "containers")
    return Container.made


async def test_the_backend_runs_kafka_and_a_replica_set(made: list[Container], tmp_path: Path) -> None:
    backends = Backends(tmp_path, keep_data=False, ports={})
    await backends.start()
    kafka, mongo = sorted(made, key=lambda one: one.image)
    assert (kafka.image, mongo.image) == (containers.KAFKA_IMAGE, containers.MONGO_IMAGE)
    assert kafka.env["KAFKA_ADVERTISED_LISTENERS"] == f"CLIENTS://{backends.kafka}"
    assert kafka.ports == {9092: int(backends.kafka.rpartition(":")[2])}
    assert (mongo.command, list(mongo.ports)) == ("--replSet rs0", [27017])
    assert str(mongo.ports[27017]) in backends.mongo
    assert kafka.running and mongo.running
    await backends.stop()
    assert not kafka.running and not mongo.running


async def test_a_missing_engine_is_named_with_the_remedy(
    made: list[Container], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DockerException("connection refused")

    monkeypatch.setattr(containers, "DockerContainer", refuse)
    backends = Backends(Path(), keep_data=False, ports={})
    with pytest.raises(NoDockerError, match=r"connection refused.*unset KONTOR_TEST_BACKEND"):
        await backends.start()
    assert not made
