"""Membership accounts of an external registry, which runs as a process and holds us to the OpenAPI file we ship."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.running import Running
from harness.tokens import Tokens
from service.enrollment import registry_server
from service.enrollment.company import CODE, Company, is_problem, new_company

from chassis.limits.lockout import FREE

Service = Callable[..., AbstractAsyncContextManager[Running]]
OPENAPI = Path(__file__).parents[3] / "contracts" / "openapi" / "membership-registry.yaml"


@pytest.fixture(scope="module")
async def registry() -> AsyncIterator[str]:
    command = [sys.executable, registry_server.__file__, str(OPENAPI)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    yield (await process.stdout.readline()).decode().strip()
    process.terminate()
    await process.wait()


@pytest.fixture(scope="module")
async def running(service: Service, registry: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    token = tmp_path_factory.mktemp("registry") / "token"
    token.write_text(f"{registry_server.TOKEN}\n")
    settings = {"KONTOR_MEMBERSHIP_REGISTRY_URL": registry, "KONTOR_MEMBERSHIP_REGISTRY_TOKEN_FILE": str(token)}
    async with service("enrollment", **settings) as running:
        yield running


def account(company: Company, name: str = "mueller") -> str:
    """An account of its own, so that wrong codes of one test lock out no other."""
    return f"{name}-{company.organization_id}@membership.example"


async def look_up(company: Company, name: str = "mueller", code: str = CODE) -> httpx2.Response:
    body = {"membership_account": account(company, name), "access_code": code}
    return await company.running.client.post("/v1/partner-profiles/lookup", json=body, headers=company.headers())


async def link(company: Company, partner_id: str) -> httpx2.Response:
    body: dict[str, Any] = {"membership_account": account(company), "access_code": CODE, "partner_id": partner_id}
    return await company.put(f"{company.path}/partner-id", body)


async def test_a_company_sees_its_profiles_with_kind_and_status(running: Running, tokens: Tokens) -> None:
    found = await look_up(new_company(running, tokens))
    assert found.status_code == 200, found.text
    assert found.json()["items"] == [{"program_state": "none", **one} for one in registry_server.PROFILES]


async def test_a_company_links_a_profile_of_the_registry(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await company.start()
    answer = await link(company, "6200001")
    assert (answer.status_code, answer.json()["partner_id"]) == (200, "6200001")
    other = new_company(running, tokens)
    await other.start()
    is_problem(await link(other, "6200001"), 409, "taken", "partner_id")


@pytest.mark.parametrize(
    ("partner_id", "code"),
    [
        ("6200002", "partner-id-inactive"),
        ("6200003", "partner-id-other-country"),
        ("6200004", "partner-id-not-a-location"),
        ("6200009", "partner-id-unknown"),
    ],
)
async def test_an_unfit_profile_is_refused(running: Running, tokens: Tokens, partner_id: str, code: str) -> None:
    company = new_company(running, tokens)
    await company.start()
    is_problem(await link(company, partner_id), 422, code, "partner_id")


async def test_an_account_may_have_no_profiles(running: Running, tokens: Tokens) -> None:
    assert (await look_up(new_company(running, tokens), "empty")).json() == {"items": []}


async def test_wrong_codes_lock_the_account_before_the_registry_is_asked(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    for number in range(FREE + 1):
        is_problem(await look_up(company, code=f"wrong-{number}"), 403, "membership-sign-in-failed")
    locked = await look_up(company)
    is_problem(locked, 429, "too-many-attempts")
    assert int(locked.headers["retry-after"]) >= 1


async def test_the_registrys_own_lock_is_passed_on(running: Running, tokens: Tokens) -> None:
    answer = await look_up(new_company(running, tokens), "locked")
    is_problem(answer, 429, "too-many-attempts")
    assert answer.headers["retry-after"] == "120"


@pytest.mark.parametrize("name", ["broken", "garbled"])
async def test_a_faulty_registry_is_answered_as_a_fault_of_ours(running: Running, tokens: Tokens, name: str) -> None:
    is_problem(await look_up(new_company(running, tokens), name), 503, "try-again")


async def test_the_registry_holds_requests_to_the_file(registry: str) -> None:
    async with httpx2.AsyncClient() as client:
        wrong = await client.post(f"{registry}/v1/sign-in", json={"account": "mueller", "access_code": CODE})
        without = {"membership_account": "mueller@membership.example", "access_code": CODE}
        assert (wrong.status_code, (await client.post(f"{registry}/v1/sign-in", json=without)).status_code) == (
            400,
            401,
        )
