"""A reseller confirms its data each year over HTTP, or it may enroll again after a year only. The tests move the clock."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.clock import Clock
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import NUMBERS, Company, Mail, is_problem, judge, new_company, operator, press
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]
ALL = ["legal-profile", "contacts", "agreement", "second-factors"]


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
    company = new_company(running, tokens)
    await company.submit()
    await press(running, (await Mail(running, kafka, keys).links(company))[0], "confirm")
    await judge(running, tokens, company, decision="approve")
    version = (await company.get("/v1/agreements/current"))["version"]
    signed = await company.post(f"{company.path}/agreement", {"version": version, "accepted": True})
    assert signed.json()["status"] == "active"
    return company


async def staff(company: Company, method: str, path: str, body: Any) -> httpx2.Response:
    headers = operator(company.tokens) | {"Idempotency-Key": f"staff-{next(NUMBERS)}"}
    return await company.running.client.request(method, f"{company.path}/{path}", json=body, headers=headers)


async def told(company: Company, kafka: Topics, kind: str, number: int = 1) -> list[Any]:
    """The announcements of a kind, once there are as many."""

    async def found() -> list[Any]:
        events = await kafka.envelopes(company.running.topic("enrollment.events"))
        mine = [e.data for e in events if e.subject == f"enrollment:{company.enrollment_id}" and f".{kind}." in e.type]
        return mine if len(mine) >= number else []

    return await eventually(found)


async def test_a_reseller_confirms_in_time(partner: Company, clock: Clock, kafka: Topics) -> None:
    path = f"{partner.path}/reauthorization/confirm"
    first = (await partner.get(partner.path))["reauthorization"]
    assert first["confirmations"] == ALL
    is_problem(await partner.post(path, {"confirmed": ALL}), 409, "not-due")
    clock.forward(days=275.5)
    (noticed,) = await told(partner, kafka, "reauthorization-noticed")
    assert noticed.due_at == datetime.fromisoformat(first["due_at"])
    is_problem(await partner.post(path, {"confirmed": ALL[1:]}), 422, "confirmation-missing", "confirmed")
    confirmed = await partner.post(path, {"confirmed": ALL})
    assert confirmed.status_code == 200, confirmed.text
    due = datetime.fromisoformat(confirmed.json()["reauthorization"]["due_at"])
    assert due == noticed.due_at + timedelta(days=365)


async def test_a_missed_confirmation_is_followed_by_a_wait_and_a_new_enrollment(
    partner: Company, clock: Clock, kafka: Topics
) -> None:
    clock.forward(days=275.5)
    await told(partner, kafka, "reauthorization-noticed")
    due = datetime.fromisoformat((await partner.get(partner.path))["reauthorization"]["due_at"])
    moved = await staff(
        partner, "PUT", "reauthorization", {"due_at": (due + timedelta(hours=12)).isoformat(), "explanation": "Ill."}
    )
    assert datetime.fromisoformat(moved.json()["reauthorization"]["due_at"]) == due + timedelta(hours=12)
    is_problem(
        await staff(partner, "PUT", "reauthorization", {"due_at": "2020-01-01T00:00:00Z"}),
        422,
        "due-date-invalid",
        "due_at",
    )
    clock.forward(days=91)
    (ended,) = await told(partner, kafka, "enrollment-ended")
    assert (ended.reason, await partner.status()) == ("not-reauthorized", "ended")
    early = await partner.post("/v1/enrollments", {"program": "indirect-reseller"})
    is_problem(early, 409, "waiting", "organization")
    clock.forward(days=366)
    (over,) = await told(partner, kafka, "wait-ended")
    assert not over.by_staff
    await partner.submit()
    assert await partner.status() == "contact-pending"


async def test_the_staff_end_the_wait(partner: Company, clock: Clock, kafka: Topics) -> None:
    is_problem(await staff(partner, "POST", "wait/end", {}), 409, "not-waiting")
    clock.forward(days=275.5)
    await told(partner, kafka, "reauthorization-noticed")
    clock.forward(days=91)
    await told(partner, kafka, "enrollment-ended")
    ended = await staff(partner, "POST", "wait/end", {"explanation": "A mistake of ours."})
    assert (ended.status_code, ended.json()["wait_until"]) == (200, None), ended.text
    await partner.submit()


async def test_others_confirm_and_move_nothing(partner: Company, running: Running) -> None:
    other = new_company(running, partner.tokens)
    keyed = other.headers() | {"Idempotency-Key": f"other-{next(NUMBERS)}"}
    foreign = await running.client.post(
        f"{partner.path}/reauthorization/confirm", json={"confirmed": ALL}, headers=keyed
    )
    is_problem(foreign, 404, "not-found")
    own = await partner.put(f"{partner.path}/reauthorization", {"due_at": "2028-01-01T00:00:00Z"})
    assert own.status_code == 403
