"""A document that exists is not a right that holds: lists, drafts, acceptances and checks ask the aggregate."""

from datetime import UTC, datetime
from typing import Any, Protocol

import pytest
from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import Company, Stage, problem
from support import eventually

from kontor_contracts.identity import OrganizationClosed, OrganizationErased, OrganizationReopened
from kontor_contracts.relationships import CustomerClosed, CustomerReopened

pytest_plugins = ("service.relationships.fixtures",)


class Plant(Protocol):
    async def __call__(self, id: str, field: str, value: Any) -> None: ...


@pytest.fixture
def plant(relationships: Running, mongo: Documents) -> Plant:
    """Changes a document as a later release would."""

    async def change(id: str, field: str, value: Any) -> None:
        update = {"$set": {field: value}, "$inc": {"v": 1}}
        changed = await mongo.collection(relationships).update_one({"_id": id}, update)
        assert changed.modified_count == 1, id

    return change


@pytest.fixture
async def ended(stage: Stage, plant: Plant, provider: Company, reseller: Company) -> tuple[Company, Company]:
    """Provider and reseller had a partnership. Its document is still there and says that it has ended."""
    await stage.connected(provider, reseller)
    id = f"partnership:{provider.organization_id}.{reseller.organization_id}"
    await plant(id, "state.partnership.status", "ended")
    return provider, reseller


async def test_an_ended_partnership_is_in_no_list(stage: Stage, ended: tuple[Company, Company]) -> None:
    provider, reseller = ended
    assert (await stage.get(reseller, "/v1/providers")).json()["items"] == []
    assert (await stage.get(provider, "/v1/resellers")).json()["items"] == []


async def test_an_ended_partnership_shares_no_list_of_customers(stage: Stage, ended: tuple[Company, Company]) -> None:
    provider, reseller = ended
    answer = await stage.get(reseller, f"/v1/providers/{provider.organization_id}/customers")
    assert problem(answer)[:2] == (404, "not-found")


async def test_an_ended_partnership_allows_no_joint_draft(stage: Stage, ended: tuple[Company, Company]) -> None:
    provider, reseller = ended
    body = {
        "kind": "customer-joint",
        "provider_id": provider.organization_id,
        "recipient": {"name": "Käthe Süß", "email": "kaethe@kunde.example", "culture": "de"},
    }
    answer = await stage.post(reseller, "/v1/invitations", body)
    assert problem(answer)[:2] == (409, "partnership-missing")


async def test_an_ended_partnership_allows_no_joint_acceptance(
    stage: Stage, plant: Plant, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    sent = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    id = f"partnership:{provider.organization_id}.{reseller.organization_id}"
    await plant(id, "state.partnership.status", "ended")
    assert problem(await stage.accept(customer, sent))[:2] == (409, "partnership-missing")


async def test_companies_connect_again_after_the_end(stage: Stage, ended: tuple[Company, Company]) -> None:
    await stage.connected(*ended)
    (again,) = await stage.listed(ended[1], "/v1/providers")
    assert again["organization_id"] == ended[0].organization_id


async def test_an_ended_relationship_gives_no_right_and_is_in_no_list(
    stage: Stage, plant: Plant, reseller: Company, customer: Company
) -> None:
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    id = customer.organization_id
    await plant(f"customer:{id}", "state.relationships.0.ended_at", datetime(2026, 11, 1, tzinfo=UTC).isoformat())
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []
    assert problem(await stage.get(reseller, f"/v1/customers/{id}"))[:2] == (404, "not-found")
    assert await stage.may(reseller, id, "administer", consistency="latest") == (False, "no-relationship")


async def test_a_suspended_partner_has_no_rights(
    stage: Stage, plant: Plant, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    open_ = await stage.invited(reseller, "customer")
    await plant(f"partner:{reseller.organization_id}", "state.company.status", "suspended")

    body = {"kind": "customer", "recipient": {"name": "Käthe Süß", "email": "kaethe@kunde.example", "culture": "de"}}
    assert problem(await stage.post(reseller, "/v1/invitations", body))[:2] == (409, "partner-not-active")
    assert problem(await stage.accept(stage.company("customer"), open_))[:2] == (409, "inviter-not-active")
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []
    may = await stage.may(reseller, customer.organization_id, "administer", consistency="latest")
    assert may == (False, "partner-not-active")


async def test_a_suspended_provider_is_not_in_the_directory(stage: Stage, plant: Plant) -> None:
    provider = await stage.partner("provider", name="Seltener Name AG")
    asker = await stage.partner("reseller")
    await stage.published(provider)
    found = (await stage.get(asker, "/v1/directory/providers", q="seltener name")).json()["items"]
    assert [one["organization_id"] for one in found] == [provider.organization_id]
    await plant(f"partner:{provider.organization_id}", "state.company.status", "suspended")
    assert (await stage.get(asker, "/v1/directory/providers", q="seltener name")).json()["items"] == []


async def test_no_right_holds_while_a_customer_is_closed(stage: Stage, reseller: Company, customer: Company) -> None:
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    id = customer.organization_id
    assert await stage.may(reseller, id, "administer") == (True, "granted")
    until = datetime(2099, 1, 1, tzinfo=UTC)
    closed = OrganizationClosed(organization_id=id, restorable_until=until, closed_by="staff")
    await stage.announce("identity", f"organization:{id}", closed)
    await stage.events(CustomerClosed.TYPE, lambda data: data.customer_id == id)

    async def without_rights() -> bool:
        return await stage.may(reseller, id, "administer") == (False, "no-relationship")

    await eventually(without_rights)
    assert await stage.may(reseller, id, "administer", consistency="latest") == (False, "no-relationship")
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []
    assert problem(await stage.get(reseller, f"/v1/customers/{id}"))[:2] == (404, "not-found")

    reopened = OrganizationReopened(organization_id=id, reopened_by="staff")
    await stage.announce("identity", f"organization:{id}", reopened, sequence=2)
    await stage.events(CustomerReopened.TYPE, lambda data: data.customer_id == id)
    await stage.listed(reseller, "/v1/customers")
    assert await stage.may(reseller, id, "administer", consistency="latest") == (True, "granted")


async def test_a_closing_before_acceptance_holds_and_an_erasure_leaves_nobody(
    stage: Stage, relationships: Running, mongo: Documents, reseller: Company
) -> None:
    customer = stage.company("customer")
    id = customer.organization_id
    closed = OrganizationClosed(organization_id=id, restorable_until=datetime(2099, 1, 1, tzinfo=UTC), closed_by="s")
    await stage.announce("identity", f"organization:{id}", closed)

    async def kept() -> bool:
        return any(each["_id"] == f"customer:{id}" for each in await mongo.all(relationships, "customer"))

    await eventually(kept)
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.events(CustomerClosed.TYPE, lambda data: data.customer_id == id)
    assert await stage.may(reseller, id, "administer", consistency="latest") == (False, "no-relationship")

    async def people() -> str:
        found = [*await mongo.all(relationships, "customer"), *await mongo.all(relationships, "invitation")]
        return str([each for each in found if id in str(each)])

    assert "@kunde.example" in await people() and "'contact': None" not in await people()
    await stage.announce("identity", f"organization:{id}", OrganizationErased(organization_id=id), sequence=2)

    async def erased() -> bool:
        return "@kunde.example" not in await people() and "'contact': None" in await people()

    await eventually(erased)
