"""A reseller asks a provider of the directory: accepted, it leads to an invitation draft; declined, to a reason."""

from typing import Any

import pytest
from service.relationships.stage import Company, Stage, problem
from support import eventually

from kontor_contracts.directory import PartnershipRequestDeclined, PartnershipRequested

pytest_plugins = ("service.relationships.fixtures",)

REQUESTS = "/v1/partnership-requests"


@pytest.fixture
async def asked(stage: Stage, provider: Company, reseller: Company) -> str:
    """The path of the reseller's request to the provider."""
    await stage.published(provider)
    answer = await ask(stage, reseller, provider)
    assert answer.status_code == 201, answer.text
    return f"{REQUESTS}/{answer.json()['request_id']}"


async def ask(stage: Stage, reseller: Company, provider: Company) -> Any:
    body = {"provider_id": provider.organization_id, "message": "Wir betreuen 40 Kunden."}
    return await stage.post(reseller, REQUESTS, body)


async def test_an_accepted_request_becomes_an_invitation_that_connects(
    stage: Stage, provider: Company, reseller: Company, asked: str
) -> None:
    (row,) = (await stage.get(provider, REQUESTS, status="pending")).json()["items"]
    assert (row["reseller_name"], row["message"], row["requester"]) == (
        reseller.name,
        "Wir betreuen 40 Kunden.",
        "Käthe Süß",
    )
    accepted = await stage.post(provider, f"{asked}/accept")
    assert accepted.status_code == 200, accepted.text
    invitation = f"/v1/invitations/{accepted.json()['invitation_id']}"

    async def drafted() -> dict[str, Any] | None:
        answer = await stage.get(provider, invitation)
        return answer.json() if answer.status_code == 200 else None

    draft = await eventually(drafted, timeout=30.0) or {}
    assert (draft["kind"], draft["status"], draft["recipient"]["name"]) == ("partnership", "draft", "Käthe Süß")
    sent = (await stage.post(provider, f"{invitation}/send")).json()
    assert (await stage.accept(reseller, sent)).status_code == 200
    await stage.listed(reseller, "/v1/providers")
    assert problem(await ask(stage, reseller, provider))[:2] == (409, "already-connected")


async def test_a_declined_request_says_why(stage: Stage, provider: Company, reseller: Company, asked: str) -> None:
    body = {"reason": "outside-offer", "comment": "Derzeit nur Großhandel"}
    assert (await stage.post(provider, f"{asked}/decline", body)).status_code == 200
    shown = (await stage.get(reseller, asked)).json()
    assert (shown["status"], shown["reason"], shown["comment"]) == ("declined", "outside-offer", body["comment"])
    assert problem(await ask(stage, reseller, provider))[:2] == (409, "request-too-soon")
    assert problem(await stage.post(reseller, f"{asked}/withdraw"))[:2] == (409, "request-not-open")
    id = asked.rpartition("/")[2]
    (event,) = await stage.events(PartnershipRequestDeclined.TYPE, lambda data: data.request_id == id)
    assert event.requester.name == "Käthe Süß"


async def test_a_reseller_withdraws_its_request_and_asks_again(
    stage: Stage, provider: Company, reseller: Company, asked: str
) -> None:
    assert problem(await ask(stage, reseller, provider))[:2] == (409, "request-open")
    assert (await stage.post(reseller, f"{asked}/withdraw")).json()["status"] == "withdrawn"
    assert problem(await stage.post(provider, f"{asked}/accept"))[:2] == (409, "request-not-open")
    assert (await ask(stage, reseller, provider)).status_code == 201
    id = asked.rpartition("/")[2]
    await stage.events(PartnershipRequested.TYPE, lambda data: data.request_id == id, count=2)


async def test_only_listed_providers_of_the_same_region_are_asked(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    assert problem(await ask(stage, reseller, provider))[:2] == (404, "not-found")
    far = await stage.partner("provider", country="US", region="united-states")
    await stage.published(far)
    assert problem(await ask(stage, reseller, far))[:2] == (409, "region-differs")


async def test_strangers_and_the_wrong_side_are_refused(
    stage: Stage, provider: Company, reseller: Company, asked: str
) -> None:
    rival, stranger = await stage.partner("provider"), await stage.partner("reseller")
    for who in (rival, stranger):
        assert problem(await stage.get(who, asked))[:2] == (404, "not-found")
    assert problem(await stage.post(rival, f"{asked}/accept"))[:2] == (404, "not-found")
    assert problem(await stage.post(stranger, f"{asked}/withdraw"))[:2] == (404, "not-found")
    assert problem(await stage.post(reseller, f"{asked}/accept"))[:2] == (403, "forbidden")
    assert problem(await stage.post(provider, f"{asked}/withdraw"))[:2] == (403, "forbidden")
