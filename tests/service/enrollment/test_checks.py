"""Automatic checks over HTTP: a server that runs as a process and holds us to the OpenAPI file we ship, and our own checks."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment import check_server
from service.enrollment.company import ADDRESS, NUMBERS, Company, Mail, is_problem, judge, new_company, operator, press
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]
OPENAPI = Path(__file__).parents[3] / "contracts" / "openapi" / "business-check.yaml"
WATCHED = "Zwielicht Handel GmbH"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[str]:
    command = [sys.executable, check_server.__file__, str(OPENAPI)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    yield (await process.stdout.readline()).decode().strip()
    process.terminate()
    await process.wait()


@pytest.fixture(scope="module")
async def running(service: Service, server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "token").write_text(f"{check_server.TOKEN}\n")
    (folder / "watch.json").write_text(json.dumps({"names": [WATCHED]}))
    settings = {
        "KONTOR_BUSINESS_CHECK_URL": server,
        "KONTOR_BUSINESS_CHECK_TOKEN_FILE": str(folder / "token"),
        "KONTOR_WATCH_LIST_FILE": str(folder / "watch.json"),
    }
    async with service("enrollment", **settings) as running:
        yield running


@pytest.fixture
def mail(running: Running, kafka: Topics, keys: Path) -> Mail:
    return Mail(running, kafka, keys)


async def in_review(company: Company, mail: Mail, city: str, name: str = "") -> None:
    """``city`` says what the server answers."""
    await company.start()
    await company.tell()
    profile = {
        "company_name": name or f"Firma Nummer {company.partner_id} GmbH",
        "address": ADDRESS | {"city": city},
        "registration_id": None,
    }
    assert (await company.put(f"{company.path}/profile", profile)).status_code == 200
    assert (await company.post(f"{company.path}/submit")).status_code == 200
    await press(company.running, (await mail.links(company))[-1], "confirm")


async def file_of(company: Company) -> Any:
    answer = await company.running.client.get(f"/v1/reviews/{company.enrollment_id}", headers=operator(company.tokens))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def results(company: Company) -> dict[str, Any]:
    """By name, once none is pending."""

    async def done() -> dict[str, Any]:
        checks = {one["check"]: one for one in (await file_of(company))["checks"]}
        return checks if all(one["outcome"] != "pending" for one in checks.values()) else {}

    return await eventually(done)


async def repeat(company: Company, headers: dict[str, str]) -> httpx2.Response:
    headers = headers | {"Idempotency-Key": f"repeat-{next(NUMBERS)}"}
    return await company.running.client.post(f"/v1/reviews/{company.enrollment_id}/checks/repeat", headers=headers)


@pytest.mark.parametrize(
    ("city", "outcome", "high_risk"),
    [
        ("Passed", "passed", False),
        ("Flagged", "flagged", False),
        ("Risky", "flagged", True),
        ("Garbled", "unavailable", False),
        ("Broken", "unavailable", False),
    ],
)
async def test_a_servers_result_is_shown_and_decides_nothing(
    running: Running, tokens: Tokens, mail: Mail, city: str, outcome: str, *, high_risk: bool
) -> None:
    company = new_company(running, tokens)
    await in_review(company, mail, city)
    found = (await results(company))["external"]
    assert (found["outcome"], found["high_risk"]) == (outcome, high_risk)
    assert (await file_of(company))["high_risk"] == high_risk
    assert await company.status() == "in-review"
    assert "checks" not in await company.get(company.path)
    decided = await judge(running, tokens, company, decision="approve")
    assert decided.json()["status"] == ("in-review" if high_risk else "qualified")


async def test_a_reviewer_has_a_failed_check_repeated(running: Running, tokens: Tokens, mail: Mail) -> None:
    company = new_company(running, tokens)
    await in_review(company, mail, "Once")
    assert (await results(company))["external"]["outcome"] == "unavailable"
    answer = await repeat(company, operator(tokens))
    assert answer.status_code == 200, answer.text
    assert (await results(company))["external"]["outcome"] == "passed"
    assert (await repeat(company, company.headers())).status_code == 403
    own = tokens.bearer(company.organization_id, organization_kind="operator", permissions=("enrollment:review",))
    is_problem(await repeat(company, own), 403, "own-company")


async def test_corrected_data_are_checked_again(running: Running, tokens: Tokens, mail: Mail) -> None:
    company = new_company(running, tokens)
    await in_review(company, mail, "Passed")
    assert (await results(company))["watch-list"]["outcome"] == "passed"
    profile = {"company_name": WATCHED, "address": ADDRESS | {"city": "Flagged"}, "registration_id": None}
    assert (await company.put(f"{company.path}/profile", profile)).status_code == 200
    found = await results(company)
    assert [found[name]["outcome"] for name in ("watch-list", "external", "registry-profile")] == ["flagged"] * 3
    assert (await file_of(company))["high_risk"] is True


async def test_a_company_of_the_same_name_is_flagged(
    running: Running, tokens: Tokens, mail: Mail, kafka: Topics
) -> None:
    first, second = new_company(running, tokens), new_company(running, tokens)
    await in_review(first, mail, "Passed", "Doppelgänger Köln GmbH")
    assert (await results(first))["other-enrollments"]["outcome"] == "passed"
    await in_review(second, mail, "Passed", "Doppelgaenger Koeln AG")
    found = (await results(second))["other-enrollments"]
    assert (found["outcome"], found["related"]) == ("flagged", [first.enrollment_id])
    listed = await running.client.get("/v1/reviews?flagged=true&limit=200", headers=operator(tokens))
    flagged = {item["enrollment_id"]: item["flagged_checks"] for item in listed.json()["items"]}
    assert "other-enrollments" in flagged[second.enrollment_id]

    async def announced() -> list[Any]:
        events = await kafka.envelopes(running.topic("enrollment.events"))
        mine = [e for e in events if e.subject == f"enrollment:{second.enrollment_id}"]
        return [e for e in mine if e.type.endswith("business-checked.v1")]

    event = (await eventually(announced))[0]
    assert {one.check: one.outcome for one in event.data.results}["other-enrollments"] == "flagged"


async def test_the_server_holds_requests_to_the_file(server: str) -> None:
    async with httpx2.AsyncClient() as client:
        wrong = await client.post(f"{server}/v1/checks", json={"company": "Müller"})
        assert wrong.status_code == 400
