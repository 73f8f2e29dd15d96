"""The console's doors: who may look, who may act, and what a page may load."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from kontor_cli.connection import Connection
from kontor_cli.console import letters
from kontor_cli.console.app import application
from kontor_cli.console.sign_in import Doors, Person, TokensError, read_tokens

LOOK, ACT = "look-token-of-twenty-chars", "act-token-of-twenty-chars"
HERE = {"origin": "http://testserver"}


class Letters:
    """Instead of a broker. ``replayed``: the operators, and whether people's data was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *unseen: str) -> None:
        self._unseen = list(unseen)
        self.replayed: list[str] = []
        self.revealed: list[bool] = []
        monkeypatch.setattr(letters, "list_piles", self.list_piles)
        monkeypatch.setattr(letters, "show", self.show)
        monkeypatch.setattr(letters, "replay", self.replay)

    async def list_piles(self, _: Any, *, settled: bool) -> tuple[list[dict[str, Any]], list[str]]:
        return [], self._unseen

    async def show(self, _: Any, name: str, *, group: str, reveal: bool) -> list[dict[str, Any]]:
        self.revealed.append(reveal)
        return []

    async def replay(self, _: Any, name: str, *, group: str, operator: str) -> list[Any]:
        self.replayed.append(operator)
        return []


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    file = tmp_path / "tokens"
    file.write_text(f"# of the console\nlou look {LOOK}\n\nada act {ACT}\n")
    return Doors(read_tokens(file))


@pytest.fixture
def client(doors: Doors) -> TestClient:
    return TestClient(application(Connection("nowhere:1", "", "PLAINTEXT"), doors), follow_redirects=False)


def sign_in(client: TestClient, token: str) -> None:
    answer = client.post("/sign-in", data={"token": token}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def form_token(client: TestClient) -> str:
    """What the forms of this session hold."""
    found = re.search(r'name="form" value="([^"]+)"', client.get("/").text)
    assert found is not None
    return found[1]


def test_an_event_stream_without_a_sign_in_is_refused(client: TestClient) -> None:
    assert client.get("/events").status_code == 401


@pytest.mark.parametrize("path", ["/", "/dead-letters", "/dead-letter", "/story"])
def test_a_page_without_a_sign_in_leads_to_it(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_replay_without_a_sign_in_is_not_done(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Letters(monkeypatch)
    assert client.post("/replay", data={"name": "f"}, headers=HERE).status_code == 303
    assert done.replayed == []


def test_a_wrong_token_opens_nothing(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"token": "x" * 30}, headers=HERE)
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


def test_topics_that_may_not_be_seen_are_named(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """No dead letter is known of, which is not the same as none is open."""
    Letters(monkeypatch, "relationships.dlq")
    sign_in(client, LOOK)
    shown = client.get("/dead-letters").text
    assert "may not look at relationships.dlq" in shown and "No dead letter is open" not in shown


def test_who_may_look_does_not_act(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Letters(monkeypatch)
    sign_in(client, LOOK)
    assert client.get("/dead-letters").status_code == 200
    assert client.get("/dead-letter", params={"name": "f", "group": "g", "reveal": "1"}).status_code == 200
    assert client.post("/replay", data={"name": "f", "group": "g"}, headers=HERE).status_code == 403
    assert (done.replayed, done.revealed) == ([], [False])


def test_who_may_act_replays_by_name(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Letters(monkeypatch)
    sign_in(client, ACT)
    assert client.get("/dead-letter", params={"name": "f", "group": "g", "reveal": "1"}).status_code == 200
    form = {"name": "f", "group": "g", "form": form_token(client)}
    assert client.post("/replay", data=form, headers=HERE).status_code == 200
    assert (done.replayed, done.revealed) == (["ada"], [True])


@pytest.mark.parametrize("origin", [{}, {"origin": "https://elsewhere.example"}, {"origin": "null"}])
def test_a_form_of_another_site_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, origin: dict[str, str]
) -> None:
    done = Letters(monkeypatch)
    sign_in(client, ACT)
    form = {"name": "f", "form": form_token(client)}
    assert client.post("/replay", data=form, headers=origin).status_code == 403
    assert client.post("/sign-in", data={"token": ACT}, headers=origin).status_code == 403
    assert done.replayed == []


@pytest.mark.parametrize("form", [{}, {"form": ""}, {"form": "of-an-earlier-session"}])
def test_a_form_without_its_token_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, form: dict[str, str]
) -> None:
    done = Letters(monkeypatch)
    sign_in(client, ACT)
    assert client.post("/replay", data={"name": "f", **form}, headers=HERE).status_code == 403
    client.post("/sign-out", data=form, headers=HERE)
    assert client.get("/").status_code == 200
    assert done.replayed == []


def test_a_session_ends(client: TestClient) -> None:
    sign_in(client, ACT)
    assert client.get("/").status_code == 200
    assert client.post("/sign-out", data={"form": form_token(client)}, headers=HERE).status_code == 303
    assert client.get("/").status_code == 303


def test_a_session_does_not_outlast_its_time(tmp_path: Path) -> None:
    now = [0.0]
    file = tmp_path / "tokens"
    file.write_text(f"ada act {ACT}")
    doors = Doors(read_tokens(file), lambda: now[0])
    client = TestClient(application(Connection("nowhere:1", "", "PLAINTEXT"), doors), follow_redirects=False)
    sign_in(client, ACT)
    now[0] = 8 * 3600 + 1
    assert client.get("/").status_code == 303


def test_a_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    sign_in(client, LOOK)
    for path in ("/", "/story", "/static/console.css", "/static/console.js", "/sign-in"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in answer.headers["content-security-policy"]
        text = answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text and "https:" not in text
        assert "style=" not in text and " onclick" not in text


def test_a_broker_that_is_away_is_said(client: TestClient) -> None:
    sign_in(client, LOOK)
    answer = client.get("/story", params={"id": "story-1"})
    assert answer.status_code == 503
    assert "The broker does not answer" in answer.text


def test_what_a_visitor_writes_is_no_markup(client: TestClient) -> None:
    sign_in(client, LOOK)
    answer = client.get("/story", params={"id": '"><script>1</script>'})
    assert "<script>1" not in answer.text


@pytest.mark.parametrize(
    "line", ["ada act short", "ada reads act-token-of-twenty-chars", "act-token-of-twenty-chars", "", "# nothing"]
)
def test_a_line_that_is_no_token_is_named_and_not_shown(tmp_path: Path, line: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(line)
    with pytest.raises(TokensError) as raised:
        read_tokens(file)
    assert ACT not in str(raised.value)


def test_a_person_is_found_by_the_whole_token_alone(doors: Doors) -> None:
    assert doors.person_of(ACT) == Person("ada", "act")
    assert doors.person_of(ACT[:-1]) is None
    assert doors.person_of("") is None
