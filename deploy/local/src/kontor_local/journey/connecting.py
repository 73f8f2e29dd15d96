"""Steps 6 to 8: provider and reseller connect, an older customer appears, a new one authorizes both."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from kontor_contracts import encode, new_envelope
from kontor_contracts.relationships import ImportCustomer
from kontor_local.connected import connected
from kontor_local.journey.client import UnexpectedError, until
from kontor_local.journey.enrolling import sign_up
from kontor_local.journey.people import IMPORTED_CUSTOMER, Company, Person
from kontor_local.journey.play import Stage

PORTAL, EXTERNAL_ID = "office-admin-portal", "K-100200"


async def other_portal_announces_a_customer(on: Stage) -> str:
    await portal_imports(on, IMPORTED_CUSTOMER, EXTERNAL_ID)
    return f"{IMPORTED_CUSTOMER} is served by partner {on.reseller.partner_id} in another portal"


async def portal_imports(on: Stage, name: str, number: str) -> None:
    """As a team would that runs another portal: with the contracts package and a Kafka producer, nothing else."""
    command = ImportCustomer(
        portal=PORTAL,
        external_id=number,
        name=name,
        country="DE",
        partner_id=on.reseller.partner_id,
        permissions=("administer",),
    )
    message_id = str(uuid4())
    envelope = new_envelope(
        command,
        id=message_id,
        source="/office-admin-portal",
        subject=f"{PORTAL}:{number}",
        time=datetime.now(UTC),
        correlationid=message_id,
    )
    value, headers = encode(envelope)
    client = AIOKafkaProducer(bootstrap_servers=on.stack.kafka, acks="all", enable_idempotence=True)
    async with connected(client) as producer:
        topic = on.stack.topic("relationships.commands")
        await producer.send_and_wait(topic, value, key=envelope.partitionkey.encode(), headers=headers)


async def older_customer_appears(on: Stage) -> str:
    api = on.api("relationships", on.reseller.admin)
    seen = await until(lambda: api.get("/v1/customers"), lambda page: page["items"], "the imported customer")
    names = [customer["name"] for customer in seen["items"]]
    if names != [IMPORTED_CUSTOMER]:
        raise UnexpectedError(f"the list holds {names}")
    return f"{names[0]} is in the list of {on.reseller.name}"


async def provider_invites_reseller(on: Stage) -> str:
    api = on.api("relationships", on.provider.admin)
    draft = await invite(on, on.provider, "partnership", on.reseller.admin)
    path = f"/v1/invitations/{draft['invitation_id']}"
    without = {"subject": draft["mail"]["subject"], "body": "Bitte kommt zu uns."}
    await api.refused("PUT", f"{path}/mail", without, status=422, code="link-missing")
    text = {"subject": "Zusammenarbeit über die Grenze von Köln hinaus", "body": f"Grüße!\n\n{draft['mail']['body']}"}
    await api.put(f"{path}/mail", text)
    await api.post(f"{path}/send")
    await on.mail(on.reseller.admin.email, "Zusammenarbeit")
    return "the draft was edited; without the link it was refused"


async def reseller_authorizes_provider(on: Stage) -> str:
    admin = on.reseller.admin
    path, token = await follow_link(on, admin.email, "Zusammenarbeit")
    accept = {"token": token, "consent": True}
    await on.api("relationships").refused("POST", f"{path}/accept", accept, status=401, code="unauthenticated")
    api = on.api("relationships", admin)
    await api.refused("POST", f"{path}/accept", accept | {"consent": False}, status=422, code="consent-missing")
    await api.post(f"{path}/accept", accept)
    await listed(on, on.reseller, "/v1/providers", on.provider)
    await listed(on, on.provider, "/v1/resellers", on.reseller)
    theirs = await on.api("relationships", on.provider.admin).get("/v1/customers")
    if theirs["items"]:
        raise UnexpectedError(f"the provider sees the reseller's customers: {theirs['items']}")
    return "each is in the other's list; the provider sees none of the reseller's customers"


async def customer_is_invited_jointly(on: Stage) -> str:
    draft = await invite(on, on.reseller, "customer-joint", on.customer.admin, on.provider.organization_id)
    await on.api("relationships", on.reseller.admin).post(f"/v1/invitations/{draft['invitation_id']}/send")
    await on.mail(on.customer.admin.email, "/invitations/")
    return f"{on.customer.admin.email} has one link for both companies"


async def customer_authorizes_both(on: Stage) -> str:
    await sign_up(on, on.customer)
    path, token = await follow_link(on, on.customer.admin.email, "/invitations/")
    api = on.api("relationships", on.customer.admin)
    await api.post(f"{path}/accept", {"token": token, "consent": True})
    shared = f"/v1/providers/{on.provider.organization_id}/customers"
    reseller = on.api("relationships", on.reseller.admin)
    page = await until(lambda: reseller.get(shared), lambda seen: seen["items"], "the shared customer")
    on.joint_customer_id = page["items"][0]["customer_id"]
    partners = {partner["partner_id"] for partner in page["items"][0]["partners"]}
    if len(page["items"]) != 1 or partners != {on.reseller.partner_id, on.provider.partner_id}:
        raise UnexpectedError(f"the shared customers are {page['items']}")
    for contact in (on.customer.admin.email, on.reseller.contact_email, on.provider.contact_email):
        await on.mail(contact, "autorisiert")
    return f"{page['items'][0]['name']} has both as resellers of record, in one step"


async def authorizations_tell_who_may_what(on: Stage) -> str:
    expected = {
        (on.reseller.admin.email, "administer"): True,
        (on.reseller.admin.email, "order"): False,
        (on.provider.admin.email, "order"): True,
        (on.provider.admin.email, "administer"): False,
    }
    answers = {
        (company.admin.email, action): await may(on, company.admin, action)
        for company in (on.reseller, on.provider)
        for action in ("administer", "order")
    }
    if answers != expected:
        raise UnexpectedError(f"the checks say {answers}")
    stranger = Company(
        name="Fremde Federn GmbH",
        kind="reseller",
        program="indirect-reseller",
        admin=Person("Frieda Fremd", "frieda@fremde-federn.example", "de", "drei Möwen über Amrum"),
    )
    await sign_up(on, stranger)
    if await may(on, stranger.admin, "administer"):
        raise UnexpectedError("a stranger may administer the customer")
    return "the reseller administers, the provider orders, a stranger does neither"


async def reseller_removes_admin_access(on: Stage) -> str:
    """Of the provider to its own work account; the partnership stays."""
    path = f"/v1/partnerships/{on.provider.organization_id}.{on.reseller.organization_id}"
    reseller, provider = on.api("relationships", on.reseller.admin), on.api("relationships", on.provider.admin)
    if not (await provider.get(path))["admin_access"]:
        raise UnexpectedError("the partnership began without administrator access")
    await reseller.delete(f"{path}/admin-access")
    seen = await provider.get(path)
    if seen["admin_access"] or seen["state"] != "active":
        raise UnexpectedError(f"the provider sees {seen['state']}, administrator access {seen['admin_access']}")
    for contact in (on.reseller.contact_email, on.provider.contact_email):
        await on.mail(contact, r"Administratorzugriff .*beendet")
    return f"{on.provider.name} has no administrator access any more; the partnership is active"


# -- moves


async def invite(
    on: Stage, company: Company, kind: str, recipient: Person, provider_id: str | None = None
) -> dict[str, Any]:
    to = {"name": recipient.name, "email": recipient.email, "culture": recipient.culture}
    body = {"kind": kind, "recipient": to} | ({"provider_id": provider_id} if provider_id else {})
    api = on.api("relationships", company.admin)
    draft: dict[str, Any] = await api.post("/v1/invitations", body, expect=201)
    return draft


async def follow_link(on: Stage, to: str, words: str) -> tuple[str, str]:
    """Open the mailed link; returns the invitation's API path and the token of the link."""
    mail = await on.mail(to, words)
    link = next(link for link in mail.links if "/invitations/" in link)
    await on.api("relationships").page(link)
    invitation, _, query = link.partition("/invitations/")[2].partition("?")
    token = dict(pair.split("=", 1) for pair in query.split("&"))["token"]
    return f"/v1/invitations/{invitation}", token


async def listed(on: Stage, company: Company, path: str, other: Company) -> None:
    api = on.api("relationships", company.admin)
    await until(
        lambda: api.get(path),
        lambda page: other.organization_id in [item["organization_id"] for item in page["items"]],
        f"{other.name} in {path} of {company.name}",
    )


async def may(on: Stage, who: Person, action: str) -> bool:
    api = on.api("relationships", who)
    answer = await api.get("/v1/authorizations/check", customer_id=on.joint_customer_id, action=action)
    allowed: bool = answer["allowed"]
    return allowed
