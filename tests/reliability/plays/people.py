"""identity: people and their roles."""

from collections.abc import Mapping
from typing import Any

from reliability.client import Client
from reliability.history import ExpectedMail
from reliability.scene import Scene, expects

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


async def sign_up(client: Client, kind: str = "reseller") -> tuple[str, str, str]:
    """The address, the organization's id and a token of its first administrator."""
    word = client.word()
    email, password = f"{word}@unruh.example", PASSWORD.format(word=client.word())
    organization = {"name": f"Unruh & Söhne {word}", "kind": kind, "country": "DE", "culture": "de"}
    body = {"organization": organization, "full_name": "Ute Unruh", "email": email, "password": password}
    registered = expects("identity.organization-registered", organization__name=organization["name"])
    created = await client.command(
        "sign-up", "identity", "POST", "/v1/sign-up", body, token=None, then=lambda _: ([registered], [], [password])
    )
    sign_in = {"grant_type": "password", "email": email, "password": password}
    answer = await client.command("sign-in", "identity", "POST", "/v1/token", sign_in, token=None)
    return email, created["organization_id"], answer["access_token"]


async def sign_up_a_company(client: Client, _: Scene) -> None:
    await sign_up(client)
