"""Another service keeps profiles of the registry by messages, and gets an answer to each command."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Company, keep, new_company, operator
from support import eventually

from kontor_contracts import Payload, new_envelope
from kontor_contracts.enrollment import RetirePartnerProfile, UpsertPartnerProfile

Service = Callable[..., AbstractAsyncContextManager[Running]]
CENTER = "/registries/center"


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment", KONTOR_REGISTRY_WRITERS=f'["{CENTER}"]') as running:
        yield running


@pytest.fixture
def company(running: Running, tokens: Tokens) -> Company:
    return new_company(running, tokens)


class Center:
    """The other service: it sends commands and finds their answers."""

    def __init__(self, running: Running, kafka: Topics) -> None:
        self._running = running
        self._kafka = kafka

    async def send(self, command: Payload, subject: str, source: str = CENTER, id: str | None = None) -> str:
        id = id or str(uuid4())
        envelope = new_envelope(
            command, id=id, source=source, subject=subject, time=datetime.now(UTC), correlationid=id
        )
        await self._kafka.produce(self._running.topic("enrollment.commands"), envelope)
        return id

    async def answer(self, id: str, number: int = 1) -> Any:
        """The data of the ``number``th answer to the command; waits for it."""

        async def found() -> list[Any]:
            told = await self._kafka.envelopes(self._running.topic("enrollment.events"))
            return [each.data for each in told if each.causationid == id][number - 1 :]

        return (await eventually(found))[0]


@pytest.fixture
def center(running: Running, kafka: Topics) -> Center:
    return Center(running, kafka)


def wanted(company: Company, **changes: Any) -> UpsertPartnerProfile:
    facts = {
        "partner_id": company.partner_id,
        "membership_account": company.membership["membership_account"],
        "company_name": "Müller & Söhne IT GmbH",
        "country": "DE",
        "program_state": "enrolled",
    }
    return UpsertPartnerProfile(**facts | changes)


async def profile(running: Running, tokens: Tokens, company: Company) -> Any:
    answer = await running.client.get(f"/v1/partner-profiles/{company.partner_id}", headers=operator(tokens))
    return answer.json()


async def test_a_profile_is_kept_and_retired(
    running: Running, tokens: Tokens, company: Company, center: Center
) -> None:
    told = await center.answer(await center.send(wanted(company), company.partner_id))
    assert (told.partner_id, told.status, told.program_state) == (company.partner_id, "active", "enrolled")
    kept = await profile(running, tokens, company)
    assert (kept["has_access_code"], kept["history"][0]["way"]) == (False, "message")
    assert kept["history"][0]["by"] == f"source:{CENTER}"
    retired = await center.send(RetirePartnerProfile(partner_id=company.partner_id), company.partner_id)
    assert (await center.answer(retired)).status == "inactive"
    assert (await profile(running, tokens, company))["status"] == "inactive"


async def test_an_access_code_of_an_operator_stays(
    running: Running, tokens: Tokens, company: Company, center: Center
) -> None:
    await keep(running, tokens, company.partner_id, company.entry())
    await center.answer(await center.send(wanted(company, company_name="Müller SE"), company.partner_id))
    assert (await profile(running, tokens, company))["has_access_code"]
    found = await company.post("/v1/partner-profiles/lookup", company.membership)
    assert [each["company_name"] for each in found.json()["items"]] == ["Müller SE"]


async def test_an_unknown_profile_is_refused_by_name(company: Company, center: Center) -> None:
    id = await center.send(RetirePartnerProfile(partner_id=company.partner_id), company.partner_id)
    refused = await center.answer(id)
    assert (refused.TYPE, refused.reason) == ("kontor.enrollment.partner-profile-refused.v1", "profile-unknown")


async def test_another_content_with_a_used_id_is_refused(company: Company, center: Center) -> None:
    id = await center.send(wanted(company), company.partner_id)
    await center.answer(id)
    await center.send(wanted(company, company_name="Another AG"), company.partner_id, id=id)
    assert (await center.answer(id, 2)).reason == "id-reused"


@pytest.mark.parametrize("fault", ["source", "key"])
async def test_a_writer_without_the_right_changes_nothing(
    running: Running, tokens: Tokens, company: Company, center: Center, fault: str
) -> None:
    source = "/registries/unknown" if fault == "source" else CENTER
    subject = "another-key" if fault == "key" else company.partner_id
    refused = await center.answer(await center.send(wanted(company), subject, source))
    assert (refused.TYPE, refused.reason) == ("kontor.enrollment.registry-command-refused.v1", "rule-broken")
    assert refused.command_source == source
    assert (await profile(running, tokens, company))["code"] == "not-found"
