"""Both ways of inviting over real sockets, and what follows from an acceptance."""

import asyncio
from pathlib import Path

import pytest
from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import Company, Stage, problem, token_of

from chassis.crypto.sealing import Sealer
from kontor_contracts.relationships import (
    InvitationAccepted,
    InvitationSent,
    PartnershipEstablished,
    ResellersAuthorized,
)
from kontor_local.keys import SEALING_PRIVATE
from relationships.domain.customer.state import MOST_PARTNERS

pytest_plugins = ("service.relationships.fixtures",)


# -- a partnership


async def test_a_provider_invites_and_a_reseller_authorizes_it(
    stage: Stage, provider: Company, reseller: Company, keys: Path
) -> None:
    draft = await stage.invite(provider, "partnership")
    assert (draft["status"], draft["expires_at"], draft["accepted_by"]) == ("draft", None, None)
    path = f"/v1/invitations/{draft['invitation_id']}"
    without = {"subject": "Hallo", "body": "Kommt zu uns."}
    assert problem(await stage.put(provider, f"{path}/mail", without)) == (422, "link-missing", ["body"])
    mail = {"subject": "Zusammenarbeit", "body": "Grüße aus Köln!\n\n{link}\n"}
    assert (await stage.put(provider, f"{path}/mail", mail)).json()["mail"] == mail

    sent = (await stage.post(provider, f"{path}/send")).json()
    assert sent["status"] == "sent" and sent["link"] == draft["link"]
    (event,) = await stage.events(InvitationSent.TYPE, lambda data: data.invitation_id == draft["invitation_id"])
    assert (event.mail_subject, event.mail_body, event.recipient.email) == (*mail.values(), draft["recipient"]["email"])
    assert Sealer(keys / SEALING_PRIVATE).open(event.sealed_link) == draft["link"]

    wrong = await stage.accept(reseller, sent, token=token_of(sent)[:-1] + "-")
    assert problem(wrong) == (403, "link-invalid", [])
    assert problem(await stage.accept(reseller, sent, consent=False)) == (422, "consent-missing", ["consent"])
    accepted = await stage.accept(reseller, sent)
    assert accepted.status_code == 200
    assert accepted.json()["accepted_by"] == reseller.organization_id and accepted.json()["link"] is None

    (theirs,) = await stage.listed(reseller, "/v1/providers")
    (ours,) = await stage.listed(provider, "/v1/resellers")
    assert (theirs["organization_id"], theirs["name"]) == (provider.organization_id, provider.name)
    assert (ours["partner_id"], ours["country"], ours["admin_access"]) == (reseller.partner_id, "DE", True)
    assert (await stage.get(reseller, "/v1/resellers")).json()["items"] == []
    (event,) = await stage.events(
        PartnershipEstablished.TYPE, lambda data: data.reseller.organization_id == reseller.organization_id
    )
    assert event.partnership_id == f"{provider.organization_id}.{reseller.organization_id}"
    assert (await stage.get(provider, "/v1/customers")).json()["items"] == []


async def test_a_repeated_acceptance_has_one_answer_and_others_are_too_late(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    sent = await stage.invited(provider, "partnership")
    first = await stage.accept(reseller, sent)
    assert (await stage.accept(reseller, sent)).json() == first.json()
    late = await stage.accept(await stage.partner("reseller"), sent)
    assert problem(late) == (409, "already-accepted", [])


async def test_of_many_who_accept_at_once_one_is_accepted(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    companies = [stage.company("customer") for _ in range(6)]
    answers = await asyncio.gather(*(stage.accept(one, sent) for one in companies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    winner = next(one for one, answer in zip(companies, answers, strict=True) if answer.status_code == 200)
    accepted = await stage.events(InvitationAccepted.TYPE, lambda data: data.invitation_id == sent["invitation_id"])
    assert [event.accepting_organization_id for event in accepted] == [winner.organization_id]


async def test_a_partnership_stays_in_one_region(stage: Stage, provider: Company) -> None:
    abroad = await stage.partner("reseller", country="US", region="united-states")
    sent = await stage.invited(provider, "partnership")
    assert problem(await stage.accept(abroad, sent)) == (409, "region-differs", [])


async def test_only_an_active_reseller_authorizes_a_provider(stage: Stage, provider: Company) -> None:
    sent = await stage.invited(provider, "partnership")
    for one in (stage.company("reseller"), stage.company("customer"), await stage.partner("provider")):
        assert problem(await stage.accept(one, sent)) == (403, "not-a-reseller", [])
    assert problem(await stage.accept(provider, sent)) == (403, "own-organization", [])


# -- customers


async def test_a_customer_authorizes_reseller_and_provider_in_one_step(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    sent = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    assert sent["provider_id"] == provider.organization_id
    assert (await stage.accept(customer, sent)).status_code == 200

    (shared,) = await stage.listed(reseller, f"/v1/providers/{provider.organization_id}/customers")
    (listed,) = await stage.listed(provider, "/v1/customers")
    assert shared == (await stage.get(reseller, f"/v1/customers/{customer.organization_id}")).json()
    # Each partner sees its own permissions, and the same otherwise.
    assert (shared.pop("permissions"), listed.pop("permissions")) == (["administer"], ["order"])
    assert shared == listed
    assert (listed["customer_id"], listed["country"], listed["origin"]) == (
        customer.organization_id,
        "AT",
        "invitation",
    )
    granted = {(one["partner_id"], one["role"], *one["permissions"]) for one in listed["partners"]}
    assert granted == {(reseller.partner_id, "reseller", "administer"), (provider.partner_id, "provider", "order")}
    (event,) = await stage.events(ResellersAuthorized.TYPE, lambda data: data.customer_id == customer.organization_id)
    assert {grant.partner.partner_id for grant in event.grants} == {reseller.partner_id, provider.partner_id}

    id = customer.organization_id
    assert await stage.may(reseller, id, "administer") == (True, "granted")
    assert await stage.may(reseller, id, "order") == (False, "not-permitted")
    assert await stage.may(provider, id, "order") == (True, "granted")
    assert await stage.may(provider, id, "administer") == (False, "not-permitted")


async def test_a_customer_of_one_partner_is_seen_by_no_other(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    assert (await stage.accept(customer, await stage.invited(reseller, "customer"))).status_code == 200
    (own,) = await stage.listed(reseller, "/v1/customers")
    assert [one["partner_id"] for one in own["partners"]] == [reseller.partner_id]
    assert (await stage.get(provider, "/v1/customers")).json()["items"] == []
    assert problem(await stage.get(provider, f"/v1/customers/{customer.organization_id}"))[0] == 404
    shared = await stage.get(reseller, f"/v1/providers/{provider.organization_id}/customers")
    assert shared.json()["items"] == []
    unrelated = await stage.get(await stage.partner("reseller"), f"/v1/providers/{provider.organization_id}/customers")
    assert problem(unrelated)[0] == 404


async def test_two_partners_of_one_customer_do_not_see_each_other(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    for partner in (reseller, provider):
        assert (await stage.accept(customer, await stage.invited(partner, "customer"))).status_code == 200
    for partner, permission in ((reseller, "administer"), (provider, "order")):
        (seen,) = await stage.listed(partner, "/v1/customers")
        assert [(one["partner_id"], one["permissions"]) for one in seen["partners"]] == [
            (partner.partner_id, [permission])
        ]


async def test_a_customer_with_as_many_partners_as_it_may_have_cannot_accept(
    stage: Stage, relationships: Running, mongo: Documents, reseller: Company, customer: Company
) -> None:
    provider = await stage.partner("provider")
    assert (await stage.accept(customer, await stage.invited(provider, "customer"))).status_code == 200
    (own,) = await stage.listed(provider, "/v1/customers")
    id = f"customer:{own['customer_id']}"
    (known,) = (await mongo.one(relationships, id))["state"]["relationships"]
    many = [known, *({**known, "partner_id": f"{number:07d}"} for number in range(1, MOST_PARTNERS))]
    changed = {"$set": {"state.relationships": many}, "$inc": {"v": 1}}
    assert (await mongo.collection(relationships).update_one({"_id": id}, changed)).modified_count == 1

    sent = await stage.invited(reseller, "customer")
    assert problem(await stage.accept(customer, sent)) == (409, "too-many-partners", [])
    # A partner that is one already takes no room.
    assert (await stage.accept(customer, await stage.invited(provider, "customer"))).status_code == 200


async def test_a_joint_invitation_needs_a_provider_one_works_with(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    recipient = {"name": "Käthe", "email": "k@kunde.example"}

    async def draft(kind: str, **more: str) -> tuple[int, str, list[str]]:
        return problem(await stage.post(reseller, "/v1/invitations", {"kind": kind, "recipient": recipient, **more}))

    unconnected = await draft("customer-joint", provider_id=provider.organization_id)
    assert unconnected == (409, "partnership-missing", [])
    assert await draft("customer-joint") == (422, "provider-missing", ["provider_id"])
    named = await draft("customer", provider_id=provider.organization_id)
    assert named == (422, "provider-unexpected", ["provider_id"])


async def test_a_customer_abroad_or_where_there_is_no_market_cannot_accept(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    for country in ("US", "KP"):
        answer = await stage.accept(stage.company("customer", country=country), sent)
        assert problem(answer) == (409, "region-differs", [])


@pytest.mark.parametrize("address", ["kein-klammeraffe", "a@b", "a@@b.example", "a b@c.example", "x@kunde.invalid"])
async def test_an_address_that_cannot_be_one_is_refused(stage: Stage, reseller: Company, address: str) -> None:
    body = {"kind": "customer", "recipient": {"name": "Käthe", "email": address}}
    status, _, fields = problem(await stage.post(reseller, "/v1/invitations", body))
    assert (status, fields) == (422, ["recipient.email"])


async def test_a_customer_at_the_partners_own_domain_is_refused(stage: Stage, reseller: Company) -> None:
    body = {"kind": "customer", "recipient": {"name": "Chef", "email": f"chef@{reseller.partner_id}.Example"}}
    answer = await stage.post(reseller, "/v1/invitations", body)
    assert problem(answer) == (422, "own-domain", ["recipient.email"])


async def test_a_company_that_is_not_active_invites_nobody_and_has_no_customers(stage: Stage) -> None:
    newcomer = stage.company("reseller")
    body = {"kind": "customer", "recipient": {"name": "Käthe", "email": "k@kunde.example"}}
    assert problem(await stage.post(newcomer, "/v1/invitations", body)) == (409, "partner-not-active", [])
    assert (await stage.get(newcomer, "/v1/customers")).json()["items"] == []
