"""An imported customer that signs up is one with its work account: lists, checks, events, and the way back, over real sockets."""

from typing import Any
from uuid import uuid4

import pytest
from service.relationships.stage import WITHIN, Company, Stage, problem
from support import eventually

from chassis.aggregate.model import derived_id
from kontor_contracts.customer_matches import CustomerMatched, CustomerMatchUndone, ImportedCustomerRestored
from kontor_contracts.customers import ReportSubscriptions, SubscriptionsReported
from kontor_contracts.relationships import ImportCustomer
from kontor_contracts.resellers_of_record import ResellerOfRecordMoved, ResellerOfRecordSet, SetResellerOfRecord

pytest_plugins = ("service.relationships.fixtures",)


class Imported:
    """A customer that two resellers serve through another portal, and that has signed up under nearly the same name."""

    def __init__(self, stage: Stage, reseller: Company, other: Company) -> None:
        word = f"Kaffee{uuid4().hex[:8]}"
        self.stage = stage
        self.number = uuid4().hex[:8]
        self.id = derived_id("customer", "office", self.number)
        self.reseller, self.other = reseller, other
        self.name = f"{word} Žižka GmbH"
        self.own = stage.company("customer", name=f"{word.upper()} ŽIŽKA KG")

    async def imported_for(self, partner: Company, *permissions: str) -> None:
        await self.stage.ask_for_import(
            ImportCustomer.model_validate(
                {
                    "portal": "office",
                    "external_id": self.number,
                    "name": self.name,
                    "country": "DE",
                    "partner_id": partner.partner_id,
                    "permissions": permissions,
                }
            )
        )

    async def until_listed(self, partner: Company, id: str) -> None:
        async def there() -> bool:
            return (await self.stage.get(partner, f"/v1/customers/{id}")).status_code == 200

        await eventually(there, timeout=WITHIN)

    async def listed_by(self, partner: Company) -> list[str]:
        return [one["customer_id"] for one in (await self.stage.get(partner, "/v1/customers")).json()["items"]]

    async def may(self, partner: Company, id: str, action: str) -> tuple[bool, str]:
        return await self.stage.may(partner, id, action, consistency="latest")

    async def matched(self) -> None:
        """Accepts the reseller's invitation and says which imported customer it is."""
        sent = await self.stage.invited(self.reseller, "customer")
        answer = await self.stage.accept(self.own, sent, same_as=self.id)
        assert answer.status_code == 200, answer.text
        await self.until_listed(self.other, self.own.organization_id)

    async def undone(self, by: Company, path: str) -> None:
        answer = await self.stage.post(by, path)
        assert answer.status_code == 200, answer.text
        await self.until_listed(self.other, self.id)


@pytest.fixture
async def imported(stage: Stage, reseller: Company) -> Imported:
    found = Imported(stage, reseller, await stage.partner("reseller", name="Andere GmbH"))
    await found.imported_for(reseller, "administer")
    await found.imported_for(found.other, "administer", "order")
    for one in (reseller, found.other):
        await found.until_listed(one, found.id)
    return found


async def test_accepting_a_match_joins_both_and_undoing_separates_them(
    stage: Stage, reseller: Company, imported: Imported
) -> None:
    own, other = imported.own.organization_id, imported.other
    assert await imported.may(other, imported.id, "order") == (True, "granted")
    await imported.matched()
    for partner in (reseller, other):
        assert await imported.listed_by(partner) == [own]
        assert await imported.may(partner, imported.id, "administer") == (False, "no-relationship")
        assert await imported.may(partner, own, "administer") == (True, "granted")
        assert problem(await stage.get(partner, f"/v1/customers/{imported.id}"))[:2] == (404, "not-found")
    (event,) = await stage.events(CustomerMatched.TYPE, lambda data: data.imported_id == imported.id)
    assert {one.partner_id for one in event.partners} == {reseller.partner_id, other.partner_id}
    assert event.customer_id == own and event.invitation_id is not None

    (shown,) = (await stage.get(other, f"/v1/customers/{own}")).json()["matches"]
    assert (shown["imported_id"], shown["external_id"]) == (imported.id, imported.number)
    assert shown["partner_ids"] == [other.partner_id]
    (mine,) = (await stage.get(imported.own, "/v1/me/matches")).json()["matches"]
    assert set(mine["partner_ids"]) == {reseller.partner_id, other.partner_id}

    await imported.undone(imported.own, f"/v1/me/matches/{imported.id}/undo")
    assert await imported.may(other, imported.id, "order") == (True, "granted")
    assert await imported.may(other, own, "order") == (False, "no-relationship")
    assert await imported.may(reseller, own, "administer") == (True, "granted")
    assert await imported.listed_by(other) == [imported.id]
    assert set(await imported.listed_by(reseller)) == {imported.id, own}
    await stage.events(ImportedCustomerRestored.TYPE, lambda data: data.imported_id == imported.id)
    again = await stage.post(imported.own, f"/v1/me/matches/{imported.id}/undo")
    assert problem(again)[:2] == (409, "match-unknown")


async def test_a_customer_finds_the_proposal_in_its_own_list_and_confirms_it(
    stage: Stage, reseller: Company, imported: Imported
) -> None:
    sent = await stage.invited(reseller, "customer")
    assert (await stage.accept(imported.own, sent)).status_code == 200
    await imported.until_listed(reseller, imported.own.organization_id)
    (proposal,) = (await stage.get(imported.own, "/v1/me/matches")).json()["proposals"]
    assert (proposal["imported_id"], proposal["basis"], proposal["portal"]) == (imported.id, "name", "office")
    assert proposal["partners"] == sorted([reseller.name, imported.other.name])
    key = str(uuid4())
    first, second = [await stage.post(imported.own, f"/v1/me/matches/{imported.id}/confirm", key=key) for _ in range(2)]
    assert first.status_code == 200, first.text
    assert first.json() == second.json()
    await imported.until_listed(imported.other, imported.own.organization_id)
    assert (await stage.get(imported.own, "/v1/me/matches")).json()["proposals"] == []


async def test_only_the_proposed_company_confirms_and_only_those_concerned_undo(
    stage: Stage, reseller: Company, imported: Imported
) -> None:
    stranger = stage.company("customer", name="Ganz Andere KG")
    sent = await stage.invited(reseller, "customer")
    assert problem(await stage.accept(stranger, sent, same_as=imported.id)) == (409, "no-match-proposed", ["same_as"])
    confirm = f"/v1/me/matches/{imported.id}/confirm"
    assert problem(await stage.post(stranger, confirm))[:2] == (404, "not-found")
    # The same name, and no relationship with a partner that serves the imported customer.
    assert problem(await stage.post(imported.own, confirm))[:2] == (404, "not-found")
    assert (await stage.get(imported.own, "/v1/me/matches")).json() == {"proposals": [], "matches": []}

    await imported.matched()
    foreign = await stage.partner("reseller")
    path = f"/v1/customers/{imported.own.organization_id}/matches/{imported.id}/undo"
    assert problem(await stage.post(foreign, path))[:2] == (404, "not-found")
    assert problem(await stage.post(stranger, f"/v1/me/matches/{imported.id}/undo"))[:2] == (404, "not-found")
    await imported.undone(imported.other, path)
    (event,) = await stage.events(CustomerMatchUndone.TYPE, lambda data: data.imported_id == imported.id)
    assert event.undone_by == "partner"


async def test_messages_of_the_portal_reach_the_customer_after_the_match(
    stage: Stage, reseller: Company, imported: Imported
) -> None:
    await imported.matched()
    own = imported.own.organization_id
    report = ReportSubscriptions(
        portal="office", customer_id=imported.id, partner_id=imported.other.partner_id, active=2
    )
    await stage.command(report, f"office:{imported.id}")
    await stage.events(SubscriptionsReported.TYPE, lambda data: data.customer_id == own and data.active == 2)
    ended = await stage.post(imported.own, f"/v1/me/resellers/{imported.other.partner_id}/end", {})
    assert problem(ended)[:2] == (409, "subscriptions-active")
    late = await stage.partner("reseller")
    await imported.imported_for(late, "administer")
    await imported.until_listed(late, own)
    await imported.undone(stage.company("operator"), f"/v1/customers/{own}/matches/{imported.id}/undo-for-the-program")
    await imported.until_listed(late, imported.id)
    shown: dict[str, Any] = (await stage.get(imported.other, f"/v1/customers/{imported.id}")).json()
    assert shown["active_subscriptions"] == 2


async def test_a_reseller_of_record_follows_a_match_and_its_undoing(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    await stage.connected(provider, reseller)
    found = Imported(stage, reseller, provider)
    for partner, permission in ((reseller, "administer"), (provider, "order")):
        await found.imported_for(partner, permission)
        await found.until_listed(partner, found.id)
    own, named = found.own.organization_id, {"partner_id": reseller.partner_id}

    async def name(customer_id: str, subscription: str) -> dict[str, Any]:
        path = f"/v1/customers/{customer_id}/subscriptions/{subscription}/reseller-of-record"
        answer = await stage.put(provider, path, named)
        assert answer.status_code == 200, answer.text
        record: dict[str, Any] = answer.json()
        return record

    async def listed(customer_id: str) -> dict[str, bool]:
        answer = await stage.get(reseller, "/v1/resellers-of-record", customer_id=customer_id)
        return {one["subscription_id"]: one["valid"] for one in answer.json()["items"]}

    async def moved_to(customer_id: str, count: int) -> None:
        await stage.events(ResellerOfRecordMoved.TYPE, lambda data: data.customer_id == customer_id, count)

    before = await name(found.id, "S-1")
    await found.matched()
    await moved_to(own, 1)
    assert (await listed(own), await listed(found.id)) == ({"S-1": True}, {})
    (mine,) = (await stage.get(found.own, "/v1/resellers-of-record")).json()["items"]
    assert (mine["record_id"], mine["customer_id"]) == (before["record_id"], own)
    # The same subscription under the customer's own id is the same record.
    assert (await name(own, "S-1"))["record_id"] == before["record_id"]
    await name(own, "S-2")
    # The portal goes on with the number that it knows.
    command = SetResellerOfRecord(
        portal="office", provider_partner_id=provider.partner_id, customer_id=found.id, subscription_id="S-3", **named
    )
    await stage.command(command, f"office:{found.id}")
    await stage.events(ResellerOfRecordSet.TYPE, lambda data: (data.customer_id, data.subscription_id) == (own, "S-3"))

    await found.undone(found.own, f"/v1/me/matches/{found.id}/undo")
    await moved_to(found.id, 3)
    assert (await listed(own), await listed(found.id)) == ({}, {"S-1": True, "S-2": True, "S-3": True})
    assert (await stage.get(found.own, "/v1/resellers-of-record")).json()["items"] == []
    assert (await name(found.id, "S-2"))["customer_id"] == found.id
