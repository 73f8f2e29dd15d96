"""Three ways to send an invitation, what a draft warns of, who sees it, and what proves its acceptance."""

from email import message_from_bytes
from email.policy import default
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
from service.relationships.stage import WITHIN, Company, Stage, problem, token_of
from support import eventually

from kontor_contracts.identity import DomainProved
from kontor_contracts.notifications import MailAbandoned
from kontor_contracts.relationships import InvitationSentByInviter, InvitationUndeliverable

pytest_plugins = ("service.relationships.fixtures",)


async def test_a_draft_is_copied_or_opened_in_the_own_mail_program(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    draft = await stage.invite(reseller, "customer")
    path = f"/v1/invitations/{draft['invitation_id']}"
    text = {"subject": "Zusammenarbeit?", "body": f"Grüße aus Köln!\n\n{draft['link']}\n"}
    edited = await stage.put(reseller, f"{path}/mail", text)
    assert edited.json()["mail"]["body"] == "Grüße aus Köln!\n\n{link}\n"

    message = (await stage.get(reseller, f"{path}/message")).json()
    assert message["text"] == text["body"] and message["to"] == draft["recipient"]["email"]
    opened = urlsplit(message["mailto"])
    query = parse_qs(opened.query)
    assert (opened.scheme, unquote(opened.path)) == ("mailto", draft["recipient"]["email"])
    assert query["body"] == [text["body"].replace("\n", "\r\n")] and query["subject"] == [text["subject"]]
    file = await stage.get(reseller, f"{path}/message.eml")
    assert file.headers["content-type"] == "message/rfc822" and "attachment" in file.headers["content-disposition"]
    as_bytes = stage.token(reseller) | {"Accept": "application/octet-stream"}
    same = await stage.running.client.get(f"{path}/message.eml", headers=as_bytes)
    assert same.headers["content-type"] == "application/octet-stream"
    mail = message_from_bytes(file.content, policy=default)
    assert (mail["Subject"], mail["X-Unsent"]) == (text["subject"], "1")
    assert draft["link"] in mail.get_body().get_content()  # type: ignore[union-attr]

    assert problem(await stage.accept(customer, draft)) == (409, "not-sent", [])
    sent = await stage.post(reseller, f"{path}/sent-by-me")
    assert (sent.json()["status"], sent.json()["sent_by"]) == ("sent", "inviter")
    (event,) = await stage.events(
        InvitationSentByInviter.TYPE, lambda data: data.invitation_id == draft["invitation_id"]
    )
    assert event.by_organization_id == reseller.organization_id
    assert problem(await stage.post(reseller, f"{path}/send")) == (409, "already-sent", [])
    assert (await stage.accept(customer, draft)).status_code == 200
    assert problem(await stage.get(reseller, f"{path}/message")) == (409, "not-open", [])


async def test_a_long_text_has_no_mailto_and_foreign_links_are_refused(stage: Stage, reseller: Company) -> None:
    draft = await stage.invite(reseller, "customer")
    path = f"/v1/invitations/{draft['invitation_id']}"
    evil = {"subject": "Hallo", "body": "{link}\nhttps://boese.example/"}
    assert problem(await stage.put(reseller, f"{path}/mail", evil)) == (422, "link-foreign", ["body"])
    await stage.put(reseller, f"{path}/mail", {"subject": "Hallo", "body": "ä" * 1000 + "\n{link}"})
    assert (await stage.get(reseller, f"{path}/message")).json()["mailto"] is None


async def test_a_draft_warns_of_open_declined_and_existing(stage: Stage, reseller: Company, customer: Company) -> None:
    address = f"{uuid4().hex}@kunde.example"

    async def codes(**more: Any) -> list[str]:
        return [one["code"] for one in (await stage.invite(reseller, "customer", address, **more))["warnings"]]

    assert await codes() == []
    sent = await stage.invited(reseller, "customer", address)
    assert await codes(anyone_with_link=True) == ["open-invitation", "anyone-with-link"]
    await stage.post(customer, f"/v1/invitations/{sent['invitation_id']}/decline", {"token": token_of(sent)})
    assert await codes() == ["declined-before"]
    assert (await stage.accept(customer, await stage.invited(reseller, "customer", address))).status_code == 200
    await stage.listed(reseller, "/v1/customers")
    assert await codes() == ["already-connected", "declined-before"]


async def test_invitations_are_found_by_status_kind_and_name(stage: Stage, reseller: Company) -> None:
    first, second = await stage.invite(reseller, "customer"), await stage.invited(reseller, "customer")

    async def found(**query: str) -> list[str]:
        return [one["invitation_id"] for one in (await stage.get(reseller, "/v1/invitations", **query)).json()["items"]]

    ids = [second["invitation_id"], first["invitation_id"]]
    assert await found() == ids and await found(sort="created") == ids[::-1]
    assert await found(status="draft") == ids[1:] and await found(status="sent", q="kat") == ids[:1]
    assert await found(q="kathe su") == ids and await found(q="athe") == []
    assert await found(kind="partnership") == [] and await found(kind="customer") == ids
    page = (await stage.get(reseller, "/v1/invitations", limit="1")).json()
    assert await found(limit="1", cursor=page["next_cursor"]) == ids[1:]


async def test_an_addressee_and_its_company_see_what_is_for_them(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    domain = f"{uuid4().hex}.example"
    address = f"anna@{domain}"
    await stage.invite(provider, "partnership", address)
    sent = await stage.invited(provider, "partnership", address)
    path = "/v1/invitations/incoming"

    async def seen(email: str, **query: str) -> list[Any]:
        answer = await stage.running.client.get(path, params=query, headers=stage.token(reseller, email=email))
        assert answer.status_code == 200
        items: list[Any] = answer.json()["items"]
        return items

    (mine,) = await seen(address)
    assert (mine["invitation_id"], mine["inviter_name"], mine["status"]) == (
        sent["invitation_id"],
        provider.name,
        "sent",
    )
    assert mine["link"] == sent["link"] and len(mine["consent"]["points"]) == 4
    assert await seen(f"karl@{domain}") == []
    proved = DomainProved(organization_id=reseller.organization_id, domain=domain)
    await stage.announce("identity", f"domain-claim:{uuid4()}", proved)
    (ours,) = await eventually(lambda: seen(f"karl@{domain}"), timeout=WITHIN)
    assert ours["invitation_id"] == sent["invitation_id"]
    assert (await stage.accept(reseller, sent, email=f"karl@{domain}")).status_code == 200
    assert [one["link"] for one in await seen(address, status="accepted")] == [None]
    assert await seen(address, status="sent") == []


async def test_both_sides_download_the_evidence_and_nobody_else(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    path = f"/v1/invitations/{sent['invitation_id']}/evidence"
    assert problem(await stage.get(reseller, path))[:2] == (404, "not-found")
    assert (await stage.accept(customer, sent, language="en")).status_code == 200
    for side in (reseller, customer):
        seen = (await stage.get(side, path)).json()
        assert (seen["name"], seen["email"]) == ("Käthe Süß", sent["recipient"]["email"])
        assert seen["organization_name"] == customer.name and seen["at"]
        assert seen["consent"]["version"] == "customer-of-reseller-2026-11-28" and seen["consent"]["language"] == "en"
        assert f"{reseller.name} becomes your reseller of record." in seen["consent"]["points"]
        assert seen["box"] == "I have read this and agree on behalf of my company."
        file = await stage.get(side, f"{path}.txt")
        assert "attachment" in file.headers["content-disposition"] and seen["box"] in file.text
    for other in (provider, stage.company("customer")):
        assert problem(await stage.get(other, path))[:2] == (404, "not-found")
        assert problem(await stage.get(other, f"{path}.txt"))[:2] == (404, "not-found")


@pytest.mark.parametrize(("template", "told"), [("invitation", True), ("invitation-declined", False)])
async def test_a_mail_that_was_given_up_makes_an_invitation_undeliverable(
    stage: Stage, reseller: Company, template: str, told: bool
) -> None:
    sent = await stage.invited(reseller, "customer")
    path = f"/v1/invitations/{sent['invitation_id']}"
    mail_id = str(uuid4())
    abandoned = MailAbandoned(
        mail_id=mail_id,
        template=template,
        cause_id=str(uuid4()),
        cause_subject=f"invitation:{sent['invitation_id']}",
        attempts=1,
        reason="refused-by-server",
        detail="550 no such user",
    )
    await stage.announce("notifications", f"mail:{mail_id}", abandoned)
    if not told:
        later = await stage.invited(reseller, "customer")
        other = abandoned.model_copy(
            update={"template": "invitation", "cause_subject": f"invitation:{later['invitation_id']}"}
        )
        await stage.announce("notifications", f"mail:{mail_id}", other, sequence=2)
        path, sent = f"/v1/invitations/{later['invitation_id']}", later
    (event,) = await stage.events(
        InvitationUndeliverable.TYPE, lambda data: data.invitation_id == sent["invitation_id"]
    )
    assert event.reason == "refused-by-server"
    assert (await stage.get(reseller, path)).json()["undeliverable"]["reason"] == "refused-by-server"
    assert (await stage.post(reseller, f"{path}/resend")).json()["undeliverable"] is None
