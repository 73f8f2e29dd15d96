"""Every POST of identity that takes an Idempotency-Key, sent twice with one: the first answer, and nothing more happens."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from service.identity.company import Person, once, some_email

Service = Callable[..., AbstractAsyncContextManager[Running]]
ELSEWHERE = {
    "/v1/sign-up": "test_identity_api",
    "/v1/password-resets": "test_identity_sign_in",
    "/v1/password-resets/redeem": "test_identity_sign_in",
    "/v1/token/revoke": "it answers nothing, and a session ends once",
    "/v1/organizations/{organization_id}/domains/{domain}/verify": "it asks a name server, test_identity_organizations",
}


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


class Twice:
    """``paths``: what was asked for, as the OpenAPI document names it."""

    def __init__(self, admin: Person, mongo: Documents) -> None:
        self._admin = admin
        self._mongo = mongo
        self.paths: set[str] = set()

    async def post(self, path: str, body: Any = None, **names: str) -> Any:
        headers = self._admin.bearer | once()
        given: dict[str, Any] = {"content": body} if isinstance(body, str) else {"json": body}
        if isinstance(body, str):
            headers["content-type"] = "text/csv"
        answers, numbers = [], []
        for _ in range(2):
            answers.append(await self._admin.running.client.post(path.format(**names), headers=headers, **given))
            documents = await self._mongo.all(self._admin.running)
            numbers.append({one["_id"]: one["seq"] for one in documents if one["kind"] in {"user", "domain"}})
        first, second = answers
        assert first.is_success, f"{path}: {first.text}"
        # A secret is shown once and not kept.
        shown, again = (answer.json() | {"temporary_password": None} for answer in answers)
        assert (second.status_code, again) == (first.status_code, shown), path
        assert numbers[0] == numbers[1], f"{path}: something happened twice"
        self.paths.add(path)
        return first.json()


async def test_every_post_with_its_key_again_changes_nothing(running: Running, mongo: Documents) -> None:
    admin = await Person.sign_up(running)
    twice = Twice(admin, mongo)
    person = {"full_name": "Zoë Brown", "roles": [], "culture": "en"}
    await twice.post("/v1/users", person | {"email": some_email()})
    invited = await twice.post("/v1/users/invite", person | {"email": some_email()})
    user = {"user_id": invited["user_id"]}
    await twice.post("/v1/users/{user_id}/invitation/renew", **user)
    await twice.post("/v1/users/import", f"full_name,email\nZoë Brown,{some_email()}\n")
    added = await twice.post("/v1/users", person | {"email": some_email()})
    user = {"user_id": added["user_id"]}
    for what in ("disable", "enable", "delete", "restore", "delete", "purge"):
        await twice.post(f"/v1/users/{{user_id}}/{what}", **user)
    claimed = {"organization_id": admin.organization_id, "domain": f"{some_email().partition('@')[2]}"}
    domains = "/v1/organizations/{organization_id}/domains"
    await twice.post(domains, {"domain": claimed["domain"]}, **claimed)
    await twice.post(f"{domains}/{{domain}}/release", **claimed)

    described = (await running.client.get("/openapi.json")).json()["paths"]
    posts = {path: operations["post"] for path, operations in described.items() if "post" in operations}
    keyed = {
        path
        for path, post in posts.items()
        if any(one["name"].lower() == "idempotency-key" for one in post.get("parameters", ()))
    }
    assert keyed - twice.paths == ELSEWHERE.keys()
