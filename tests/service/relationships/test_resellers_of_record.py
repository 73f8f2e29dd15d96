"""Resellers of record on subscriptions: over HTTP, by portals, in lists, and when what they rest on ends."""

from typing import Any

import pytest
from service.relationships.stage import WITHIN, Company, Stage, problem
from support import eventually

from kontor_contracts.customers import RelationshipEnded
from kontor_contracts.enrollment import EnrollmentSuspended
from kontor_contracts.resellers_of_record import (
    RemoveResellerOfRecord,
    ResellerOfRecordEnded,
    ResellerOfRecordRefused,
    ResellerOfRecordSet,
    SetResellerOfRecord,
)

pytest_plugins = ("service.relationships.fixtures",)

LIST = "/v1/resellers-of-record"


@pytest.fixture
async def shared(stage: Stage, provider: Company, reseller: Company, customer: Company) -> Company:
    """A customer of provider and reseller, which have a partnership."""
    await stage.connected(provider, reseller)
    await joined(stage, provider, reseller, customer)
    return customer


async def joined(stage: Stage, provider: Company, reseller: Company, customer: Company) -> None:
    joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    assert (await stage.accept(customer, joint)).status_code == 200

    async def both() -> bool:
        path = f"/v1/customers/{customer.organization_id}"
        return all([(await stage.get(one, path)).status_code == 200 for one in (provider, reseller)])

    await eventually(both, timeout=WITHIN)


def path_of(customer: Company, subscription: str = "A-2026-1") -> str:
    return f"/v1/customers/{customer.organization_id}/subscriptions/{subscription}/reseller-of-record"


async def set_(stage: Stage, provider: Company, reseller: Company, path: str) -> dict[str, Any]:
    answer = await stage.put(provider, path, {"partner_id": reseller.partner_id})
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


async def shown(stage: Stage, who: Company, **query: str) -> list[dict[str, Any]]:
    answer = await stage.get(who, LIST, **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_provider_names_and_replaces_a_reseller(
    stage: Stage, provider: Company, reseller: Company, shared: Company
) -> None:
    other = await stage.partner("reseller")
    await stage.connected(provider, other)
    await joined(stage, provider, other, shared)
    record = await set_(stage, provider, reseller, path_of(shared))
    assert (record["state"], record["valid"], record["code"]) == ("active", True, "valid")
    assert record["reseller"]["name"] == reseller.name and record["customer_name"] == shared.name
    assert await set_(stage, provider, reseller, path_of(shared)) == record
    replaced = await set_(stage, provider, other, path_of(shared))
    assert replaced["reseller"]["partner_id"] == other.partner_id
    assert [(one["reseller"]["name"], one["because"]) for one in replaced["history"]] == [(reseller.name, "replaced")]
    # The former reseller sees its own time, and not who came after it.
    (former,) = await shown(stage, reseller, state="ended")
    assert (former["reseller"], former["code"]) == (None, None) and len(former["history"]) == 1
    assert other.partner_id not in str(former) and other.name not in str(former)
    assert await shown(stage, reseller) == []
    about = {"record_id": record["record_id"]}
    for viewer in (provider, shared, other, stage.company("operator")):
        answer = await stage.get(viewer, f"{LIST}/{record['record_id']}")
        assert answer.json()["reseller"]["partner_id"] == other.partner_id, answer.text
    ended = await stage.events(ResellerOfRecordEnded.TYPE, lambda data: data.record_id == about["record_id"])
    begun = await stage.events(ResellerOfRecordSet.TYPE, lambda data: data.record_id == about["record_id"], 2)
    assert [one.reseller.partner_id for one in begun] == [reseller.partner_id, other.partner_id]
    assert [(one.reseller.partner_id, one.because) for one in ended] == [(reseller.partner_id, "replaced")]


async def test_each_side_finds_its_records(stage: Stage, provider: Company, reseller: Company, shared: Company) -> None:
    for number in ("B-17", "A-42", "C-99"):
        await set_(stage, provider, reseller, path_of(shared, number))
    for viewer, other in ((provider, reseller), (reseller, provider), (shared, reseller)):
        numbers = [one["subscription_id"] for one in await shown(stage, viewer)]
        assert numbers == ["A-42", "B-17", "C-99"]
        assert [one["subscription_id"] for one in await shown(stage, viewer, sort="-subscription_id")] == numbers[::-1]
        assert [one["subscription_id"] for one in await shown(stage, viewer, q="17")] == ["B-17"]
        assert len(await shown(stage, viewer, customer_id=shared.organization_id, partner_id=other.partner_id)) == 3
        assert await shown(stage, viewer, partner_id="99999999") == []
        assert await shown(stage, viewer, customer_id="nobody") == []
        first = (await stage.get(viewer, LIST, limit="2")).json()
        rest = (await stage.get(viewer, LIST, limit="2", cursor=first["next_cursor"])).json()
        assert [one["subscription_id"] for one in rest["items"]] == ["C-99"] and rest["next_cursor"] is None
    for stranger in (await stage.partner("provider"), stage.company("customer")):
        assert await shown(stage, stranger) == []


async def test_what_may_not_be_named_is_refused_with_its_reason(
    stage: Stage, provider: Company, reseller: Company, shared: Company
) -> None:
    path = path_of(shared)
    stranger, unshared = await stage.partner("reseller"), await stage.partner("reseller")
    await stage.connected(provider, unshared)
    for named, status, code in (
        (stranger.partner_id, 409, "partnership-missing"),
        (unshared.partner_id, 409, "customer-not-shared"),
        (provider.partner_id, 422, "partner-not-reseller"),
        ("99999999", 422, "partner-id-unknown"),
    ):
        assert problem(await stage.put(provider, path, {"partner_id": named})) == (status, code, ["partner_id"])
    assert problem(await stage.put(reseller, path, {"partner_id": reseller.partner_id}))[:2] == (403, "forbidden")
    other = await stage.partner("provider")
    assert problem(await stage.put(other, path, {"partner_id": reseller.partner_id}))[:2] == (404, "not-found")
    assert await shown(stage, provider) == []


@pytest.mark.parametrize("side", ["provider", "reseller", "operator"])
async def test_provider_reseller_and_staff_end_a_record(
    stage: Stage, provider: Company, reseller: Company, shared: Company, side: str
) -> None:
    record = await set_(stage, provider, reseller, path_of(shared))
    path = f"{LIST}/{record['record_id']}/end"
    for stranger in (shared, await stage.partner("reseller"), await stage.partner("provider")):
        assert (await stage.post(stranger, path, {})).status_code in {403, 404}
    ender = {"provider": provider, "reseller": reseller, "operator": stage.company("operator")}[side]
    ended = await stage.post(ender, path, {"comment": "Neu geordnet."})
    assert (ended.status_code, ended.json()["state"]) == (200, "ended"), ended.text
    because = {
        "provider": "removed-by-provider",
        "reseller": "given-up-by-reseller",
        "operator": "ended-by-program",
    }[side]
    assert [(one["because"], one["comment"]) for one in ended.json()["history"]] == [(because, "Neu geordnet.")]
    assert (await stage.post(ender, path, {})).json()["history"] == ended.json()["history"]
    # There is a way back.
    assert (await set_(stage, provider, reseller, path_of(shared)))["state"] == "active"


async def test_a_record_ends_with_what_it_rests_on(
    stage: Stage, provider: Company, reseller: Company, shared: Company
) -> None:
    second = stage.company("customer")
    await joined(stage, provider, reseller, second)
    of_customer = await set_(stage, provider, reseller, path_of(shared))
    of_pair = await set_(stage, provider, reseller, path_of(second))
    left = await stage.post(shared, f"/v1/me/resellers/{reseller.partner_id}/end", {})
    assert left.status_code == 200, left.text
    # It is not valid from that moment on, and ends by the event.
    now = (await stage.get(provider, f"{LIST}/{of_customer['record_id']}")).json()
    assert not now["valid"]
    pair = f"{provider.organization_id}.{reseller.organization_id}"
    parted = await stage.post(provider, f"/v1/partnerships/{pair}/end", {"reason": "by-agreement"})
    assert parted.status_code == 200, parted.text
    ids = {of_customer["record_id"]: "customer-relationship-ended", of_pair["record_id"]: "partnership-ended"}
    ended = await stage.events(ResellerOfRecordEnded.TYPE, lambda data: data.record_id in ids, 2)
    assert {one.record_id: (one.because, one.ended_by) for one in ended} == {id: (ids[id], None) for id in ids}
    await stage.events(RelationshipEnded.TYPE, lambda data: data.customer_id == shared.organization_id)
    assert await shown(stage, provider) == []
    assert len(await shown(stage, provider, state="ended")) == 2


async def test_a_suspended_reseller_is_named_and_not_valid(
    stage: Stage, provider: Company, reseller: Company, shared: Company
) -> None:
    record = await set_(stage, provider, reseller, path_of(shared))
    path = f"{LIST}/{record['record_id']}"
    suspended = EnrollmentSuspended(
        enrollment_id="e1",
        partner=reseller.partner,
        country="DE",
        region="europe",
        reason="abuse",
        suspended_by="staff",
    )
    await stage.announce("enrollment", f"enrollment:{reseller.organization_id}", suspended, sequence=2)

    async def invalid() -> bool:
        return not (await stage.get(provider, path)).json()["valid"]

    await eventually(invalid, timeout=WITHIN)
    answer = (await stage.get(provider, path)).json()
    assert (answer["state"], answer["code"]) == ("active", "reseller-not-active")


async def test_a_portal_names_and_removes_a_reseller(
    stage: Stage, provider: Company, reseller: Company, shared: Company
) -> None:
    asked: dict[str, Any] = {
        "portal": "office",
        "provider_partner_id": provider.partner_id,
        "customer_id": shared.organization_id,
        "subscription_id": "P-1",
    }
    key = f"office:{shared.organization_id}"
    await stage.command(SetResellerOfRecord(**asked, partner_id=reseller.partner_id), key)
    (begun,) = await stage.events(ResellerOfRecordSet.TYPE, lambda data: data.customer_id == shared.organization_id)
    assert (begun.portal, begun.set_by, begun.subscription_id) == ("office", None, "P-1")
    assert [one["subscription_id"] for one in await shown(stage, reseller)] == ["P-1"]
    await stage.command(SetResellerOfRecord(**asked, partner_id="99999999"), key)
    await stage.command(RemoveResellerOfRecord(**asked), key)
    (ended,) = await stage.events(ResellerOfRecordEnded.TYPE, lambda data: data.record_id == begun.record_id)
    assert (ended.because, ended.portal) == ("removed-by-provider", "office")
    unknown = {**asked, "subscription_id": "P-2"}
    await stage.command(RemoveResellerOfRecord(**unknown), key)
    nobody = {**asked, "provider_partner_id": "88888888", "subscription_id": "P-3"}
    await stage.command(SetResellerOfRecord(**nobody, partner_id=reseller.partner_id), key)
    refused = await stage.events(
        ResellerOfRecordRefused.TYPE, lambda data: data.customer_id == shared.organization_id, 3
    )
    assert {one.subscription_id: one.reason for one in refused} == {
        "P-1": "partner-id-unknown",
        "P-2": "record-unknown",
        "P-3": "partner-not-active",
    }
