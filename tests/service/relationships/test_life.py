"""An invitation's life, and the page behind its link."""

import json
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.conftest import Service
from service.relationships.stage import WITHIN, Company, Stage, problem, token_of
from support import eventually

from chassis.crypto.sealing import Sealer
from kontor_contracts.relationships import InvitationExpired, InvitationReminded
from kontor_local.keys import SEALING_PRIVATE

pytest_plugins = ("service.relationships.fixtures",)

NINETY_ONE_DAYS = 91 * 24 * 3600


# -- an invitation's life


async def test_a_request_repeated_with_its_key_has_the_first_answer(
    stage: Stage, relationships: Running, mongo: Documents, reseller: Company
) -> None:
    body = {"kind": "customer", "recipient": {"name": "Käthe", "email": "k@kunde.example"}}
    draft = (await stage.post(reseller, "/v1/invitations", body, key="k1")).json()
    path = f"/v1/invitations/{draft['invitation_id']}"
    sent = (await stage.post(reseller, f"{path}/send", key="k2")).json()
    assert (await stage.post(reseller, f"{path}/revoke")).json()["status"] == "revoked"
    assert (await stage.post(reseller, "/v1/invitations", body, key="k1")).json() == draft
    assert (await stage.post(reseller, f"{path}/send", key="k2")).json() == sent
    other = await stage.post(reseller, "/v1/invitations", body | {"kind": "partnership"}, key="k1")
    assert other.status_code == 403
    assert (await stage.get(reseller, path)).json()["status"] == "revoked"
    document = await mongo.one(relationships, f"invitation:{draft['invitation_id']}")
    assert token_of(draft) not in json.dumps(document, default=str)


async def test_a_sent_invitation_can_be_taken_back_and_not_changed(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    path = f"/v1/invitations/{sent['invitation_id']}"
    mail = {"subject": "Neu", "body": "{link}"}
    assert problem(await stage.put(reseller, f"{path}/mail", mail)) == (409, "not-a-draft", [])
    assert (await stage.post(reseller, f"{path}/revoke")).json()["status"] == "revoked"
    assert problem(await stage.accept(stage.company("customer"), sent)) == (410, "invitation-revoked", [])
    assert problem(await stage.post(reseller, f"{path}/send")) == (410, "invitation-revoked", [])


async def test_a_draft_is_not_open_yet(stage: Stage, reseller: Company, customer: Company) -> None:
    draft = await stage.invite(reseller, "customer")
    assert problem(await stage.accept(customer, draft)) == (409, "not-sent", [])


async def test_an_invitation_expires_by_itself_and_is_sent_again(
    service: Service, mongo: Documents, kafka: Topics, tokens: Tokens
) -> None:
    async with service("relationships") as running:
        stage = Stage(running, kafka, tokens)
        reseller, customer = await stage.partner("reseller"), stage.company("customer")
        draft = await stage.invite(reseller, "customer")
        sent = await stage.invited(reseller, "customer")
        path = f"/v1/invitations/{sent['invitation_id']}"

        async def expired() -> bool:
            document = await mongo.one(running, f"invitation:{sent['invitation_id']}")
            return bool(document["state"]["invitation"]["status"] == "expired")

        # No second instance beside it: the timer announces something at once, and the group would never settle (ADR 6).
        running.env["KONTOR_CLOCK_SKEW"] = str(NINETY_ONE_DAYS)
        await running.restart()
        await eventually(expired, timeout=WITHIN)
        running.env["KONTOR_CLOCK_SKEW"] = "0"
        await running.restart()
        assert problem(await stage.accept(customer, sent)) == (410, "invitation-expired", [])
        assert problem(await stage.post(reseller, f"{path}/revoke")) == (410, "invitation-expired", [])
        assert (await stage.get(reseller, f"/v1/invitations/{draft['invitation_id']}")).json()["status"] == "draft"
        (event,) = await stage.events(InvitationExpired.TYPE, lambda data: data.invitation_id == sent["invitation_id"])
        assert (event.previous, event.by, event.notify.name) == ("sent", None, "Käthe Süß")
        again = (await stage.post(reseller, f"{path}/resend")).json()
        assert (again["status"], again["expires_at"] > sent["expires_at"]) == ("sent", True)
        assert (await stage.accept(customer, again)).status_code == 200


async def test_an_open_invitation_is_reminded_of_by_timer(
    service: Service, mongo: Documents, kafka: Topics, tokens: Tokens, keys: Path
) -> None:
    async with service("relationships") as running:
        stage = Stage(running, kafka, tokens)
        reseller = await stage.partner("reseller")
        sent = await stage.invited(reseller, "customer")

        async def reminded(number: int) -> bool:
            document = await mongo.one(running, f"invitation:{sent['invitation_id']}")
            return bool(document["state"]["invitation"]["reminders"] == number)

        for number, days in ((1, 46), (2, 88)):
            running.env["KONTOR_CLOCK_SKEW"] = str(days * 24 * 3600)
            await running.restart()
            await eventually(partial(reminded, number), timeout=WITHIN)
        running.env["KONTOR_CLOCK_SKEW"] = "0"
        await running.restart()
        own = sent["invitation_id"]
        first, second = await stage.events(InvitationReminded.TYPE, lambda data: data.invitation_id == own, count=2)
        assert (first.number, second.number, first.reminded) == (1, 2, "addressee")
        assert first.sealed_link and Sealer(keys / SEALING_PRIVATE).open(first.sealed_link) == sent["link"]


# -- the page


async def test_the_page_says_who_invites_and_what_it_means_and_changes_nothing(
    stage: Stage, relationships: Running, mongo: Documents, provider: Company
) -> None:
    sent = await stage.invited(provider, "partnership")
    before = (await mongo.one(relationships, f"invitation:{sent['invitation_id']}"))["v"]
    address = urlsplit(sent["link"])
    for _ in range(2):
        page = await relationships.client.get(f"{address.path}?{address.query}")
    assert page.status_code == 200
    assert "Großhandel Nord AG möchte Ihr indirekter Anbieter sein" in page.text
    assert "Administratorzugriff" in page.text and 'lang="de"' in page.text
    assert f'href="{sent["invitation_id"]}/sign-in?token={token_of(sent)}&amp;lang=de"' in page.text
    english = await relationships.client.get(address.path, params={"token": token_of(sent), "lang": "en"})
    assert "would like to be your indirect provider" in english.text and "Sign in to accept" in english.text
    assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (await mongo.one(relationships, f"invitation:{sent['invitation_id']}"))["v"] == before


async def test_a_link_that_leads_nowhere_says_why_in_friendly_words(
    stage: Stage, relationships: Running, reseller: Company, customer: Company
) -> None:
    async def page(id: str, token: str, lang: str = "de") -> tuple[int, str]:
        answer = await relationships.client.get(f"/invitations/{id}", params={"token": token, "lang": lang})
        assert answer.headers["content-type"].startswith("text/html")
        assert reseller.name not in answer.text
        return answer.status_code, answer.text

    draft = await stage.invite(reseller, "customer")
    id, token = draft["invitation_id"], token_of(draft)
    assert (await page(id, "falsch"))[0] == (await page(str(uuid4()), token))[0] == 403
    assert (await page(id, token))[0] == 409
    await stage.post(reseller, f"/v1/invitations/{id}/send")
    await stage.accept(customer, draft)
    status, text = await page(id, token)
    assert status == 410 and "bereits angenommen" in text
    status, text = await page(id, token, "en")
    assert status == 410 and "has been accepted" in text
    other = await stage.invited(reseller, "customer")
    await stage.post(reseller, f"/v1/invitations/{other['invitation_id']}/revoke")
    status, text = await page(other["invitation_id"], token_of(other))
    assert status == 410 and "zurückgezogen" in text


async def test_no_token_of_a_link_is_in_the_log_or_in_a_topic(
    stage: Stage, relationships: Running, reseller: Company, customer: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    address = urlsplit(sent["link"])
    await relationships.client.get(f"{address.path}?{address.query}")
    await stage.accept(customer, sent)
    await stage.listed(reseller, "/v1/customers")
    secret = token_of(sent)
    assert secret not in relationships.process.log.read_text()
    records = await stage.kafka.read_all(relationships.topic("relationships.events"))
    assert not [read for read in records if secret.encode() in (read.record.value or b"")]
