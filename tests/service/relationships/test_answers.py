"""Declining, revoking and sending again: what the inviter learns, and which links work."""

import pytest
from harness.running import Running
from service.relationships.stage import Company, Stage, problem, token_of

from kontor_contracts.relationships import InvitationDeclined, InvitationRevoked, InvitationSent
from kontor_local.journey.pages import read_forms

pytest_plugins = ("service.relationships.fixtures",)


async def test_the_addressee_declines_and_the_inviter_reads_why(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    sent = await stage.invited(provider, "partnership")
    path = f"/v1/invitations/{sent['invitation_id']}"
    wrong = await stage.post(reseller, f"{path}/decline", {"token": "falsch"})
    assert problem(wrong) == (403, "link-invalid", [])
    body = {"token": token_of(sent), "reason": "Wir haben schon einen Provider."}
    for reason in ("Log in at https://evil.example/", "abc\u202edef"):
        forged = await stage.post(reseller, f"{path}/decline", {**body, "reason": reason})
        assert problem(forged) == (422, "invalid", ["reason"])
    declined = await stage.post(reseller, f"{path}/decline", body)
    assert declined.status_code == 200 and declined.json()["status"] == "declined"
    assert (await stage.post(reseller, f"{path}/decline", body)).status_code == 200

    seen = (await stage.get(provider, path)).json()
    assert seen["answer"]["reason"] == body["reason"]
    assert (seen["answer"]["name"], seen["answer"]["organization_name"]) == ("Käthe Süß", reseller.name)
    (event,) = await stage.events(InvitationDeclined.TYPE, lambda data: data.invitation_id == sent["invitation_id"])
    assert (event.reason, event.by_organization_id, event.previous) == (
        body["reason"],
        reseller.organization_id,
        "sent",
    )
    assert problem(await stage.accept(reseller, sent)) == (410, "invitation-declined", [])
    assert problem(await stage.post(provider, f"{path}/resend")) == (410, "invitation-declined", [])
    assert problem(await stage.post(provider, f"{path}/revoke")) == (410, "invitation-declined", [])
    assert (await stage.get(reseller, "/v1/providers")).json()["items"] == []


async def test_the_page_declines_by_the_link_alone(stage: Stage, relationships: Running, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    path, query = f"/invitations/{sent['invitation_id']}", {"token": token_of(sent), "lang": "en"}
    page = await relationships.client.get(path, params=query)
    assert f'href="{sent["invitation_id"]}/decline?token={token_of(sent)}&amp;lang=en"' in page.text
    asked = await relationships.client.get(f"{path}/decline", params=query)
    (form,) = read_forms(asked.text)
    assert asked.status_code == 200 and form.action == "?lang=en"
    long = await relationships.client.post(f"{path}/decline?lang=en", data={**form.fields, "reason": "x" * 1001})
    assert long.status_code == 400 and "Shorten the reason" in long.text
    said = {**form.fields, "reason": "Nein, danke.\r\nWir\x00 sind versorgt."}
    done = await relationships.client.post(f"{path}/decline?lang=en", data=said)
    assert done.status_code == 200 and "You have declined the invitation" in done.text
    seen = (await stage.get(reseller, f"/v1{path}")).json()
    assert (seen["status"], seen["answer"]["name"]) == ("declined", None)
    assert seen["answer"]["reason"] == "Nein, danke.\nWir sind versorgt."
    again = await relationships.client.post(f"{path}/decline?lang=en", data=said)
    assert again.status_code == 410 and "has been declined" in again.text


async def test_a_resent_invitation_has_a_new_link_and_voids_the_old_one(
    stage: Stage, relationships: Running, reseller: Company, customer: Company
) -> None:
    draft = await stage.invite(reseller, "customer")
    path = f"/v1/invitations/{draft['invitation_id']}"
    assert problem(await stage.post(reseller, f"{path}/resend")) == (409, "not-sent", [])
    sent = (await stage.post(reseller, f"{path}/send")).json()
    assert problem(await stage.post(reseller, f"{path}/send")) == (409, "already-sent", [])
    again = await stage.post(reseller, f"{path}/resend")
    assert again.status_code == 200
    assert again.json()["invitation_id"] == sent["invitation_id"] and token_of(again.json()) != token_of(sent)
    assert problem(await stage.accept(customer, sent)) == (403, "link-invalid", [])
    events = await stage.events(InvitationSent.TYPE, lambda data: data.invitation_id == draft["invitation_id"], count=2)
    assert [event.attempt for event in events] == [1, 2]
    assert events[0].sealed_link != events[1].sealed_link
    assert (await stage.accept(customer, again.json())).status_code == 200
    assert problem(await stage.post(reseller, f"{path}/resend")) == (409, "already-accepted", [])


async def test_a_revoked_invitation_says_by_whom_and_is_over(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    path = f"/v1/invitations/{sent['invitation_id']}"
    assert (await stage.post(reseller, f"{path}/revoke")).json()["status"] == "revoked"
    (event,) = await stage.events(InvitationRevoked.TYPE, lambda data: data.invitation_id == sent["invitation_id"])
    assert (event.previous, event.by_organization_id) == ("sent", reseller.organization_id)
    assert problem(await stage.post(reseller, f"{path}/resend")) == (410, "invitation-revoked", [])


@pytest.mark.parametrize("step", ["resend", "revoke"])
async def test_another_company_changes_no_invitation(
    stage: Stage, provider: Company, reseller: Company, step: str
) -> None:
    sent = await stage.invited(reseller, "customer")
    other = await stage.post(provider, f"/v1/invitations/{sent['invitation_id']}/{step}")
    assert problem(other)[:2] == (404, "not-found")
