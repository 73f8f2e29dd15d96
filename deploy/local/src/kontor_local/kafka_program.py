"""Apache Kafka as a program: the jars of its published artifacts, and the Java that runs them.

`deploy/local/kafka/pom.xml` says which. Maven fetches them once into `.local/kafka/lib`, and again when the pom changes.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "kafka"
POM = SOURCES / "pom.xml"
LOGGING = SOURCES / "log4j2.properties"
# Of the repository, wherever we are called from: fetched once for all stacks and test runs.
LIB = Path(__file__).parents[4] / ".local" / "kafka" / "lib"
STAMP = "pom.xml"

OLDEST_JAVA = 17
FETCH_WITHIN = 900.0
# A test cluster is small and short-lived: start quickly and stay small, rather than run fast after an hour.
JVM = (
    "-Xms64m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
)


class KafkaUnavailableError(RuntimeError):
    """Apache Kafka cannot be run on this machine. The text says what is missing."""


def version() -> str:
    found = re.search(r"<kafka\.version>(.+?)</kafka\.version>", POM.read_text())
    assert found, f"{POM} names no Kafka version"
    return found[1]


def command(main: str, *arguments: str) -> list[str]:
    """How to run one of Kafka's main classes. KafkaUnavailableError if it was not fetched or there is no Java."""
    if not _is_fetched():
        raise KafkaUnavailableError("Apache Kafka was not fetched yet: python -m kontor_local fetch-kafka")
    return [_java(), *JVM, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", f"{LIB}/*", main, *arguments]


def fetch() -> Path:
    """The folder with the jars, fetched if need be; KafkaUnavailableError where they or Java cannot be had."""
    java = _java()
    if not _is_fetched():
        _check(java)
        maven = shutil.which("mvn")
        if maven is None:
            raise KafkaUnavailableError("there is no mvn on PATH: Maven fetches Apache Kafka")
        LIB.parent.mkdir(parents=True, exist_ok=True)
        with (LIB.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_fetched():  # by somebody else, while we waited
                with tempfile.TemporaryDirectory(dir=LIB.parent) as draft:
                    _copy_jars(maven, Path(draft) / "lib")
    return LIB


def _copy_jars(maven: str, draft: Path) -> None:
    goal = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={draft}"]
    try:
        done = subprocess.run(
            goal, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=FETCH_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        raise KafkaUnavailableError(f"Maven did not fetch Apache Kafka within {FETCH_WITHIN:.0f} s") from None
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise KafkaUnavailableError(f"Maven could not fetch Apache Kafka {version()}:\n{said}")
    shutil.copy(POM, draft / STAMP)
    shutil.rmtree(LIB, ignore_errors=True)
    draft.rename(LIB)


def _is_fetched() -> bool:
    stamp = LIB / STAMP
    return stamp.exists() and stamp.read_bytes() == POM.read_bytes()


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if java is None:
        where = f"in JAVA_HOME ({home})" if home else "on PATH"
        raise KafkaUnavailableError(f"there is no java {where}: Apache Kafka needs a JDK {OLDEST_JAVA} or newer")
    return java


def _check(java: str) -> None:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) < OLDEST_JAVA:
        first = said.splitlines()[0] if said else "no answer"
        raise KafkaUnavailableError(f"{java} is too old ({first}): Apache Kafka needs a JDK {OLDEST_JAVA} or newer")
