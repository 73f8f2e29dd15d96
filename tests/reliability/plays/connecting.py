"""relationships: invitations, customers, and what other portals send."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiokafka.errors import KafkaError
from reliability.client import Client, GivenUpError
from reliability.history import Entry, Expected, ExpectedMail
from reliability.plays.people import sign_up
from reliability.scene import Scene, expects, mailed_link

from kontor_contracts import Payload, encode, new_envelope
from kontor_contracts.customers import ReportSubscriptions
from kontor_contracts.relationships import ImportCustomer

BOTH = 2
PORTAL = "unruh"
SECONDS_TO_APPEAR = 60.0


async def invite(client: Client, scene: Scene, kind: str = "customer", to: str = "") -> tuple[str, str]:
    """An invitation that was edited and sent; its path and the address it went to."""
    word = client.word()
    email = to or f"{word}@kundschaft.example"
    body: dict[str, Any] = {"kind": kind, "recipient": {"name": "Käthe Unruh", "email": email, "culture": "de"}}
    if kind == "customer-joint":
        body["provider_id"] = scene.stage.provider.organization_id
    signed: dict[str, Any] = {"token": scene.reseller, "tenant": scene.tenant}

    def drafted(answer: Mapping[str, Any]) -> Any:
        return [expects("relationships.invitation-drafted", invitation_id=answer["invitation_id"])], [], []

    draft = await client.command("invite", "relationships", "POST", "/v1/invitations", body, then=drafted, **signed)
    path = f"/v1/invitations/{draft['invitation_id']}"
    text = {"subject": f"Unruhe {word}", "body": f"Hallo!\n\n{draft['mail']['body']}"}
    await client.command("edit-mail", "relationships", "PUT", f"{path}/mail", text, **signed)
    sent = expects("relationships.invitation-sent", invitation_id=draft["invitation_id"], mail_subject=text["subject"])
    await client.command(
        "send-invitation",
        "relationships",
        "POST",
        f"{path}/send",
        None,
        then=lambda _: ([sent], [ExpectedMail(email, text["subject"])], []),
        **signed,
    )
    await client.probe("relationships", path, scene.stranger, scene.tenant)
    return path, email


async def invite_a_customer(client: Client, scene: Scene) -> None:
    await invite(client, scene)


async def win_a_customer(client: Client, scene: Scene) -> None:
    await won(client, scene)


async def lose_a_customer(client: Client, scene: Scene) -> None:
    """The customer ends the relationship with its reseller. The provider, which came with it, stays."""
    organization, token = await won(client, scene)
    await served_by_both(client, organization, token)
    ended = expects("relationships.relationship-ended", customer_id=organization)
    await client.command(
        "end-relationship",
        "relationships",
        "POST",
        f"/v1/me/resellers/{scene.stage.reseller.partner_id}/end",
        {"reason": "Unruhe"},
        token=token,
        tenant=organization,
        then=lambda _: ([ended], [], []),
    )


async def served_by_both(client: Client, customer: str, token: str) -> None:
    """Until the acceptance has had its effect."""
    until = time.monotonic() + SECONDS_TO_APPEAR
    while len((await client.read("relationships", "/v1/me/resellers", token))["items"]) < BOTH:
        if time.monotonic() > until:
            raise GivenUpError(f"{customer} has no resellers")
        await asyncio.sleep(0.5)


async def won(client: Client, scene: Scene) -> tuple[str, str]:
    """Invited jointly, and accepted: an event that the service reads itself, and mails to three companies.

    The customer's organization and the token of its administrator.
    """
    invited, organization, token = await sign_up(client, scene, "customer")
    path, _ = await invite(client, scene, "customer-joint", to=invited)
    link = await mailed_link(scene, invited, "/invitations/")
    secret = dict(pair.split("=", 1) for pair in link.partition("?")[2].split("&"))["token"]
    authorized = expects("relationships.resellers-authorized", customer_id=organization)
    await client.command(
        "accept-invitation",
        "relationships",
        "POST",
        f"{path}/accept",
        {"token": secret, "consent": True},
        token=token,
        tenant=organization,
        then=lambda _: ([authorized], [], [secret]),
    )
    return organization, token


async def decline_an_invitation(client: Client, scene: Scene) -> None:
    """Sent, sent again with a new link, and declined by it; the inviter gets a mail."""
    invited, organization, token = await sign_up(client, scene, "customer")
    path, _ = await invite(client, scene, to=invited)
    id = path.rpartition("/")[2]
    signed: dict[str, Any] = {"token": scene.reseller, "tenant": scene.tenant}
    again = expects("relationships.invitation-sent", invitation_id=id, attempt=2)
    resent = await client.command(
        "resend-invitation", "relationships", "POST", f"{path}/resend", None, then=lambda _: ([again], [], []), **signed
    )
    secret = dict(pair.split("=", 1) for pair in resent["link"].partition("?")[2].split("&"))["token"]
    reason = f"Unruhe {client.word()}"
    declined = expects("relationships.invitation-declined", invitation_id=id, reason=reason)
    told = ExpectedMail(scene.stage.reseller.admin.email, reason)
    await client.command(
        "decline-invitation",
        "relationships",
        "POST",
        f"{path}/decline",
        {"token": secret, "reason": reason},
        token=token,
        tenant=organization,
        then=lambda _: ([declined], [told], [secret]),
    )


async def revoke_an_invitation(client: Client, scene: Scene) -> None:
    """Taken back at once: a mail that waits is withdrawn."""
    path, _ = await invite(client, scene)
    revoked = expects("relationships.invitation-revoked", invitation_id=path.rpartition("/")[2])
    await client.command(
        "revoke-invitation",
        "relationships",
        "POST",
        f"{path}/revoke",
        None,
        then=lambda _: ([revoked], [], []),
        token=scene.reseller,
        tenant=scene.tenant,
    )


async def import_a_customer(client: Client, scene: Scene) -> None:
    """By message, as another portal's team would."""
    key = client.new_id()
    command = ImportCustomer(
        portal=PORTAL,
        external_id=key,
        name="Unruh Import",
        country="DE",
        partner_id=scene.stage.reseller.partner_id,
        permissions=("administer",),
    )
    imported = expects("relationships.customer-imported", external_id=key)
    await send(client, scene, "import-customer", command, key, imported)


async def send(client: Client, scene: Scene, name: str, command: Payload, about: str, *events: Expected) -> None:
    """A portal's command, acknowledged by the broker. ``about``: what its key names beside the portal."""
    id = client.new_id()
    entry = Entry(id=id, command=name, service="relationships", tenant="", sent=time.time(), tries=1)
    client.ledger.entries.append(entry)
    envelope = new_envelope(
        command, id=id, source="/unruh", subject=f"{PORTAL}:{about}", time=datetime.now(UTC), correlationid=id
    )
    value, headers = encode(envelope)
    try:
        topic = scene.stage.stack.topic("relationships.commands")
        await scene.portal.send_and_wait(topic, value, key=envelope.partitionkey.encode(), headers=headers)
    except KafkaError as error:
        raise GivenUpError(f"{name} {id}") from error
    entry.events = events
    entry.acknowledged = time.time()


async def report_subscriptions(client: Client, scene: Scene) -> None:
    """A portal says that a customer has active subscriptions with its reseller, and that it has none any more."""
    customer, token = await won(client, scene)
    await served_by_both(client, customer, token)
    partner_id = scene.stage.reseller.partner_id
    for active in (2, 0):
        told = ReportSubscriptions(portal=PORTAL, customer_id=customer, partner_id=partner_id, active=active)
        reported = expects("relationships.subscriptions-reported", customer_id=customer, active=active)
        await send(client, scene, "report-subscriptions", told, customer, reported)


async def limit_admin_access(client: Client, scene: Scene) -> None:
    """The reseller gives the provider's administrator access another end. The last one that is given ends it, by a timer."""
    until = scene.later_end().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    pair = f"{scene.stage.provider.organization_id}.{scene.tenant}"
    granted = expects("relationships.provider-admin-access-granted", partnership_id=pair, until=until)
    await client.command(
        "limit-admin-access",
        "relationships",
        "PUT",
        f"/v1/partnerships/{pair}/admin-access",
        {"consent": True, "until": until},
        then=lambda _: ([granted], [], []),
        token=scene.reseller,
        tenant=scene.tenant,
    )
