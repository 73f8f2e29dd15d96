"""Administrator grants between a partner and its customer, and what authorization checks make of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import WITHIN, Company, Stage, problem
from support import eventually

from kontor_contracts.admin_grants import AdminGrantActivated, AdminGrantEnded, AdminGrantExpiring

pytest_plugins = ("service.relationships.fixtures",)

BODY: dict[str, Any] = {"name": "Benutzer & Lizenzen", "roles": ["user-administrator"], "days": 60}


@pytest.fixture
async def served(stage: Stage, provider: Company, customer: Company) -> Company:
    """A customer of the provider, which may order for it and nothing else."""
    await stage.accept(customer, await stage.invited(provider, "customer"))
    await stage.listed(provider, "/v1/customers")
    return customer


async def requested(stage: Stage, partner: Company, customer: Company, **changes: Any) -> dict[str, Any]:
    answer = await stage.post(partner, f"/v1/customers/{customer.organization_id}/admin-grants", BODY | changes)
    assert answer.status_code == 201, answer.text
    grant: dict[str, Any] = answer.json()
    return grant


async def begun(stage: Stage, partner: Company, customer: Company, **changes: Any) -> str:
    id: str = (await requested(stage, partner, customer, **changes))["grant_id"]
    assert (await stage.post(customer, f"/v1/admin-grants/{id}/approve")).status_code == 200
    await stage.events(AdminGrantActivated.TYPE, lambda data: data.grant.grant_id == id)
    return id


async def all_grants(stage: Stage, who: Company, **query: str) -> list[str]:
    """Their ids, page by page."""
    found: list[str] = []
    while True:
        page = (await stage.get(who, "/v1/admin-grants", limit="1", **query)).json()
        found += [one["grant_id"] for one in page["items"]]
        if not (cursor := page["next_cursor"]):
            return found
        query["cursor"] = cursor


async def may(stage: Stage, partner: Company, customer: Company, action: str = "administer-users") -> bool:
    return (await stage.may(partner, customer.organization_id, action, consistency="latest"))[0]


async def test_a_customer_approves_a_grant_and_checks_count_it(
    stage: Stage, provider: Company, served: Company
) -> None:
    asked = await requested(stage, provider, served)
    assert (asked["status"], asked["expires_at"]) == ("requested", None) and not await may(stage, provider, served)
    id = asked["grant_id"]
    path = f"/v1/admin-grants/{id}"
    assert problem(await stage.post(provider, f"{path}/approve"))[:2] == (403, "forbidden")
    assert (await stage.post(served, f"{path}/approve")).status_code == 200
    await stage.events(AdminGrantActivated.TYPE, lambda data: data.grant.grant_id == id)
    answer = await stage.get(
        provider,
        "/v1/authorizations/check",
        customer_id=served.organization_id,
        action="administer-users",
        consistency="latest",
    )
    assert (answer.json()["allowed"], answer.json()["grant"]) == (True, id)
    assert not await may(stage, provider, served, "administer-licences")
    for side in (provider, served):
        (shown,) = (await stage.get(side, "/v1/admin-grants", status="active")).json()["items"]
        assert (shown["grant_id"], shown["partner_name"]) == (id, provider.name)
    found = await stage.get(provider, "/v1/authorizations/customers", action="administer-users")
    assert [one["customer_id"] for one in found.json()["items"]] == [served.organization_id]


async def test_grants_are_listed_by_request_and_by_end(stage: Stage, provider: Company, served: Company) -> None:
    long, short = [await begun(stage, provider, served, name=f"For {days}", days=days) for days in (300, 20)]
    open_ = (await requested(stage, provider, served, name="Never approved"))["grant_id"]
    for side in (provider, served):
        for sort, expected in (
            ("requested_at", [long, short, open_]),
            ("-requested_at", [open_, short, long]),
            ("expires_at", [short, long, open_]),
            ("-expires_at", [open_, long, short]),
        ):
            found = await all_grants(stage, side, sort=sort, customer_id=served.organization_id)
            assert found == expected, sort
            assert await all_grants(stage, side, sort=sort) == expected
        assert await all_grants(stage, side, status="requested") == [open_]


@pytest.mark.parametrize("side", ["provider", "customer"])
async def test_either_side_ends_a_grant_at_once(stage: Stage, provider: Company, served: Company, side: str) -> None:
    id = await begun(stage, provider, served)
    assert await may(stage, provider, served)
    ender = provider if side == "provider" else served
    ended = await stage.post(ender, f"/v1/admin-grants/{id}/end", {"reason": "Die Arbeit ist getan."})
    assert (ended.json()["status"], ended.json()["ended_reason"]) == ("ended", "Die Arbeit ist getan.")
    assert not await may(stage, provider, served)
    assert problem(await stage.post(served, f"/v1/admin-grants/{id}/approve"))[:2] == (409, "grant-not-pending")


async def test_a_grant_ends_with_the_relationship(stage: Stage, provider: Company, served: Company) -> None:
    id = await begun(stage, provider, served)
    assert (await stage.post(served, f"/v1/me/resellers/{provider.partner_id}/end", {})).status_code == 200
    assert not await may(stage, provider, served)
    (ended,) = await stage.events(AdminGrantEnded.TYPE, lambda data: data.grant.grant_id == id)
    assert ended.because == "relationship-ended"


async def test_a_grant_is_refused_where_it_cannot_be(stage: Stage, provider: Company, served: Company) -> None:
    path = f"/v1/customers/{served.organization_id}/admin-grants"
    await requested(stage, provider, served)
    assert problem(await stage.post(provider, path, BODY))[:2] == (409, "taken")
    stranger = await stage.partner("reseller")
    assert problem(await stage.post(stranger, path, BODY))[:2] == (404, "not-found")
    for wrong, field in (
        ({"days": 0}, "days"),
        ({"days": 731}, "days"),
        ({"name": "x" * 51}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["owner"]}, "roles.0"),
        ({"auto_extend_days": 90}, "auto_extend_days"),
    ):
        answer = await stage.post(provider, path, BODY | wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text
    top = {"name": "Alles", "roles": ["global-administrator"], "auto_extend_days": 180}
    assert problem(await stage.post(provider, path, BODY | top))[:2] == (422, "auto-extend-of-top-role")


async def test_nobody_else_sees_or_changes_a_grant(stage: Stage, provider: Company, served: Company) -> None:
    id = (await requested(stage, provider, served))["grant_id"]
    for other in (await stage.partner("provider"), stage.company("customer")):
        assert (await stage.get(other, "/v1/admin-grants")).json()["items"] == []
        assert problem(await stage.get(other, f"/v1/admin-grants/{id}"))[:2] == (404, "not-found")
        assert problem(await stage.post(other, f"/v1/admin-grants/{id}/end", {}))[:2] == (404, "not-found")
        answer = await stage.put(other, f"/v1/admin-grants/{id}/auto-extension", {"days": 0})
        assert problem(answer)[:2] == (404, "not-found")


async def test_an_expired_grant_is_refused_before_any_timer(
    stage: Stage, relationships: Running, mongo: Documents, provider: Company, served: Company
) -> None:
    await begun(stage, provider, served)
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    changed = await mongo.collection(relationships).update_one(
        {"_id": f"customer:{served.organization_id}"},
        {"$set": {"state.relationships.0.grants.0.expires_at": past}, "$inc": {"v": 1}},
    )
    assert changed.modified_count == 1
    assert not await may(stage, provider, served)
    found = await stage.get(provider, "/v1/authorizations/customers", action="administer-users")
    assert found.json()["items"] == []


async def test_timers_remind_and_end_a_grant(
    stage: Stage, relationships: Running, mongo: Documents, provider: Company, served: Company
) -> None:
    id = await begun(stage, provider, served)

    async def moved(expires_at: datetime) -> None:
        """As if time had passed."""
        fields = {
            "state.admin_grant.approved_at": (expires_at - timedelta(days=60)).isoformat(),
            "state.admin_grant.expires_at": expires_at.isoformat(),
            "due": datetime.now(UTC),
        }
        await mongo.collection(relationships).update_one(
            {"_id": f"admin-grant:{id}"}, {"$set": fields, "$inc": {"v": 1}}
        )

    await moved(datetime.now(UTC) + timedelta(days=6, hours=12))
    (reminder,) = await stage.events(AdminGrantExpiring.TYPE, lambda data: data.grant.grant_id == id)
    assert reminder.days_left == 7
    await moved(datetime.now(UTC))
    (ended,) = await stage.events(AdminGrantEnded.TYPE, lambda data: data.grant.grant_id == id)
    assert ended.because == "expired"

    async def refused() -> bool:
        return not await may(stage, provider, served)

    assert await eventually(refused, timeout=WITHIN)
