"""What ``kontor dlq`` prints can be copied into the next command, on a terminal of any width."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError
from aiokafka.protocol.metadata import MetadataRequest
from rich.console import Console
from typer.testing import CliRunner

from kontor_cli import showing
from kontor_cli.app import app
from kontor_cli.connection import Connection
from kontor_cli.letters import Pile
from kontor_cli.reading import Reader

ID = "a-rather-long-installation.relationships.commands/11/1234567890123"
FINGERPRINT = "0123456789abcdef0123456789abcdef"
NOT_ALLOWED = 5
NOT_AUTHORIZED, UNKNOWN = TopicAuthorizationFailedError.errno, UnknownTopicOrPartitionError.errno


@pytest.fixture(params=[20, 80])
def narrow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Console:
    console = Console(width=request.param, soft_wrap=True, highlight=False, record=True)
    monkeypatch.setattr(showing, "console", console)
    return console


def test_a_pile_shows_its_ids_in_full(narrow: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    document = dict.fromkeys(
        ("count", "waiting", "settled", "topic", "stage", "error_class", "error_message", "first_seen", "last_seen"), 1
    )
    monkeypatch.setattr(showing, "pile_document", lambda _: {**document, "fingerprint": FINGERPRINT, "example": ID})
    pile: Any = type("Pile", (), {"group": "relationships"})
    piles: list[Pile] = [pile]
    showing.print_piles(piles)
    lines = narrow.export_text().splitlines()
    assert f"relationships  {FINGERPRINT}" in lines
    assert [line.split()[-1] for line in lines if line.strip().startswith("example")] == [ID]


def test_a_letter_shows_its_id_and_its_headers_in_full(narrow: Console) -> None:
    long = "x" * 300
    showing.print_letters([{"id": ID, "state": "open", "headers": [["note", long]], "value": long, "revealed": True}])
    shown = narrow.export_text()
    assert f"{ID} (open)" in shown and shown.count(long) == 2
    assert "…" not in shown


class Admin:
    """Of a broker that lists these topics, and says of others that they may not be seen or are not there."""

    def __init__(self, *topics: str, hidden: tuple[str, ...] = ()) -> None:
        self._topics = topics
        self._hidden = hidden

    async def list_topics(self) -> tuple[str, ...]:
        return self._topics

    async def _send_request(self, request: MetadataRequest) -> Any:
        asked = [
            {"topic": name, "error_code": NOT_AUTHORIZED if name in self._hidden else UNKNOWN}
            for name in request._topics
        ]
        return SimpleNamespace(to_object=lambda: {"topics": asked})


class Consumer:
    """All topics are empty, but those that may not be read."""

    def __init__(self, unreadable: tuple[str, ...]) -> None:
        self._unreadable = unreadable
        self._assigned: list[TopicPartition] = []

    def assign(self, places: list[TopicPartition]) -> None:
        self._assigned = places

    async def seek_to_beginning(self, *_: object) -> None:
        pass

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: int(place.topic in self._unreadable) for place in places}

    async def position(self, _: TopicPartition) -> int:
        return 0

    async def getmany(self, **_: int) -> dict[TopicPartition, list[Any]]:
        for place in self._assigned:
            if place.topic in self._unreadable:
                raise TopicAuthorizationFailedError(place.topic)
        return {}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs ``kontor dlq`` against a broker that shows these topics, and refuses what is said of others."""

    def run(
        *topics: str, hidden: tuple[str, ...] = (), unreadable: tuple[str, ...] = (), command: Any = ("list",)
    ) -> Any:
        @asynccontextmanager
        async def consumer(_: Connection) -> AsyncIterator[Any]:
            yield Consumer(unreadable)

        @asynccontextmanager
        async def admin(_: Connection) -> AsyncIterator[Any]:
            yield Admin(*topics, hidden=hidden)

        async def places(_: Reader, names: Iterable[str]) -> list[TopicPartition]:
            return [TopicPartition(name, 0) for name in names]

        monkeypatch.setattr(Connection, "consumer", consumer)
        monkeypatch.setattr(Connection, "admin", admin)
        monkeypatch.setattr(Reader, "_places", places)
        return CliRunner().invoke(app, ["--bootstrap", "broker:9092", "dlq", *command])

    return run


def test_who_may_see_no_dead_letter_topic_is_told_so(asked: Any) -> None:
    said = asked("identity.events")
    assert said.exit_code == NOT_ALLOWED
    assert "may not look" in said.stderr and "no open dead letters" not in said.output


def test_who_may_not_read_a_dead_letter_topic_is_told_so(asked: Any) -> None:
    said = asked("identity.dlq", unreadable=("identity.dlq",))
    assert said.exit_code == NOT_ALLOWED
    assert "READ on *.dlq" in said.stderr and "no open dead letters" not in said.output


@pytest.mark.parametrize("refused", ["hidden", "unreadable"])
def test_topics_that_may_not_be_seen_are_named(asked: Any, refused: str) -> None:
    listed = ["identity.dlq", "enrollment.dlq", *(["relationships.dlq"] if refused == "unreadable" else [])]
    said = asked(*listed, **{refused: ("relationships.dlq",)})
    assert said.exit_code == NOT_ALLOWED
    assert "no open dead letters of enrollment, identity\n" in said.stdout
    assert "may not look at relationships.dlq: " in said.stderr and "notifications" not in said.stderr
    in_json = asked(*listed, **{refused: ("relationships.dlq",)}, command=("list", "--json"))
    assert in_json.exit_code == NOT_ALLOWED
    assert json.loads(in_json.stdout) == {"open": 0, "groups": [], "unseen": ["relationships.dlq"]}


def test_topics_that_are_not_there_hide_nothing(asked: Any) -> None:
    said = asked("identity.dlq", "enrollment.dlq")
    assert (said.exit_code, said.stdout, said.stderr) == (0, "no open dead letters\n", "")


def test_a_group_is_listed_whatever_others_may_hide(asked: Any) -> None:
    said = asked("identity.dlq", hidden=("relationships.dlq",), command=("list", "--group", "identity"))
    assert (said.exit_code, said.stderr) == (0, "")
    hidden = asked("identity.dlq", hidden=("relationships.dlq",), command=("list", "--group", "relationships"))
    assert hidden.exit_code == NOT_ALLOWED and "relationships.dlq" in hidden.stderr


def test_a_letter_may_be_in_a_topic_that_is_hidden(asked: Any) -> None:
    """So the answer is not that there is no such letter."""
    said = asked("identity.dlq", hidden=("relationships.dlq",), command=("show", FINGERPRINT))
    assert said.exit_code == NOT_ALLOWED
    assert "relationships.dlq" in said.stderr and FINGERPRINT in said.stderr


def test_a_replay_of_all_names_what_it_left_out(asked: Any) -> None:
    said = asked("identity.dlq", hidden=("relationships.dlq",), command=("replay", "--all", "--dry-run"))
    assert said.exit_code == NOT_ALLOWED and "relationships.dlq" in said.stderr
