"""Apache Kafka's program is fetched once, and what is missing is said. Java and Maven are stood in for by scripts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kontor_local import kafka_program
from kontor_local.cli import app
from kontor_local.kafka_program import KafkaUnavailableError

JAVA = """#!/bin/sh
echo 'openjdk version "{version}" 2025-01-01' >&2
"""
MAVEN = """#!/bin/sh
echo fetched >> "$0.calls"
for last; do :; done
mkdir -p "${last#-DoutputDirectory=}"
"""
MAVEN_OFFLINE = """#!/bin/sh
echo "[ERROR] Could not transfer artifact"
exit 1
"""


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All the programs there are."""
    bin = tmp_path / "bin"
    bin.mkdir()
    monkeypatch.setenv("PATH", f"{bin}:/usr/bin:/bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(kafka_program, "LIB", tmp_path / "kafka" / "lib")
    return bin


def put(bin: Path, name: str, script: str) -> None:
    (bin / name).write_text(script)
    (bin / name).chmod(0o755)


def test_the_program_is_fetched_once(bin: Path) -> None:
    put(bin, "java", JAVA.format(version="21.0.1"))
    put(bin, "mvn", MAVEN)
    assert kafka_program.fetch() == kafka_program.fetch()
    assert (bin / "mvn.calls").read_text() == "fetched\n"


def test_another_version_is_fetched_anew(bin: Path) -> None:
    put(bin, "java", JAVA.format(version="17.0.15"))
    put(bin, "mvn", MAVEN)
    lib = kafka_program.fetch()
    (lib / kafka_program.STAMP).write_text("<kafka.version>4.0.0</kafka.version>")
    (lib / "old.jar").touch()
    kafka_program.fetch()
    assert (bin / "mvn.calls").read_text() == "fetched\nfetched\n"
    assert not (lib / "old.jar").exists()


def test_a_missing_java_is_said(bin: Path) -> None:
    with pytest.raises(KafkaUnavailableError, match="no java in JAVA_HOME"):
        kafka_program.fetch()


def test_an_old_java_is_said(bin: Path) -> None:
    put(bin, "java", JAVA.format(version="1.8.0_292"))
    with pytest.raises(KafkaUnavailableError, match=r"too old .*1\.8\.0_292.*JDK 17"):
        kafka_program.fetch()


def test_a_missing_maven_is_said(bin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(bin, "java", JAVA.format(version="17.0.15"))
    monkeypatch.setenv("PATH", str(bin))
    with pytest.raises(KafkaUnavailableError, match="no mvn on PATH"):
        kafka_program.fetch()


def test_unreachable_artifacts_have_an_exit_code_and_leave_nothing(bin: Path) -> None:
    put(bin, "java", JAVA.format(version="17.0.15"))
    put(bin, "mvn", MAVEN_OFFLINE)
    ended = CliRunner().invoke(app, ["fetch-kafka"])
    assert ended.exit_code == 3
    assert "APACHE KAFKA CANNOT BE RUN HERE" in ended.output
    assert "Could not transfer artifact" in ended.output
    assert not kafka_program.LIB.exists()
    with pytest.raises(KafkaUnavailableError, match="not fetched yet"):
        kafka_program.command("kafka.Kafka")
