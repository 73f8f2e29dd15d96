"""A suspended, closed or renamed partner: every list, check and partnership follows, and comes back."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from service.relationships.stage import Company, Stage, problem
from support import eventually

from kontor_contracts import Payload
from kontor_contracts.enrollment import EnrollmentReinstated, EnrollmentSuspended, LegalNameChanged
from kontor_contracts.identity import OrganizationClosed, OrganizationErased, OrganizationReopened
from kontor_contracts.relationships import (
    CustomersNotified,
    PartnershipEnded,
    PartnershipResumed,
    PartnershipSuspended,
    PartnerSuspended,
)

pytest_plugins = ("service.relationships.fixtures",)


def staff(stage: Stage) -> Company:
    return stage.company("operator", name="Program")


async def announced(stage: Stage, who: Company, event: type[Payload], sequence: int, **more: str) -> None:
    """As enrollment announces it; the partner's document has followed."""
    facts = {"partner": who.partner, "country": who.country, "region": "europe", "enrollment_id": "e1", **more}
    await stage.announce(
        "enrollment", f"enrollment:{who.organization_id}", event.model_validate(facts), sequence=sequence
    )
    standing = "suspended" if event is EnrollmentSuspended else "active"

    async def followed() -> bool:
        shown = await stage.get(staff(stage), f"/v1/partners/{who.organization_id}")
        return bool(shown.json()["standing"] == standing)

    await eventually(followed, timeout=30.0)


async def suspend(stage: Stage, who: Company) -> None:
    await announced(stage, who, EnrollmentSuspended, 1, reason="invoices-overdue", suspended_by="u9")


async def reinstate(stage: Stage, who: Company) -> None:
    await announced(stage, who, EnrollmentReinstated, 2, reason="cause-cleared", reinstated_by="u9")


async def states(stage: Stage, who: Company, path: str, **query: str) -> list[str]:
    return [row["state"] for row in (await stage.get(who, path, **query)).json()["items"]]


async def test_customers_are_told_of_a_suspension_and_of_its_end(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    assert (await stage.accept(customer, sent)).status_code == 200
    await stage.listed(reseller, "/v1/customers")
    own = reseller.organization_id
    await suspend(stage, reseller)
    (told,) = await stage.events(CustomersNotified.TYPE, lambda data: data.organization_id == own)
    assert told.standing == "suspended" and told.partner_name == reseller.name
    assert [one.email for one in told.recipients] == [sent["recipient"]["email"]]
    await reinstate(stage, reseller)
    # Each notice has a key of its own, so the topic says nothing about their order.
    both = await stage.events(CustomersNotified.TYPE, lambda data: data.organization_id == own, 2)
    assert sorted(one.standing for one in both) == ["reinstated", "suspended"]
    assert all(one.recipients == told.recipients for one in both)


async def test_a_suspension_reaches_every_edge_and_comes_back(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    await stage.accept(customer, joint)
    await stage.listed(reseller, "/v1/customers")
    open_ = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    draft = await stage.invite(reseller, "customer-joint", provider_id=provider.organization_id)
    id = customer.organization_id
    await suspend(stage, provider)

    assert await stage.may(provider, id, "order") == (False, "partner-not-active")
    assert await stage.may(provider, id, "order", consistency="latest") == (False, "partner-not-active")
    assert await stage.may(reseller, id, "administer") == (True, "granted")
    assert (await stage.get(provider, "/v1/customers")).json()["items"] == []
    (row,) = (await stage.get(reseller, "/v1/providers")).json()["items"]
    assert (row["state"], row["admin_access"]) == ("suspended", False)
    shared = await stage.get(reseller, f"/v1/providers/{provider.organization_id}/customers")
    assert problem(shared)[:2] == (404, "not-found")
    late = await stage.accept(stage.company("customer", country="AT"), open_)
    assert problem(late)[:2] == (409, "partnership-missing")
    # No mail goes out in the name of a provider that nobody can accept.
    for path in (f"{draft['invitation_id']}/send", f"{open_['invitation_id']}/resend"):
        sent = await stage.post(reseller, f"/v1/invitations/{path}")
        assert problem(sent)[:2] == (409, "partnership-missing")
    pair = f"{provider.organization_id}.{reseller.organization_id}"
    (event,) = await stage.events(PartnershipSuspended.TYPE, lambda data: data.partnership_id == pair)
    assert event.side == "provider"
    assert await states(stage, reseller, "/v1/providers", state="suspended") == ["suspended"]

    await reinstate(stage, provider)
    assert await stage.may(provider, id, "order") == (True, "granted")
    (event,) = await stage.events(PartnershipResumed.TYPE, lambda data: data.partnership_id == pair)
    assert event.active
    assert await states(stage, reseller, "/v1/providers", state="active") == ["active"]
    assert len((await stage.get(provider, "/v1/customers")).json()["items"]) == 1


async def test_a_suspended_inviter_mails_nobody(stage: Stage, reseller: Company) -> None:
    draft, open_ = await stage.invite(reseller, "customer"), await stage.invited(reseller, "customer")
    await suspend(stage, reseller)
    for path in (f"{draft['invitation_id']}/send", f"{open_['invitation_id']}/resend"):
        sent = await stage.post(reseller, f"/v1/invitations/{path}")
        assert problem(sent)[:2] == (409, "partner-not-active")
    await reinstate(stage, reseller)
    assert (await stage.post(reseller, f"/v1/invitations/{draft['invitation_id']}/send")).status_code == 200


async def test_a_new_name_reaches_every_edge_and_ends_no_suspension(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    await stage.connected(provider, reseller)
    await suspend(stage, provider)
    name = "Großhandel Süd SE"
    renamed = LegalNameChanged(
        enrollment_id=str(uuid4()),
        partner=provider.partner.model_copy(update={"name": name}),
        country="DE",
        region="europe",
        previous_name=provider.name,
        changed_by="u1",
    )
    await stage.announce("enrollment", f"enrollment:{renamed.enrollment_id}", renamed)

    async def row() -> dict[str, Any] | None:
        (found,) = (await stage.get(reseller, "/v1/providers")).json()["items"]
        return found if found["name"] == name else None

    found = await eventually(row, timeout=30.0) or {}
    assert found["state"] == "suspended"
    shown = (await stage.get(staff(stage), f"/v1/partners/{provider.organization_id}")).json()
    assert (shown["name"], shown["standing"]) == (name, "suspended")


async def test_a_closed_account_gives_no_right_and_an_erased_one_ends_all(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    await stage.connected(provider, reseller)
    id, pair = reseller.organization_id, f"{provider.organization_id}.{reseller.organization_id}"
    subject = f"organization:{id}"
    until = datetime(2099, 1, 1, tzinfo=UTC)
    closed = OrganizationClosed(organization_id=id, restorable_until=until, closed_by="u1")
    await stage.announce("identity", subject, closed, sequence=1)
    await stage.events(PartnershipSuspended.TYPE, lambda data: data.partnership_id == pair)
    assert await states(stage, provider, "/v1/resellers") == ["suspended"]
    await stage.announce("identity", subject, OrganizationReopened(organization_id=id, reopened_by="u1"), sequence=2)
    await stage.events(PartnershipResumed.TYPE, lambda data: data.partnership_id == pair)
    assert await states(stage, provider, "/v1/resellers") == ["active"]

    await stage.announce("identity", subject, closed, sequence=3)
    await stage.announce("identity", subject, OrganizationErased(organization_id=id), sequence=4)
    (event,) = await stage.events(PartnershipEnded.TYPE, lambda data: data.partnership_id == pair)
    assert (event.ended_by, event.reason) == (None, "organization-erased")
    assert await states(stage, provider, "/v1/resellers") == []
    assert await states(stage, provider, "/v1/resellers", state="ended") == ["ended"]
    answer = await stage.get(staff(stage), f"/v1/partners/{id}")
    assert problem(answer)[:2] == (404, "not-found")


async def test_staff_find_partners_by_name_number_and_standing(stage: Stage) -> None:
    name = f"Auffindbar {uuid4().hex[:8]}"
    found, operator = await stage.partner("reseller", name=name), staff(stage)
    await suspend(stage, found)
    for query in ({"q": f"AUFF {name[-8:]}"}, {"q": found.partner_id}, {"q": name, "standing": "suspended"}):
        rows = (await stage.get(operator, "/v1/partners", **query)).json()["items"]
        assert [row["organization_id"] for row in rows] == [found.organization_id], query
    assert (await stage.get(operator, "/v1/partners", q=name, standing="active")).json()["items"] == []
    (event,) = await stage.events(
        PartnerSuspended.TYPE, lambda data: data.partner.organization_id == found.organization_id
    )
    assert event.reason == "invoices-overdue"


async def test_only_staff_see_all_partners(stage: Stage, provider: Company) -> None:
    for path in ("/v1/partners", f"/v1/partners/{provider.organization_id}"):
        assert problem(await stage.get(provider, path))[:2] == (403, "forbidden")
