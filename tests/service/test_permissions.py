"""Every role of the matrix at every endpoint of every service, for the own organization and for another one.

Who may what is not said here: `identity.domain.roles` says what a role permits, `permission_doors` what an endpoint needs.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from harness.applications import build_applications
from harness.documents import Documents
from harness.names import NameServer
from harness.portal import FORM_SECRET, sending
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.permission_doors import DOORS, PUBLIC, SIGNED_IN, Door
from service.permission_scene import NOTHING, Caller, Scene, Things, callers, scene_of

from chassis.http.pages import PageRoute
from identity.domain.roles import ROLES
from kontor_contracts.portal import FORM_COOKIE, SESSION_COOKIE
from kontor_contracts.topics import SERVICES

Service = Callable[..., AbstractAsyncContextManager[Running]]
AT_ONCE = 24
NOT_THERE = {401, 403, 404}
KEY = "Idempotency-Key"


class Knocking:
    """Asks at the doors of one service and keeps what is wrong with the answers."""

    def __init__(self, running: Running, scene: Scene) -> None:
        self._running = running
        self._scene = scene
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.wrong: list[str] = []
        self.allowed = 0
        self.refused = 0

    async def all(self, doors: tuple[Door, ...], everybody: list[Caller]) -> None:
        closed = [door for door in doors if door.needs != PUBLIC]
        await asyncio.gather(*(self._own(door, caller) for door in closed for caller in everybody))
        foreign = [door for door in closed if "{" in door.path and not _belongs_to_nobody(door)]
        await asyncio.gather(*(self._other(door, caller) for door in foreign for caller in everybody))

    async def _own(self, door: Door, caller: Caller) -> None:
        things = self._scene.own.get(caller.kind, {})
        renamed = {name: things.get(thing, NOTHING) for name, thing in door.own.items()}
        answer = await self._knock(door, caller, {**things, **renamed}, good=door.sends)
        there = all(name in {**things, **renamed} for name in _names(door.path)) and NOTHING not in renamed.values()
        if _may(door, caller):
            self.allowed += 1
            # A caller with the permission gets 404 for what the organization has none of.
            self._expect(answer.status_code not in (NOT_THERE if there else {401, 403}), door, caller, "own", answer)
        else:
            self.refused += 1
            self._expect(answer.status_code in ({403} if there else {403, 404, 409}), door, caller, "own", answer)

    async def _other(self, door: Door, caller: Caller) -> None:
        answer = await self._knock(door, caller, self._scene.other[caller.kind], good=True)
        if caller.kind in door.seen_by and _may(door, caller):
            self._expect(answer.status_code not in NOT_THERE, door, caller, "another's", answer)
        else:
            self._expect(answer.status_code in {403, 404}, door, caller, "another's", answer)

    async def _knock(self, door: Door, caller: Caller, things: Things, *, good: bool) -> httpx2.Response:
        body: Any = door.body if good else {"no": "body that anybody takes"}
        if good and isinstance(body, Mapping) and "" in body:
            body = body.get(caller.kind, body[""])
        if door.method == "GET" or (good and body is None) or (not good and door.body is None and "{" in door.path):
            body = None
        async with self._slots:
            return await self._running.client.request(
                door.method,
                _filled(door.path + door.query, things),
                json=_told(body, things),
                headers={**caller.headers, "Idempotency-Key": secrets.token_hex(8)},
            )

    def _expect(self, holds: bool, door: Door, caller: Caller, whose: str, answer: httpx2.Response) -> None:
        if not holds:
            said = answer.text[:160]
            self.wrong.append(f"{caller}: {door.method} {door.path} ({whose}): {answer.status_code} {said}")


def _belongs_to_nobody(door: Door) -> bool:
    return door.path.endswith(("/accept", "/access-requests"))


def _may(door: Door, caller: Caller) -> bool:
    return door.needs == SIGNED_IN or not caller.permissions.isdisjoint(door.needed(caller.kind))


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _filled(path: str, things: Things) -> str:
    return path.format_map({**dict.fromkeys(_names(path), NOTHING), **things})


def _told(body: Any, things: Things) -> Any:
    """Tokens of links are made with the scene."""
    if isinstance(body, dict) and str(body.get("token", "")).startswith("{"):
        return {**body, "token": things.get(body["token"].strip("{}"), NOTHING)}
    return body


@pytest.fixture(scope="module")
def names() -> Any:
    server = NameServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=SERVICES)
async def running(request: pytest.FixtureRequest, service: Service, names: NameServer) -> AsyncIterator[Running]:
    async with service(request.param, KONTOR_DNS_SERVER=names.address) as running:
        yield running


async def test_without_a_token_only_the_public_doors_are_open(running: Running) -> None:
    for door in DOORS[running.name]:
        path = _filled(door.path + door.query, {})
        answer = await running.client.request(door.method, path, headers={"Idempotency-Key": secrets.token_hex(8)})
        assert (answer.status_code == 401) is (door.needs != PUBLIC), f"{door.key}: {answer.status_code} {answer.text}"


async def test_every_role_may_what_the_matrix_says_and_nothing_of_others(
    running: Running, tokens: Tokens, kafka: Topics, mongo: Documents
) -> None:
    scene = await scene_of(running, tokens, kafka, mongo)
    knocking = Knocking(running, scene)
    await knocking.all(DOORS[running.name], callers(tokens, scene))
    assert not knocking.wrong, "\n".join(knocking.wrong)
    assert knocking.allowed and knocking.refused


@pytest.fixture(scope="module")
def page_routes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[PageRoute]]:
    built = build_applications(tmp_path_factory.mktemp("keys"))
    return {name: [one for one in app.routes if isinstance(one, PageRoute)] for name, app in built.items()}


EVERY_PERMISSION = frozenset(permission for role in ROLES.values() for permission in role.permissions)


async def test_every_page_is_open_to_its_permission_alone(
    running: Running, tokens: Tokens, page_routes: Mapping[str, list[PageRoute]]
) -> None:
    """Without a sign-in it leads to one; without the permission it is closed; no form is taken without its token."""

    async def ask(route: PageRoute, permissions: frozenset[str], kind: str) -> httpx2.Response:
        token = tokens.for_user(f"pages-{kind}", organization_kind=kind, permissions=permissions)
        cookies = sending({SESSION_COOKIE: token, FORM_COOKIE: FORM_SECRET})
        (method,) = (route.methods or set()) - {"HEAD"}
        return await running.client.request(method, _filled(route.path, {}), headers=cookies)

    for route in page_routes[running.name]:
        (method,) = (route.methods or set()) - {"HEAD"}
        nobody = await running.client.request(method, _filled(route.path, {}))
        assert nobody.status_code == (303 if method == "GET" else 401), route.path
        kind = route.door.kinds[0] if route.door.kinds else "reseller"
        if route.door.needs:
            others = EVERY_PERMISSION - set(route.door.needs)
            assert (await ask(route, others, kind)).status_code == 403, route.path
        if route.door.kinds:
            foreign = next(one for one in ("provider", "reseller", "customer") if one not in route.door.kinds)
            assert (await ask(route, EVERY_PERMISSION, foreign)).status_code == 403, route.path
        if method == "POST":
            assert (await ask(route, EVERY_PERMISSION, kind)).status_code == 403, route.path
