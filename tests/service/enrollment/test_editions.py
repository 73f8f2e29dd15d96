"""The program publishes a version of the agreement, and partners accept it: over HTTP, with a clock that the tests move."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.clock import Clock
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import NUMBERS, Company, Mail, is_problem, judge, new_company, operator
from service.enrollment.papers import in_review
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]
VERSIONS = count(1)
PUBLISH = ("agreements:publish", "enrollment:review", "profiles:import")
TEXTS = [
    {"language": "en", "title": "Partner agreement", "text": "1. New subject.\n\n2. New end."},
    {"language": "de", "title": "Partnervertrag", "text": "1. Neuer Gegenstand.\n\n2. Neues Ende."},
]


@pytest.fixture
def clock(tmp_path: Path, tokens: Tokens) -> Iterator[Clock]:
    yield Clock(tmp_path / "clock", tokens)
    tokens.ahead = 0.0


@pytest.fixture
async def running(service: Service, clock: Clock) -> AsyncIterator[Running]:
    async with service("enrollment", KONTOR_CLOCK_FILE=clock.file) as running:
        yield running


@pytest.fixture
async def partner(running: Running, tokens: Tokens, kafka: Topics, keys: Path) -> Company:
    company = await in_review(running, tokens, Mail(running, kafka, keys))
    await judge(running, tokens, company, decision="approve")
    assert (await sign(company)).json()["status"] == "active"
    return company


async def sign(company: Company, language: str = "de") -> httpx2.Response:
    version = (await company.get("/v1/agreements/current"))["version"]
    body = {"version": version, "accepted": True, "language": language}
    return await company.post(f"{company.path}/agreement", body)


def form(days: float = 60, **changes: Any) -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    facts = {"version": f"2027-{next(VERSIONS):02}", "regions": ["europe"], "texts": TEXTS, "accept_until": until}
    return facts | changes


async def staff(running: Running, tokens: Tokens, path: str, body: Any = None, method: str = "POST") -> httpx2.Response:
    headers = operator(tokens, *PUBLISH) | {"Idempotency-Key": f"edition-{next(NUMBERS)}"}
    return await running.client.request(method, path, json=body, headers=headers)


async def publish(running: Running, tokens: Tokens, **changes: Any) -> Any:
    answer = await staff(running, tokens, "/v1/agreements/editions", form(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def told(company: Company, kafka: Topics, kind: str, number: int = 1) -> list[Any]:
    """The announcements of a kind, once there are as many."""

    async def found() -> list[Any]:
        events = await kafka.envelopes(company.running.topic("enrollment.events"))
        mine = [e.data for e in events if e.subject == f"enrollment:{company.enrollment_id}" and f".{kind}." in e.type]
        return mine if len(mine) >= number else []

    return await eventually(found)


async def test_a_partner_accepts_a_published_version(
    running: Running, tokens: Tokens, kafka: Topics, partner: Company
) -> None:
    edition = await publish(running, tokens)
    assert (edition["status"], edition["languages"], edition["asking"]) == ("published", ["de", "en"], True)
    (request,) = await told(partner, kafka, "acceptance-requested")
    shown = await partner.get(partner.path)
    wanted = {"version": edition["version"], "accept_until": edition["accept_until"]}
    assert (shown["status"], shown["acceptance"]) == ("active", wanted)
    assert (request.agreement_version, request.accept_until.isoformat()) == (
        edition["version"],
        datetime.fromisoformat(edition["accept_until"]).isoformat(),
    )
    timeline = await partner.get(f"{partner.path}/timeline")
    assert (timeline["next_actor"], timeline["next_action"]) == ("company", "accept-agreement")
    listed = await running.client.get(f"/v1/enrollments?unaccepted={edition['version']}", headers=operator(tokens))
    assert [one["enrollment_id"] for one in listed.json()["items"]] == [partner.enrollment_id]
    accepted = (await sign(partner, "en")).json()
    assert (accepted["status"], accepted["acceptance"], accepted["agreement_version"]) == (
        "active",
        None,
        edition["version"],
    )
    await told(partner, kafka, "agreement-accepted")
    words = f"{TEXTS[0]['title']}\n\n{TEXTS[0]['text']}"
    evidence = await running.client.get(f"{partner.path}/agreement.txt", headers=partner.headers())
    assert evidence.text.startswith(words)
    assert hashlib.sha256(words.encode()).hexdigest() in evidence.text
    signatures = (await partner.get(f"{partner.path}/agreement"))["signatures"]
    assert [one["version"] for one in signatures] == [edition["version"], "2026-11"]
    listed = await running.client.get(f"/v1/enrollments?unaccepted={edition['version']}", headers=operator(tokens))
    assert listed.json()["items"] == []


async def test_who_does_not_accept_is_suspended_and_comes_back_by_accepting(
    running: Running, tokens: Tokens, kafka: Topics, clock: Clock, partner: Company
) -> None:
    await publish(running, tokens)
    await told(partner, kafka, "acceptance-requested")
    for days, number in ((31, 2), (23, 3), (5.5, 4)):
        clock.forward(days=days)
        await told(partner, kafka, "acceptance-requested", number)
    clock.forward(days=1)
    (suspended,) = await told(partner, kafka, "enrollment-suspended")
    assert suspended.reason == "agreement-not-accepted"
    timeline = await partner.get(f"{partner.path}/timeline")
    assert timeline["next_action"] == "accept-agreement"
    assert (await sign(partner)).json()["status"] == "active"
    (back,) = await told(partner, kafka, "enrollment-reinstated")
    assert back.reason == "agreement-accepted"


async def test_the_staff_give_a_partner_more_time(
    running: Running, tokens: Tokens, kafka: Topics, partner: Company
) -> None:
    path = f"{partner.path}/agreement/date"
    later = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    move = {"accept_until": later, "explanation": "You asked for it."}
    is_problem(await staff(running, tokens, path, move, "PUT"), 409, "no-acceptance-pending")
    await publish(running, tokens)
    await told(partner, kafka, "acceptance-requested")
    moved = await staff(running, tokens, path, move, "PUT")
    assert datetime.fromisoformat(moved.json()["acceptance"]["accept_until"]) == datetime.fromisoformat(later)
    (announced,) = await told(partner, kafka, "acceptance-moved")
    assert announced.explanation == "You asked for it."
    past = {"accept_until": "2020-01-01T00:00:00Z"}
    is_problem(await staff(running, tokens, path, past, "PUT"), 422, "due-date-invalid", "accept_until")


async def test_a_withdrawn_version_is_not_asked_for(
    running: Running, tokens: Tokens, kafka: Topics, partner: Company
) -> None:
    edition = await publish(running, tokens)
    await told(partner, kafka, "acceptance-requested")
    path = f"/v1/agreements/editions/{edition['version']}"
    withdrawn = await staff(running, tokens, f"{path}/withdraw")
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn"), withdrawn.text
    await told(partner, kafka, "acceptance-cancelled")
    assert (await partner.get(partner.path))["acceptance"] is None
    assert (await partner.get("/v1/agreements/current"))["version"] == "2026-11"
    shown = await running.client.get(path, headers=operator(tokens, *PUBLISH))
    assert [one["title"] for one in shown.json()["texts"]] == ["Partnervertrag", "Partner agreement"]


async def test_a_withdrawal_brings_back_the_version_before_it(
    running: Running, tokens: Tokens, kafka: Topics, partner: Company
) -> None:
    first = await publish(running, tokens)
    await told(partner, kafka, "acceptance-requested")
    second = await publish(running, tokens)
    await told(partner, kafka, "acceptance-requested", 2)
    await staff(running, tokens, f"/v1/agreements/editions/{second['version']}/withdraw")
    requests = await told(partner, kafka, "acceptance-requested", 3)
    assert [one.agreement_version for one in requests] == [first["version"], second["version"], first["version"]]


async def test_the_staff_list_versions(running: Running, tokens: Tokens) -> None:
    made = [(await publish(running, tokens, regions=["japan"]))["version"] for _ in range(3)]
    await staff(running, tokens, f"/v1/agreements/editions/{made[1]}/withdraw")
    headers, path = operator(tokens, *PUBLISH), "/v1/agreements/editions"
    first = (await running.client.get(f"{path}?sort=published&limit=2", headers=headers)).json()
    rest = (await running.client.get(f"{path}?sort=published&cursor={first['next_cursor']}", headers=headers)).json()
    assert [one["version"] for one in (*first["items"], *rest["items"])] == made
    gone = (await running.client.get(f"{path}?status=withdrawn", headers=headers)).json()
    assert [one["version"] for one in gone["items"]] == [made[1]]


async def test_a_version_that_is_not_fit_is_refused(running: Running, tokens: Tokens) -> None:
    path, used = "/v1/agreements/editions", (await publish(running, tokens, regions=["japan"]))["version"]
    for changes, status, code, field in (
        ({"version": used}, 409, "version-exists", "version"),
        ({"version": "2026-11"}, 409, "version-exists", "version"),
        ({"days": 29}, 422, "due-date-invalid", "accept_until"),
        ({"regions": ["atlantis"]}, 422, "region-unknown", "regions.0"),
    ):
        is_problem(await staff(running, tokens, path, form(**changes)), status, code, field)
    for texts in ([], TEXTS[1:], [*TEXTS, TEXTS[0]]):
        assert (await staff(running, tokens, path, form(texts=texts))).json()["code"] == "invalid"
    is_problem(await staff(running, tokens, f"{path}/none/withdraw"), 404, "not-found")


async def test_only_the_program_publishes_versions(running: Running, tokens: Tokens, partner: Company) -> None:
    other, keyed = new_company(running, tokens), {"Idempotency-Key": f"other-{next(NUMBERS)}"}
    for headers in (partner.headers(), operator(tokens, "enrollment:review")):
        answer = await running.client.post("/v1/agreements/editions", json=form(), headers=headers | keyed)
        is_problem(answer, 403, "forbidden")
        is_problem(await running.client.get("/v1/agreements/editions", headers=headers), 403, "forbidden")
    body = {"version": "2026-11", "accepted": True}
    foreign = await running.client.post(f"{partner.path}/agreement", json=body, headers=other.headers() | keyed)
    is_problem(foreign, 404, "not-found")
