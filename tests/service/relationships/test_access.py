"""A link in the wrong hands: only the addressee accepts, and companies that the inviter lets in."""

from typing import Any
from uuid import uuid4

from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import WITHIN, Company, Stage, problem, token_of
from support import eventually

from kontor_contracts.identity import DomainProved, DomainReleased, UserDisabled, UserPurged
from kontor_contracts.relationships import InvitationAccessConfirmed, InvitationAccessRequested

pytest_plugins = ("service.relationships.fixtures",)
FREMD = "fritz@fremd.example"


async def asked(stage: Stage, who: Company, invitation: dict[str, Any], email: str = FREMD) -> Any:
    path = f"/v1/invitations/{invitation['invitation_id']}/access-requests"
    return await stage.post(who, path, {"token": token_of(invitation)}, email=email)


async def test_a_stranger_with_the_link_asks_and_is_let_in_or_not(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    path = f"/v1/invitations/{sent['invitation_id']}"
    stranger, other = stage.company("customer", name="Café Fremd"), stage.company("customer")
    assert problem(await stage.accept(stranger, sent, email=FREMD)) == (403, "not-the-addressee", [])
    answer = await asked(stage, stranger, sent)
    assert (answer.status_code, answer.json()["status"]) == (201, "open")
    assert problem(await stage.accept(stranger, sent, email=FREMD)) == (403, "not-the-addressee", [])
    (event,) = await stage.events(
        InvitationAccessRequested.TYPE, lambda data: data.invitation_id == sent["invitation_id"]
    )
    assert (event.requester.email, event.requesting_organization_name) == (FREMD, "Café Fremd")
    second = (await asked(stage, other, sent, "o@other.example")).json()

    seen = (await stage.get(reseller, path)).json()["access_requests"]
    assert [(one["name"], one["organization_name"], one["status"]) for one in seen] == [
        ("Käthe Süß", "Café Fremd", "open"),
        ("Käthe Süß", other.name, "open"),
    ]
    for decision, request_id in (("confirm", answer.json()["request_id"]), ("refuse", second["request_id"])):
        decided = await stage.post(reseller, f"{path}/access-requests/{request_id}/{decision}")
        assert decided.status_code == 200
        # Each decision mails somebody, so an inviter that changes its mind again and again comes to an end.
        assert "ratelimit" in decided.headers
    unknown = await stage.post(reseller, f"{path}/access-requests/{uuid4()}/confirm")
    assert problem(unknown) == (404, "access-unknown", [])
    (event,) = await stage.events(
        InvitationAccessConfirmed.TYPE, lambda data: data.invitation_id == sent["invitation_id"]
    )
    assert event.requester.email == FREMD
    refused = await stage.accept(other, sent, email="o@other.example")
    assert problem(refused) == (403, "not-the-addressee", [])
    assert problem(await asked(stage, other, sent, "o@other.example")) == (409, "access-refused", [])
    accepted = await stage.accept(stranger, sent, email=FREMD)
    assert accepted.status_code == 200 and accepted.json()["access_requests"] == []
    # The right company came too late. The inviter had decided for the other one.
    assert problem(await stage.accept(customer, sent)) == (409, "already-accepted", [])


async def test_a_colleague_accepts_once_the_company_has_proved_its_domain(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    domain = f"{uuid4().hex}.example"
    sent = await stage.invited(reseller, "customer", to=f"kaethe@{domain}")
    colleague = f"karl@{domain}"
    assert problem(await stage.accept(customer, sent, email=colleague))[1] == "not-the-addressee"
    claim = f"domain-claim:{uuid4()}"
    thief = stage.company("customer")
    for company, subject in ((thief, f"domain-claim:{uuid4()}"), (customer, claim)):
        proved = DomainProved(organization_id=company.organization_id, domain=domain)
        await stage.announce("identity", subject, proved)
        if company is thief:
            gone = DomainReleased(organization_id=company.organization_id, domain=domain)
            await stage.announce("identity", subject, gone, sequence=2)

    async def known() -> bool:
        answer = await stage.accept(customer, sent, email=colleague, consent=False)
        return bool(answer.json()["code"] == "consent-missing")

    await eventually(known, timeout=WITHIN)
    assert problem(await stage.accept(thief, sent, email=f"dieb@{domain}"))[1] == "not-the-addressee"
    assert (await stage.accept(customer, sent, email=colleague)).status_code == 200


async def test_an_open_invitation_is_for_anyone_with_the_link(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    path = f"/v1/invitations/{sent['invitation_id']}/access"
    assert sent["anyone_with_link"] is False
    opened = await stage.put(reseller, path, {"anyone_with_link": True})
    assert opened.status_code == 200 and opened.json()["anyone_with_link"] is True
    assert (await stage.accept(stage.company("customer"), sent, email=FREMD)).status_code == 200


async def test_the_page_asks_the_addressee_alone_to_accept(
    stage: Stage, relationships: Running, reseller: Company
) -> None:
    """Without a sign-in the page says who it is for; the page after a sign-in is tried in `test_sign_in_page`."""
    sent = await stage.invited(reseller, "customer")
    asking = await relationships.client.post(
        f"/invitations/{sent['invitation_id']}/ask?lang=en", data={"token": token_of(sent)}
    )
    assert asking.status_code == 303 and "/authorize?" in asking.headers["location"]
    wrong = await relationships.client.post(f"/invitations/{sent['invitation_id']}/ask", data={"token": "x"})
    assert wrong.status_code == 403


async def test_mails_reach_a_colleague_while_the_sender_is_disabled(
    stage: Stage, relationships: Running, mongo: Documents, reseller: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    id = f"invitation:{sent['invitation_id']}"
    sender = f"user-{reseller.organization_id}"
    disabled = UserDisabled(user_id=sender, organization_id=reseller.organization_id)
    await stage.announce("identity", f"user:{sender}", disabled)

    async def away() -> bool:
        document = await mongo.one(relationships, id)
        return bool(document["state"]["invitation"]["sender_away"])

    await eventually(away, timeout=WITHIN)
    await asked(stage, stage.company("customer"), sent)
    (event,) = await stage.events(
        InvitationAccessRequested.TYPE, lambda data: data.invitation_id == sent["invitation_id"]
    )
    assert event.notify == reseller.partner.contact


async def test_an_invitation_forgets_a_purged_person_who_asked(
    stage: Stage, relationships: Running, mongo: Documents, reseller: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    stranger = stage.company("customer")
    assert (await asked(stage, stranger, sent)).status_code == 201
    id = f"invitation:{sent['invitation_id']}"
    assert FREMD in str(await mongo.one(relationships, id))
    user = f"user-{stranger.organization_id}"
    await stage.announce("identity", f"user:{user}", UserPurged(user_id=user, organization_id=stranger.organization_id))

    async def forgotten() -> bool:
        return FREMD not in str(await mongo.one(relationships, id))

    await eventually(forgotten, timeout=WITHIN)
    assert (await stage.get(reseller, f"/v1/invitations/{sent['invitation_id']}")).json()["access_requests"] == []
