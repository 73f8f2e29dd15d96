"""Names of partners, customers and contacts are those of today, wherever relationships shows them."""

import json
from uuid import uuid4

from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import WITHIN, Company, Stage, token_of
from support import eventually

from kontor_contracts.enrollment import LegalNameChanged
from kontor_contracts.identity import OrganizationUpdated, UserUpdated

pytest_plugins = ("service.relationships.fixtures",)


async def renames(stage: Stage, partner: Company, name: str) -> None:
    """Enrollment announces another legal name, and relationships has read it."""
    id = str(uuid4())
    changed = LegalNameChanged(
        enrollment_id=id,
        partner=partner.partner.model_copy(update={"name": name}),
        country=partner.country,
        region="europe",
        previous_name=partner.name,
        changed_by="reviewer",
    )
    await stage.announce("enrollment", f"enrollment:{id}", changed)


async def test_a_partners_legal_name_is_followed_everywhere(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    waiting = await stage.invited(reseller, "customer")
    joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    assert (await stage.accept(customer, joint)).status_code == 200
    await stage.listed(provider, "/v1/customers")
    await renames(stage, reseller, "Müller Cloud SE")
    await renames(stage, provider, "Großhandel Süd AG")

    async def told() -> bool:
        (listed,) = await stage.listed(provider, "/v1/resellers")
        (own,) = await stage.listed(reseller, "/v1/providers")
        return (listed["name"], own["name"]) == ("Müller Cloud SE", "Großhandel Süd AG")

    await eventually(told, timeout=WITHIN)
    (seen,) = await stage.listed(provider, "/v1/customers")
    assert sorted(one["name"] for one in seen["partners"]) == ["Großhandel Süd AG", "Müller Cloud SE"]
    path = f"/invitations/{waiting['invitation_id']}"
    page = (await stage.running.client.get(path, params={"token": token_of(waiting), "lang": "de"})).text
    assert "Müller Cloud SE" in page and "Söhne" not in page
    draft = await stage.invite(reseller, "customer")
    assert "Müller Cloud SE" in json.dumps(draft["mail"], ensure_ascii=False)
    late = stage.company("customer", name="Später KG")
    assert (await stage.accept(late, waiting)).status_code == 200
    (granted,) = await stage.events(
        "kontor.relationships.resellers-authorized.v1", lambda data: data.customer_id == late.organization_id
    )
    assert granted.grants[0].partner.name == "Müller Cloud SE"


async def test_a_draft_is_sent_with_the_name_of_today(stage: Stage, reseller: Company) -> None:
    draft = await stage.invite(reseller, "customer")
    await renames(stage, reseller, "Müller Cloud SE")

    async def told() -> bool:
        other = await stage.invite(reseller, "customer")
        return "Müller Cloud SE" in json.dumps(other["mail"], ensure_ascii=False)

    await eventually(told, timeout=WITHIN)
    await stage.post(reseller, f"/v1/invitations/{draft['invitation_id']}/send")
    (sent,) = await stage.events(
        "kontor.relationships.invitation-sent.v1", lambda data: data.invitation_id == draft["invitation_id"]
    )
    assert sent.inviter.name == "Müller Cloud SE"


async def test_a_customer_and_its_contact_are_renamed_by_identity(
    stage: Stage, relationships: Running, mongo: Documents, reseller: Company, customer: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    assert (await stage.accept(customer, sent)).status_code == 200
    await stage.listed(reseller, "/v1/customers")
    document = await mongo.one(relationships, f"customer:{customer.organization_id}")
    user_id = document["state"]["account"]["contact_user"]
    organization = OrganizationUpdated(
        organization_id=customer.organization_id,
        name="Konditorei Süß KG",
        culture="de",
        previous_name=customer.name,
        previous_culture="de",
    )
    user = UserUpdated(
        user_id=user_id,
        organization_id=customer.organization_id,
        full_name="Käthe Sauer",
        culture="en",
        previous_full_name="Käthe Süß",
        previous_culture="de-DE",
    )
    await stage.announce("identity", f"organization:{customer.organization_id}", organization)
    await stage.announce("identity", f"user:{user_id}", user)

    async def renamed() -> bool:
        found = (await mongo.one(relationships, f"customer:{customer.organization_id}"))["state"]["account"]
        return (found["name"], found["contact"]["name"]) == ("Konditorei Süß KG", "Käthe Sauer")

    await eventually(renamed, timeout=WITHIN)
    (seen,) = await stage.listed(reseller, "/v1/customers")
    assert seen["name"] == "Konditorei Süß KG"


async def test_identity_does_not_change_a_partners_name(stage: Stage, provider: Company, reseller: Company) -> None:
    await stage.connected(provider, reseller)
    renamed = OrganizationUpdated(
        organization_id=reseller.organization_id,
        name="Another",
        culture="de",
        previous_name=reseller.name,
        previous_culture="de",
    )
    await stage.announce("identity", f"organization:{reseller.organization_id}", renamed)
    await renames(stage, provider, "Großhandel Süd AG")

    async def read_past_it() -> bool:
        (own,) = await stage.listed(reseller, "/v1/providers")
        return bool(own["name"] == "Großhandel Süd AG")

    await eventually(read_past_it, timeout=WITHIN)
    (listed,) = await stage.listed(provider, "/v1/resellers")
    assert listed["name"] == reseller.name
