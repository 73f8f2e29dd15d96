"""Either side ends a customer relationship; other services may hold it by active subscriptions."""

from typing import Any
from uuid import uuid4

from service.relationships.stage import WITHIN, Company, Stage, problem
from support import eventually

from kontor_contracts.customers import (
    RelationshipEnded,
    ReportSubscriptions,
    SubscriptionsRefused,
    SubscriptionsReported,
)

pytest_plugins = ("service.relationships.fixtures",)


async def authorized(stage: Stage, provider: Company, reseller: Company, customer: Company) -> None:
    await stage.connected(provider, reseller)
    sent = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    assert (await stage.accept(customer, sent)).status_code == 200
    await stage.listed(reseller, "/v1/customers")


async def resellers(stage: Stage, customer: Company, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await stage.get(customer, "/v1/me/resellers", **query)).json()["items"]
    return items


async def test_a_customer_sees_its_resellers_and_ends_one(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await authorized(stage, provider, reseller, customer)
    shown = {one["partner_id"]: one for one in await resellers(stage, customer)}
    assert shown.keys() == {provider.partner_id, reseller.partner_id}
    ours = shown[reseller.partner_id]
    assert (ours["name"], ours["role"], ours["permissions"], ours["active"]) == (
        reseller.name,
        "reseller",
        ["administer"],
        True,
    )
    assert ours["acceptance"]["accepted_at"] and ours["acceptance"]["consent"] and ours["until"] is None

    path, key = f"/v1/me/resellers/{reseller.partner_id}/end", str(uuid4())
    for _ in range(2):
        answer = await stage.post(customer, path, {"reason": "Wir wechseln."}, key=key)
        assert answer.status_code == 200, answer.text
    id = customer.organization_id
    assert await stage.may(reseller, id, "administer", consistency="latest") == (False, "no-relationship")
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []
    assert problem(await stage.get(reseller, f"/v1/customers/{id}"))[:2] == (404, "not-found")
    assert await stage.may(provider, id, "order", consistency="latest") == (True, "granted")
    assert [one["partner_id"] for one in await resellers(stage, customer)] == [provider.partner_id]
    (past,) = await resellers(stage, customer, ended="true")
    assert (past["ended_by"], past["ended_reason"], past["permissions"]) == ("customer", "Wir wechseln.", [])
    (event,) = await stage.events(RelationshipEnded.TYPE, lambda data: data.customer_id == id)
    assert event.partner.organization_id == reseller.organization_id
    assert [one.organization_id for one in event.others] == [provider.organization_id]
    assert event.contact.email


async def test_a_partner_ends_a_relationship_and_connects_again(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    path = f"/v1/customers/{customer.organization_id}/end"
    stranger = await stage.partner("reseller")
    assert problem(await stage.post(stranger, path, {}))[:2] == (404, "not-found")
    assert (await stage.post(reseller, path, {})).status_code == 200
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")


async def test_active_subscriptions_hold_a_relationship_until_they_are_gone(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    id, path = customer.organization_id, f"/v1/me/resellers/{reseller.partner_id}/end"
    report = {"portal": "office", "customer_id": id, "partner_id": reseller.partner_id}
    await stage.command(ReportSubscriptions.model_validate({**report, "active": 2}), f"office:{id}")
    await stage.events(SubscriptionsReported.TYPE, lambda data: data.customer_id == id)
    answer = await stage.post(customer, path, {})
    assert problem(answer)[:2] == (409, "subscriptions-active")
    assert (await resellers(stage, customer))[0]["active_subscriptions"] == 2

    await stage.command(ReportSubscriptions.model_validate({**report, "active": 0}), f"office:{id}")
    await stage.events(SubscriptionsReported.TYPE, lambda data: data.customer_id == id, count=2)
    assert (await stage.post(customer, path, {})).status_code == 200
    await stage.command(ReportSubscriptions.model_validate({**report, "active": 1}), f"office:{id}")
    (refused,) = await stage.events(SubscriptionsRefused.TYPE, lambda data: data.customer_id == id)
    assert refused.reason == "no-relationship"


async def test_the_staff_ends_a_relationship_that_a_portal_holds(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    id = customer.organization_id
    report = ReportSubscriptions(portal="office", customer_id=id, partner_id=reseller.partner_id, active=1)
    await stage.command(report, f"office:{id}")
    await stage.events(SubscriptionsReported.TYPE, lambda data: data.customer_id == id)
    staff = stage.company("operator")
    path = f"/v1/customers/{id}/partners/{reseller.partner_id}/end"
    assert (await stage.post(staff, path, {"reason": "Das Portal gibt es nicht mehr."})).status_code == 200

    async def refused() -> bool:
        return await stage.may(reseller, id, "administer") == (False, "no-relationship")

    assert await eventually(refused, timeout=WITHIN)
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []


async def test_a_report_about_nobody_is_refused(stage: Stage, reseller: Company) -> None:
    id = str(uuid4())
    report = ReportSubscriptions(portal="office", customer_id=id, partner_id=reseller.partner_id, active=1)
    await stage.command(report, f"office:{id}")
    (refused,) = await stage.events(SubscriptionsRefused.TYPE, lambda data: data.customer_id == id)
    assert refused.reason == "no-relationship"
