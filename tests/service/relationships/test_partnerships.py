"""Partnerships over HTTP: their end by either side, the provider's administrator access, and a new beginning."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import Company, Stage, problem
from support import eventually

from kontor_contracts.relationships import PartnershipEnded, ProviderAdminAccessRemoved

pytest_plugins = ("service.relationships.fixtures",)

END = {"reason": "contract-ended", "comment": "Danke für drei Jahre"}


@pytest.fixture
async def pair(stage: Stage, provider: Company, reseller: Company) -> str:
    """The path of their partnership."""
    await stage.connected(provider, reseller)
    return f"/v1/partnerships/{provider.organization_id}.{reseller.organization_id}"


async def shown(stage: Stage, who: Company, path: str) -> dict[str, Any]:
    answer = await stage.get(who, path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_both_sides_see_since_when_and_by_which_invitation(
    stage: Stage, provider: Company, reseller: Company, pair: str
) -> None:
    (row,) = await stage.listed(reseller, "/v1/providers")
    detail = await shown(stage, provider, pair)
    assert (row["partnership_id"], row["name"], row["state"]) == (pair.rpartition("/")[2], provider.name, "active")
    assert row["invitation_id"] == detail["invitation_id"] and row["since"] == detail["since"]
    assert detail["reseller"]["name"] == reseller.name and detail["provider"]["active"]
    assert detail["admin_access"] and detail["admin_access_until"] is None and detail["past"] == []


@pytest.mark.parametrize("side", ["provider", "reseller"])
async def test_either_side_ends_a_partnership(
    side: str, stage: Stage, provider: Company, reseller: Company, pair: str
) -> None:
    customer = stage.company("customer", country="AT")
    await stage.accept(customer, await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id))
    await stage.listed(reseller, "/v1/customers")
    open_ = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    by = provider if side == "provider" else reseller
    answer = await stage.post(by, f"{pair}/end", END)
    assert answer.status_code == 200, answer.text
    ended = answer.json()
    assert (ended["state"], ended["ending"]["by"], ended["ending"]["reason"]) == ("ended", side, "contract-ended")
    assert not ended["admin_access"]

    assert (await stage.get(reseller, "/v1/providers")).json()["items"] == []
    (past,) = (await stage.get(provider, "/v1/resellers", state="ended")).json()["items"]
    assert past["ending"]["comment"] == END["comment"]
    late = await stage.accept(stage.company("customer", country="AT"), open_)
    assert problem(late)[:2] == (409, "partnership-missing")
    body = {
        "kind": "customer-joint",
        "provider_id": provider.organization_id,
        "recipient": {"name": "K", "email": "k@k.example"},
    }
    assert problem(await stage.post(reseller, "/v1/invitations", body))[:2] == (409, "partnership-missing")
    assert await stage.may(reseller, customer.organization_id, "administer") == (True, "granted")
    assert await stage.may(provider, customer.organization_id, "order") == (True, "granted")
    id = pair.rpartition("/")[2]
    (event,) = await stage.events(PartnershipEnded.TYPE, lambda data: data.partnership_id == id)
    assert event.ended_by == by.organization_id


async def test_a_repeated_end_gets_the_first_answer(stage: Stage, provider: Company, pair: str) -> None:
    first = await stage.post(provider, f"{pair}/end", END, key="once")
    again = await stage.post(provider, f"{pair}/end", END, key="once")
    assert first.json() == again.json()
    third = await stage.post(provider, f"{pair}/end", {"reason": "other"})
    assert third.json()["ending"]["reason"] == "contract-ended"


async def test_the_reseller_removes_the_access_and_the_partnership_stays(
    stage: Stage, provider: Company, reseller: Company, pair: str
) -> None:
    answer = await stage.delete(reseller, f"{pair}/admin-access")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["admin_access"]) == ("active", False)
    (row,) = await stage.listed(provider, "/v1/resellers")
    assert row["admin_access"] is False
    again = await stage.put(reseller, f"{pair}/admin-access", {"consent": True})
    assert again.json()["admin_access"] is True
    refused = await stage.put(reseller, f"{pair}/admin-access", {"consent": False})
    assert problem(refused)[:2] == (422, "access-consent-missing")


async def test_an_access_ends_at_the_time_that_the_reseller_set(
    stage: Stage, provider: Company, reseller: Company, pair: str
) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    answer = await stage.put(reseller, f"{pair}/admin-access", {"consent": True, "until": until})
    assert answer.json()["admin_access"] is True and answer.json()["admin_access_until"]
    id = pair.rpartition("/")[2]
    (event,) = await stage.events(ProviderAdminAccessRemoved.TYPE, lambda data: data.partnership_id == id)
    assert event.cause == "time-over"
    assert (await shown(stage, provider, pair))["admin_access"] is False
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    refused = await stage.put(reseller, f"{pair}/admin-access", {"consent": True, "until": past})
    assert problem(refused) == (422, "access-end-past", ["until"])


async def test_the_provider_cannot_give_itself_access(
    stage: Stage, tokens: Any, relationships: Running, provider: Company, pair: str
) -> None:
    headers = stage.token(provider, {"partnerships:authorize"})
    answer = await relationships.client.put(f"{pair}/admin-access", json={"consent": True}, headers=headers)
    assert problem(answer)[:2] == (403, "forbidden")


async def test_a_stranger_sees_and_changes_nothing(stage: Stage, pair: str) -> None:
    stranger, rival = await asyncio.gather(stage.partner("reseller"), stage.partner("provider"))
    for who in (stranger, rival):
        assert problem(await stage.get(who, pair))[:2] == (404, "not-found")
        assert problem(await stage.post(who, f"{pair}/end", END))[:2] == (404, "not-found")
    assert problem(await stage.delete(stranger, f"{pair}/admin-access"))[:2] == (404, "not-found")


async def test_connecting_again_is_a_new_partnership_with_a_history(
    stage: Stage, provider: Company, reseller: Company, pair: str
) -> None:
    before = (await stage.post(reseller, f"{pair}/end", END)).json()
    await stage.connected(provider, reseller)

    async def again() -> dict[str, Any] | None:
        found = await shown(stage, provider, pair)
        return found if found["state"] == "active" else None

    now = await eventually(again, timeout=30.0) or {}
    assert now["invitation_id"] != before["invitation_id"] and now["admin_access"]
    (past,) = now["past"]
    assert (past["invitation_id"], past["ending"]["reason"]) == (before["invitation_id"], "contract-ended")


async def test_partners_are_searched_sorted_and_paged(stage: Stage, mongo: Documents, relationships: Running) -> None:
    provider = await stage.partner("provider")
    names = ("Äpfel & Birnen GmbH", "Müller & Söhne GmbH", "Zoo Handel KG")
    for name in reversed(names):
        await stage.connected(provider, await stage.partner("reseller", name=name))
    await stage.listed(provider, "/v1/resellers", len(names))

    async def found(**query: str) -> list[str]:
        answer = await stage.get(provider, "/v1/resellers", **query)
        assert answer.status_code == 200, answer.text
        return [row["name"] for row in answer.json()["items"]]

    assert await found() == list(names)
    assert await found(sort="-name") == list(reversed(names))
    assert await found(q="sohne mul") == ["Müller & Söhne GmbH"]
    assert await found(q="z") == ["Zoo Handel KG"]
    assert await found(q="gmbh", state="active") == list(names[:2])
    assert await found(state="ended") == []
    first = (await stage.get(provider, "/v1/resellers", limit="2")).json()
    rest = (await stage.get(provider, "/v1/resellers", limit="2", cursor=first["next_cursor"])).json()
    assert [row["name"] for row in (*first["items"], *rest["items"])] == list(names)
    assert rest["next_cursor"] is None

    collection = mongo.collection(relationships)
    query = {"kind": "partnership", "ls.k": f"{provider.organization_id}|present"}
    scan = (await collection.find(query).sort("ls.o", 1).limit(51).explain())["queryPlanner"]["winningPlan"]
    while "inputStage" in scan:
        scan = scan["inputStage"]
    assert (scan["stage"], scan["indexName"]) == ("IXSCAN", "listed")
