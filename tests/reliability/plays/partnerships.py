"""relationships: a reseller asks a provider, the two connect, part and connect again; what a provider says of itself."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reliability.client import Client, GivenUpError
from reliability.history import Expected
from reliability.plays.enrolling import enrolled
from reliability.scene import Scene, expects, mailed_link

SECONDS_TO_APPEAR = 60.0
HERE = "relationships"


@dataclass(frozen=True, slots=True)
class Reseller:
    """A company that was enrolled a moment ago, and its administrator."""

    email: str
    organization_id: str
    token: str

    @property
    def signed(self) -> dict[str, Any]:
        return {"token": self.token, "tenant": self.organization_id}


def provider_signed(scene: Scene) -> dict[str, Any]:
    company = scene.stage.provider
    return {"token": company.admin.token, "tenant": company.organization_id}


async def act(
    client: Client, name: str, path: str, body: Any, *events: Expected, method: str = "POST", **signed: Any
) -> Any:
    return await client.command(name, HERE, method, path, body, then=lambda _: (events, [], []), **signed)


async def until(
    client: Client, path: str, token: str, wanted: Callable[[Mapping[str, Any]], bool], *, at: str = HERE
) -> Any:
    """What is there, once it is as wanted. GivenUpError where it is not in time."""
    give_up = time.monotonic() + SECONDS_TO_APPEAR
    while not wanted(found := await client.read(at, path, token)):
        if time.monotonic() > give_up:
            raise GivenUpError(path)
        await asyncio.sleep(0.5)
    return found


async def publish_a_profile(client: Client, scene: Scene) -> None:
    """Taken out of the directory, written again and published: one play at a time, because there is one profile."""
    async with scene.directory:
        await _published(client, scene, f"Unruhe {client.word()}", again=True)


async def _published(client: Client, scene: Scene, description: str, *, again: bool = False) -> None:
    signed, id = provider_signed(scene), scene.stage.provider.organization_id
    profile = {"description": description, "languages": ["de"], "countries_served": ["DE"], "services": ["training"]}
    if again:
        await act(client, "unpublish-profile", "/v1/directory/profile/unpublish", None, **signed)
    await act(client, "write-profile", "/v1/directory/profile", profile, method="PUT", **signed)
    out = expects("relationships.profile-published", organization_id=id, profile__description=description)
    await act(client, "publish-profile", "/v1/directory/profile/publish", None, *([out] if again else []), **signed)


async def part_and_connect_again(client: Client, scene: Scene) -> None:
    """Asked, answered, connected, parted by one of the two, and connected again by another invitation."""
    company = await enrolled(client, scene)
    if company is None:
        return
    reseller = Reseller(*company)
    known = "/v1/authorizations/check?customer_id=nobody&action=order"
    await until(client, known, reseller.token, lambda found: found["reason"] != "partner-not-active")
    pair = f"{scene.stage.provider.organization_id}.{reseller.organization_id}"
    provider = provider_signed(scene)
    draft = await _asked(client, scene, reseller) or await _drafted(client, scene, reseller)
    await _connected(client, scene, reseller, draft)
    await client.probe(HERE, f"/v1/partnerships/{pair}", scene.reseller, reseller.organization_id)
    await _parted(client, scene, reseller, client.random.choice([provider, reseller.signed]))
    await _connected(client, scene, reseller, await _drafted(client, scene, reseller))
    removed = expects("relationships.provider-admin-access-removed", partnership_id=pair, cause="removed-by-reseller")
    await act(
        client,
        "remove-admin-access",
        f"/v1/partnerships/{pair}/admin-access",
        None,
        removed,
        method="DELETE",
        **reseller.signed,
    )


async def _asked(client: Client, scene: Scene, reseller: Reseller) -> str | None:
    """The invitation that is drafted where the provider accepts; None where the request came to nothing."""
    path, provider = "/v1/partnership-requests", provider_signed(scene)
    about = {"reseller__organization_id": reseller.organization_id}
    async with scene.directory:
        await _published(client, scene, "Unruhe")
        asked = expects("relationships.partnership-requested", **about)
        body = {"provider_id": scene.stage.provider.organization_id}
        request = await act(client, "ask-for-partnership", path, body, asked, **reseller.signed)
    path = f"{path}/{request['request_id']}"
    await client.probe(HERE, path, scene.reseller, reseller.organization_id)
    match client.random.randrange(4):
        case 0:
            withdrawn = expects("relationships.partnership-request-withdrawn", **about)
            await act(client, "withdraw-request", f"{path}/withdraw", None, withdrawn, **reseller.signed)
        case 1:
            declined = expects("relationships.partnership-request-declined", **about)
            await act(client, "decline-request", f"{path}/decline", {"reason": "other"}, declined, **provider)
        case _:
            accepted = expects("relationships.partnership-request-accepted", **about)
            answer = await act(client, "accept-request", f"{path}/accept", None, accepted, **provider)
            return str(answer["invitation_id"])
    return None


async def _drafted(client: Client, scene: Scene, reseller: Reseller) -> str:
    recipient = {"name": "Ute Unruh", "email": reseller.email, "culture": "de"}
    body = {"kind": "partnership", "recipient": recipient}
    draft = await act(client, "invite-reseller", "/v1/invitations", body, **provider_signed(scene))
    return str(draft["invitation_id"])


async def _connected(client: Client, scene: Scene, reseller: Reseller, invitation: str) -> None:
    path, provider = f"/v1/invitations/{invitation}", provider_signed(scene)
    # An invitation that follows from a request is drafted by a message.
    await until(
        client, "/v1/invitations?status=draft&limit=200", provider["token"], lambda found: _has(found, invitation)
    )
    sent = expects("relationships.invitation-sent", invitation_id=invitation)
    await act(client, "send-invitation", f"{path}/send", None, sent, **provider)
    link = await mailed_link(scene, reseller.email, invitation)
    secret = dict(pair.split("=", 1) for pair in link.partition("?")[2].split("&"))["token"]
    begun = expects("relationships.partnership-established", invitation_id=invitation)
    body = {"token": secret, "consent": True}
    await act(client, "accept-partnership", f"{path}/accept", body, begun, **reseller.signed)
    await until(
        client,
        "/v1/providers",
        reseller.token,
        lambda found: any(one["invitation_id"] == invitation for one in found["items"]),
    )


def _has(found: Mapping[str, Any], invitation: str) -> bool:
    return any(one["invitation_id"] == invitation for one in found["items"])


async def _parted(client: Client, scene: Scene, reseller: Reseller, by: Mapping[str, Any]) -> None:
    provider = scene.stage.provider.organization_id
    pair = f"{provider}.{reseller.organization_id}"
    ended = expects("relationships.partnership-ended", partnership_id=pair, ended_by=by["tenant"])
    lost = expects("relationships.provider-admin-access-removed", partnership_id=pair, cause="partnership-ended")
    await act(client, "end-partnership", f"/v1/partnerships/{pair}/end", {"reason": "by-agreement"}, ended, lost, **by)
    # From the answer on, neither sees customers by way of the other.
    await client.probe(HERE, f"/v1/providers/{provider}/customers", reseller.token, provider)
    await client.probe(
        HERE, f"/v1/resellers/{reseller.organization_id}/customers", scene.stage.provider.admin.token, provider
    )
