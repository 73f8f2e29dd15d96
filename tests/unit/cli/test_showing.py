"""What ``kontor dlq`` prints can be copied into the next command, on a terminal of any width."""

from typing import Any

import pytest
from aiokafka.errors import TopicAuthorizationFailedError
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
    def __init__(self, *topics: str) -> None:
        self._topics = topics

    async def list_topics(self) -> tuple[str, ...]:
        return self._topics


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs ``kontor dlq list`` against a broker that shows these topics, or refuses with this error."""

    def run(*topics: str, refuses: Exception | None = None) -> Any:
        class Given:
            async def __aenter__(self) -> Any:
                return Admin(*topics)

            async def __aexit__(self, *_: object) -> None:
                pass

        async def places(*_: object) -> Any:
            raise refuses or AssertionError

        monkeypatch.setattr(Connection, "consumer", lambda _: Given())
        monkeypatch.setattr(Connection, "admin", lambda _: Given())
        monkeypatch.setattr(Reader, "_places", places)
        return CliRunner().invoke(app, ["--bootstrap", "broker:9092", "dlq", "list"])

    return run


def test_who_may_see_no_dead_letter_topic_is_told_so(asked: Any) -> None:
    said = asked("identity.events")
    assert said.exit_code == NOT_ALLOWED
    assert "may not look" in said.stderr and "no open dead letters" not in said.output


def test_who_may_not_read_a_dead_letter_topic_is_told_so(asked: Any) -> None:
    said = asked("identity.dlq", refuses=TopicAuthorizationFailedError("identity.dlq"))
    assert said.exit_code == NOT_ALLOWED
    assert "READ on *.dlq" in said.stderr and "no open dead letters" not in said.output
