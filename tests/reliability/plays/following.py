"""relationships: an imported customer becomes one with its work account and two again; customers hear of a suspension."""

from collections.abc import Callable, Sequence
from typing import Any

from reliability.client import Client, GivenUpError
from reliability.history import Expected, ExpectedMail
from reliability.plays.connecting import PORTAL, send, served_by_both, won
from reliability.plays.enrolling import enrolled
from reliability.plays.partnerships import HERE, act, until
from reliability.plays.people import PASSWORD, sign_up
from reliability.scene import MAIL_SECONDS, Scene, expects, mailed_link

from kontor_contracts.relationships import ImportCustomer
from kontor_local.mails import Mail

MATCHING = ("customer-matched", "relationships-moved", "customer-match-undone", "imported-customer-restored")


async def match_and_separate(client: Client, scene: Scene) -> None:
    """The customer confirms that it is the imported one. It undoes that, or the match stays."""
    customer, token = await won(client, scene)
    await served_by_both(client, customer, token)
    signed = {"token": token, "tenant": customer}
    me = await client.read("identity", "/v1/me", token)
    number, partner = client.new_id(), scene.stage.reseller.partner_id
    wanted = ImportCustomer(
        portal=PORTAL,
        external_id=number,
        name=me["organization"]["name"],
        country="DE",
        partner_id=partner,
        permissions=("administer", "order"),
    )
    imported = expects("relationships.customer-imported", external_id=number)
    await send(client, scene, "import-customer", wanted, number, imported)
    path = "/v1/me/matches"
    found = await until(client, path, token, lambda found: bool(found["proposals"]))
    (id,) = [one["imported_id"] for one in found["proposals"] if one["external_id"] == number]
    about: dict[str, str] = {"imported_id": id, "customer_id": customer}
    matched, moved, undone, restored = (expects(f"relationships.{name}", **about) for name in MATCHING)
    await act(client, "confirm-match", f"{path}/{id}/confirm", None, matched, moved, **signed)
    await until(client, path, token, lambda found: any(one["imported_id"] == id for one in found["matches"]))
    await client.probe_right(id, "administer", scene.reseller, id)
    if client.random.random() < 0.5:
        await act(client, "undo-match", f"{path}/{id}/undo", None, undone, restored, **signed)


async def suspend_and_reinstate(client: Client, scene: Scene) -> None:
    """A partner is suspended, and reinstated after its customer was told: a timer tells all customers, each time."""
    password = PASSWORD.format(word=client.word())
    company = await enrolled(client, scene, password)
    if company is None:
        return
    email, organization, token = company
    known = "/v1/authorizations/check?customer_id=nobody&action=view"
    await until(client, known, token, lambda found: found["reason"] != "partner-not-active")
    token = await _with_new_roles(client, email, password, token)
    invited, customer, own = await sign_up(client, scene, "customer")
    signed = {"token": token, "tenant": organization}
    # All companies of the rig have one mail domain, so the link goes to another address and is for anyone.
    sent_to = f"{client.word()}@kundschaft.example"
    recipient = {"name": "Käthe Unruh", "email": sent_to, "culture": "de"}
    wanted = {"kind": "customer", "recipient": recipient, "anyone_with_link": True}
    draft = await act(client, "invite", "/v1/invitations", wanted, **signed)
    invitation = f"/v1/invitations/{draft['invitation_id']}"
    sent = expects("relationships.invitation-sent", invitation_id=draft["invitation_id"])
    await act(client, "send-invitation", f"{invitation}/send", None, sent, **signed)
    link = await mailed_link(scene, sent_to, "/invitations/")
    secret = dict(pair.split("=", 1) for pair in link.partition("?")[2].split("&"))["token"]
    accepted = expects("relationships.resellers-authorized", customer_id=customer)
    body = {"token": secret, "consent": True}
    await act(client, "accept-invitation", f"{invitation}/accept", body, accepted, token=own, tenant=customer)
    await until(client, "/v1/me/resellers", own, lambda found: bool(found["items"]))

    (enrollment,) = (await client.read("enrollment", "/v1/enrollments", token))["items"]
    path = f"/v1/enrollments/{enrollment['enrollment_id']}"
    staff = {"token": scene.stage.operator.token, "tenant": organization}
    for step, reason, standing, words in (
        ("suspend", "invoices-overdue", "suspended", "ist im Partnerprogramm gesperrt"),
        ("reinstate", "cause-cleared", "reinstated", "ist wieder aktiver Partner"),
    ):
        told = [expects("relationships.customers-notified", organization_id=organization, standing=standing)]
        mails = [ExpectedMail(invited, words)]
        await client.command(
            f"{step}-partner",
            "enrollment",
            "POST",
            f"{path}/{step}",
            {"reason": reason},
            then=_expecting(told, mails),
            **staff,
        )
        await _told(scene, invited, words)
    await client.probe(HERE, f"/v1/customers/{customer}", scene.stranger, organization)


async def _with_new_roles(client: Client, email: str, password: str, token: str) -> str:
    """A token with what the activation gave its user. One that was issued before has the permissions of then."""
    await until(client, "/v1/me", token, lambda found: "customers:invite" in found["permissions"], at="identity")
    sign_in = {"grant_type": "password", "email": email, "password": password}
    answer = await client.command("sign-in", "identity", "POST", "/v1/token", sign_in, token=None)
    return str(answer["access_token"])


def _expecting(events: Sequence[Expected], mails: Sequence[ExpectedMail]) -> Callable[[Any], Any]:
    return lambda _: (events, mails, [])


async def _told(scene: Scene, to: str, words: str) -> None:
    """Until the mail has come. Nobody gets a mail about a standing that has ended before."""

    def wanted(mail: Mail) -> bool:
        return to in mail.to and words in mail.text

    try:
        await scene.stage.stack.mailbox.wait_for(wanted, MAIL_SECONDS)
    except TimeoutError as error:
        raise GivenUpError(f"no mail to {to}") from error
