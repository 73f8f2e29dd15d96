"""identity: people and their roles."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reliability.client import Client
from reliability.history import ExpectedMail
from reliability.scene import Scene, expects, mailed_link

PASSWORD = "Ein Fass voll {word} am Kai"
FEW = 3
"""So many users have their roles changed all the time; the fewer, the more of it happens to one document."""
AGENT = [["helpdesk-agent"], ["user-management-admin"]]


async def add_user(client: Client, scene: Scene) -> None:
    email = f"{client.word()}@unruh.example"
    body = {"full_name": "Ünal Unruh", "email": email, "culture": "de", "roles": AGENT[0]}

    def then(answer: Mapping[str, Any]) -> Any:
        secret = [answer["temporary_password"]] if answer["temporary_password"] else []
        return [expects("identity.user-added", email=email)], [ExpectedMail(email, ".")], secret

    added = await client.command(
        "add-user", "identity", "POST", "/v1/users", body, token=scene.reseller, tenant=scene.tenant, then=then
    )
    if len(scene.colleagues) < FEW:
        scene.colleagues.append(added["user_id"])
    await client.probe("identity", f"/v1/users/{added['user_id']}", scene.stranger, scene.tenant)


async def change_roles(client: Client, scene: Scene) -> None:
    """The same few documents again and again: several events of one aggregate on their way at once."""
    if not scene.colleagues:
        return
    user = scene.colleagues.pop(client.random.randrange(len(scene.colleagues)))
    for number in range(4):
        roles = AGENT[(number + 1) % 2]
        await client.command(
            "change-roles",
            "identity",
            "PUT",
            f"/v1/users/{user}/roles",
            {"roles": roles},
            token=scene.reseller,
            tenant=scene.tenant,
            then=lambda _, roles=roles: ([expects("identity.user-roles-changed", user_id=user, roles=roles)], [], []),  # type: ignore[misc]
        )
    scene.colleagues.append(user)


async def come_and_go(client: Client, scene: Scene) -> None:
    """A colleague is renamed, disabled, enabled, deleted and restored: five changes of one document, one after the other."""
    if not scene.colleagues:
        return
    user = scene.colleagues.pop(client.random.randrange(len(scene.colleagues)))
    signed: dict[str, Any] = {"token": scene.reseller, "tenant": scene.tenant}
    name = f"Ünal {client.word()}"
    updated = expects("identity.user-updated", user_id=user, full_name=name)
    body = {"full_name": name, "culture": "de"}
    path = f"/v1/users/{user}"
    await client.command("update-user", "identity", "PUT", path, body, then=lambda _: ([updated], [], []), **signed)
    for what in ("disable", "enable", "delete", "restore"):
        event = expects(f"identity.user-{what.removesuffix('e')}ed", user_id=user)
        await client.command(
            f"{what}-user",
            "identity",
            "POST",
            f"{path}/{what}",
            None,
            then=lambda _, event=event: ([event], [], []),  # type: ignore[misc]
            **signed,
        )
    scene.colleagues.append(user)


async def invite_and_purge(client: Client, scene: Scene) -> None:
    """Somebody is invited by mail, and erased again."""
    email = f"{client.word()}@unruh.example"
    signed: dict[str, Any] = {"token": scene.reseller, "tenant": scene.tenant}
    body = {"full_name": "Ünal Unruh", "email": email, "culture": "de", "roles": []}
    invited = await client.command(
        "invite-user",
        "identity",
        "POST",
        "/v1/users/invite",
        body,
        then=lambda _: ([expects("identity.user-invited", email=email)], [ExpectedMail(email, ".")], []),
        **signed,
    )
    user = invited["user_id"]
    # A mail that is still on its way when the user is purged is not sent any more.
    await mailed_link(scene, email, "/join/")
    for what in ("delete", "purge"):
        event = expects(f"identity.user-{what}d", user_id=user)
        path = f"/v1/users/{user}/{what}"
        await client.command(
            f"{what}-user",
            "identity",
            "POST",
            path,
            None,
            then=lambda _, event=event: ([event], [], []),  # type: ignore[misc]
            **signed,
        )


async def claim_a_domain(client: Client, scene: Scene) -> None:
    domain = f"{client.word()}.example"
    path = f"/v1/organizations/{scene.tenant}/domains"
    for where, body, event in (
        (path, {"domain": domain}, "identity.domain-claimed"),
        (f"{path}/{domain}/release", None, "identity.domain-released"),
    ):
        await client.command(
            event,
            "identity",
            "POST",
            where,
            body,
            token=scene.reseller,
            tenant=scene.tenant,
            then=lambda _, event=event: ([expects(event, domain=domain)], [], []),  # type: ignore[misc]
        )


async def sign_up(
    client: Client, scene: Scene, kind: str = "reseller", password: str = "", *, country: str = "DE"
) -> tuple[str, str, str]:
    """The address, the organization's id and a token of its first administrator."""
    word = client.word()
    email, password = f"{word}@unruh.example", password or PASSWORD.format(word=client.word())
    organization = {"name": f"Unruh & Söhne {word}", "kind": kind, "country": country, "culture": "de"}
    body = {"organization": organization, "full_name": "Ute Unruh", "email": email, "password": password}
    registered = expects("identity.organization-registered", organization__name=organization["name"])
    asked = expects("identity.address-verification-requested", recipient__email=email)
    created = await client.command(
        "sign-up",
        "identity",
        "POST",
        "/v1/sign-up",
        body,
        token=None,
        then=lambda _: ([asked], [ExpectedMail(email, "/verify-address")], [password]),
    )
    link = await mailed_link(scene, email, "/verify-address")
    await client.command(
        "prove-address",
        "identity",
        "POST",
        "/v1/address-proofs",
        {"token": parse_qs(urlsplit(link).query)["token"][0], "password": password},
        token=None,
        then=lambda _: ([registered], [], []),
    )
    sign_in = {"grant_type": "password", "email": email, "password": password}
    answer = await client.command("sign-in", "identity", "POST", "/v1/token", sign_in, token=None)
    return email, created["organization_id"], answer["access_token"]


async def end_sessions(client: Client, scene: Scene) -> None:
    """Somebody signs in a second time, and ends the first session from there."""
    password = PASSWORD.format(word=client.word())
    email, _organization, _first = await sign_up(client, scene, password=password)
    sign_in = {"grant_type": "password", "email": email, "password": password}
    second = (await client.command("sign-in", "identity", "POST", "/v1/token", sign_in, token=None))["access_token"]
    sessions = (await client.read("identity", "/v1/me/sessions", second))["items"]
    # One that was begun by a sign-in whose answer was lost is ended as well.
    others = [session["session_id"] for session in sessions if not session["current"]]
    await client.command(
        "end-sessions",
        "identity",
        "DELETE",
        "/v1/me/sessions",
        None,
        token=second,
        then=lambda _: ([expects("identity.session-revoked", session_id=other) for other in others], [], []),
    )


async def choose_a_new_password(client: Client, scene: Scene) -> None:
    """By the link in a mail, which works once."""
    email, _, _ = await sign_up(client, scene)
    await client.command(
        "ask-for-a-new-password",
        "identity",
        "POST",
        "/v1/password-resets",
        {"email": email},
        token=None,
        then=lambda _: ([expects("identity.password-reset-requested", recipient__email=email)], [], []),
    )
    link = await mailed_link(scene, email, "reset-password")
    token = parse_qs(urlsplit(link).query)["token"][0]
    password = PASSWORD.format(word=client.word())
    await client.command(
        "choose-a-new-password",
        "identity",
        "POST",
        "/v1/password-resets/redeem",
        {"token": token, "new_password": password},
        token=None,
        then=lambda _: ([expects("identity.user-password-changed", user_id=token.partition(".")[0])], [], [password]),
    )


async def sign_up_a_company(client: Client, scene: Scene) -> None:
    _email, organization_id, token = await sign_up(client, scene)
    name = f"Unruh Holding {client.word()}"
    renamed = expects("identity.organization-updated", organization_id=organization_id, name=name)
    await client.command(
        "rename-organization",
        "identity",
        "PUT",
        f"/v1/organizations/{organization_id}",
        {"name": name, "culture": "de"},
        token=token,
        tenant=organization_id,
        then=lambda _: ([renamed], [], []),
    )
