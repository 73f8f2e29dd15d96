"""relationships: administrator grants and resellers of record, until they end; and invitations whose time runs out."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from reliability.client import Client, GivenUpError
from reliability.plays.connecting import PORTAL, invite, send, served_by_both, won
from reliability.plays.partnerships import HERE, SECONDS_TO_APPEAR, act, provider_signed, until
from reliability.scene import Scene, expects

from kontor_contracts.resellers_of_record import RemoveResellerOfRecord, SetResellerOfRecord
from kontor_local.environment import database_name
from kontor_local.stack import Stack

RIGHT = "administer-users"
BY_PORTAL = 0.3


async def grant_rights(client: Client, scene: Scene) -> None:
    """The provider, which may only order, asks for administrator rights; the customer approves; they end in one of four ways."""
    customer, token = await won(client, scene)
    signed, provider = {"token": token, "tenant": customer}, provider_signed(scene)
    await served_by_both(client, customer, token)
    body = {"name": f"Unruhe {client.word()}", "roles": ["user-administrator"], "days": 60}
    path = f"/v1/customers/{customer}/admin-grants"
    grant = (await act(client, "request-grant", path, body, **provider))["grant_id"]
    path = f"/v1/admin-grants/{grant}"

    def events(what: str, **more: str) -> Any:
        return expects(f"relationships.admin-grant-{what}", grant__grant_id=grant, **more)

    if client.random.random() < 0.2:
        await act(client, "reject-grant", f"{path}/end", {}, events("ended", because="rejected"), **signed)
        return
    await client.probe_right(customer, RIGHT, provider["token"], customer)
    begun = [events("requested"), events("approved"), events("activated")]
    await act(client, "approve-grant", f"{path}/approve", None, *begun, **signed)
    await until(client, path, token, lambda found: found["status"] == "active")
    match client.random.randrange(4):
        case 0:
            ended = events("ended", because="ended-by-customer")
            await act(client, "end-grant", f"{path}/end", {"reason": "Unruhe"}, ended, **signed)
        case 1:
            ended = events("ended", because="ended-by-partner")
            await act(client, "end-grant", f"{path}/end", {"reason": "Unruhe"}, ended, **provider)
        case 2:
            await _run_out(client, scene, grant, customer, token)
        case _:
            partner = scene.stage.provider.partner_id
            lost = [expects("relationships.relationship-ended", customer_id=customer, partner_id=partner)]
            over = events("ended", because="relationship-ended")
            await act(client, "end-relationship", f"/v1/me/resellers/{partner}/end", {}, *lost, over, **signed)
            await client.probe_right(customer, "order", provider["token"], customer)
    await client.probe_right(customer, RIGHT, provider["token"], customer)


async def _run_out(client: Client, scene: Scene, grant: str, customer: str, token: str) -> None:
    """Thirty days before its end both sides get a mail; at its end it gives no right, and a timer ends it."""
    path, id, holder = f"/v1/admin-grants/{grant}", f"admin-grant:{grant}", f"customer:{customer}"
    soon = datetime.now(UTC) + timedelta(days=29)
    dates = {"state.admin_grant.expires_at": soon, "state.admin_grant.approved_at": soon - timedelta(days=60)}
    await reminded(scene, id, await as_if_later(scene, id, dates))
    provider = provider_signed(scene)
    held = await document(scene, holder)
    place = next(
        (r, g)
        for r, one in enumerate(held["state"]["relationships"])
        for g, own in enumerate(one["grants"])
        if own["grant_id"] == grant
    )
    past = datetime.now(UTC) - timedelta(seconds=1)
    await as_if_later(
        scene, holder, {f"state.relationships.{place[0]}.grants.{place[1]}.expires_at": past}, timer=False
    )
    await client.probe_right(customer, RIGHT, provider["token"], customer)
    await as_if_later(scene, id, {"state.admin_grant.expires_at": past})
    over = [expects("relationships.admin-grant-ended", grant__grant_id=grant, because="expired")]
    over.append(expects("relationships.admin-grant-expiring", grant__grant_id=grant, days_left=30))
    await until(client, path, token, lambda found: found["status"] == "ended")
    # The customer says so again, which changes nothing: the entry in the ledger has the events of the timers.
    await act(client, "end-grant", f"{path}/end", {}, *over, token=token, tenant=customer)


async def name_a_reseller(client: Client, scene: Scene) -> None:
    """The provider names its reseller on a subscription; it ends with the customer's relationship, or by one of the two."""
    customer, token = await won(client, scene)
    await served_by_both(client, customer, token)
    signed, provider = {"token": token, "tenant": customer}, provider_signed(scene)
    number = f"A-{client.word()}"
    path = f"/v1/customers/{customer}/subscriptions/{number}/reseller-of-record"
    body = {"partner_id": scene.stage.reseller.partner_id}
    begun = expects("relationships.reseller-of-record-set", subscription_id=number)
    if client.random.random() < BY_PORTAL:
        await _by_portal(client, scene, customer, number)
        return
    record = await act(client, "name-reseller", path, body, begun, method="PUT", **provider)
    end = f"/v1/resellers-of-record/{record['record_id']}/end"

    def ended(because: str) -> Any:
        return expects("relationships.reseller-of-record-ended", subscription_id=number, because=because)

    match client.random.randrange(3):
        case 0:
            await act(client, "remove-reseller", end, {}, ended("removed-by-provider"), **provider)
        case 1:
            own = {"token": scene.reseller, "tenant": scene.tenant}
            await act(client, "give-up-subscription", end, {}, ended("given-up-by-reseller"), **own)
        case _:
            partner = scene.stage.reseller.partner_id
            over = ended("customer-relationship-ended")
            await act(client, "end-relationship", f"/v1/me/resellers/{partner}/end", {}, over, **signed)
            await client.probe_right(customer, "administer", scene.reseller, customer)


async def _by_portal(client: Client, scene: Scene, customer: str, number: str) -> None:
    """A portal names the reseller and removes it again, in this order: both have one key."""
    about = {
        "portal": PORTAL,
        "provider_partner_id": scene.stage.provider.partner_id,
        "customer_id": customer,
        "subscription_id": number,
    }
    begun = expects("relationships.reseller-of-record-set", subscription_id=number, portal=PORTAL)
    over = expects("relationships.reseller-of-record-ended", subscription_id=number, portal=PORTAL)
    named = SetResellerOfRecord.model_validate({**about, "partner_id": scene.stage.reseller.partner_id})
    await send(client, scene, "portal-names-reseller", named, customer, begun)
    removed = RemoveResellerOfRecord.model_validate(about)
    await send(client, scene, "portal-removes-reseller", removed, customer, over)


async def let_an_invitation_run_out(client: Client, scene: Scene) -> None:
    """At half of its time the addressee is reminded; at its end it expires, and the inviter gets a mail."""
    path, _ = await invite(client, scene)
    id = path.rpartition("/")[2]
    now = datetime.now(UTC)
    half = {
        "state.invitation.sent_at": now - timedelta(days=50),
        "state.invitation.expires_at": now + timedelta(days=40),
    }
    await reminded(scene, f"invitation:{id}", await as_if_later(scene, f"invitation:{id}", half))
    await as_if_later(scene, f"invitation:{id}", {"state.invitation.expires_at": now - timedelta(seconds=1)})
    await until(client, path, scene.reseller, lambda found: found["status"] == "expired")
    over = [
        expects("relationships.invitation-reminded", invitation_id=id, number=1),
        expects("relationships.invitation-expired", invitation_id=id),
    ]
    sent = expects("relationships.invitation-sent", invitation_id=id, attempt=2)
    # There is a way back: it is sent again.
    signed = {"token": scene.reseller, "tenant": scene.tenant}
    await act(client, "resend-invitation", f"{path}/resend", None, *over, sent, **signed)


# -- time


@asynccontextmanager
async def documents(scene: Scene, at: str = HERE) -> AsyncIterator[Any]:
    """Of the service. GivenUpError while its database is down."""
    stack = scene.stage.stack
    assert isinstance(stack, Stack), "the rig runs on processes"
    name = database_name(at, stack._around)
    async with AsyncMongoClient[dict[str, Any]](stack.mongo) as mongo:
        try:
            yield mongo[name].get_collection(at, codec_options=CodecOptions(tz_aware=True))
        except PyMongoError as error:
            raise GivenUpError("the database is down") from error


async def document(scene: Scene, id: str) -> Mapping[str, Any]:
    async with documents(scene) as those:
        found: Mapping[str, Any] = await those.find_one({"_id": id})
        return found


async def as_if_later(
    scene: Scene, id: str, dates: Mapping[str, datetime], *, timer: bool = True, at: str = HERE
) -> int:
    """As if time had passed for one document: its dates are moved, and its timer is due. The number of its last event."""
    fields: dict[str, Any] = {path: date.isoformat() for path, date in dates.items()}
    if timer:
        fields["due"] = datetime.now(UTC)
    async with documents(scene, at) as those:
        await those.update_one({"_id": id}, {"$set": fields, "$inc": {"v": 1}})
        return int((await those.find_one({"_id": id}))["seq"])


async def reminded(scene: Scene, id: str, before: int) -> None:
    """Until the timer has announced something."""
    give_up = time.monotonic() + SECONDS_TO_APPEAR
    while int((await document(scene, id))["seq"]) <= before:
        if time.monotonic() > give_up:
            raise GivenUpError(f"no reminder of {id}")
        await asyncio.sleep(0.5)
