"""Every route that takes a password, a code or an access code counts wrong ones, and locks after a few.

A new route with such a field fails the first test until it stands in a table here, with what counts its wrong ones.
"""

import base64
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from harness.running import Running
from service.authenticator import App, set_up
from service.identity.company import PASSWORD, Person, is_problem, some_email, token

from chassis.limits.lockout import FREE
from identity.domain.second_factor.codes import FREE as FREE_CODES
from kontor_contracts.topics import SERVICES

Service = Callable[..., AbstractAsyncContextManager[Running]]
Route = tuple[str, str]
Guess = Callable[[Running, Person, str], Awaitable[httpx2.Response]]
NEW = "ein Steg im Nebel, 1987"

GUESSABLE = {"password", "current_password", "code", "access_code"}
MEMBERSHIP = {
    ("POST", "/v1/partner-profiles/lookup"): "enrollment/test_registry",
    ("PUT", "/v1/enrollments/{enrollment_id}/partner-id"): "enrollment/test_registry",
    ("POST", "/v1/enrollments/{enrollment_id}/join"): "enrollment/test_joining",
}
UNGUESSABLE = {
    ("POST", "/v1/sign-up"): "sets a password",
    ("POST", "/create-account"): "sets a password",
    ("POST", "/join/{user_id}"): "sets a password, behind a link of 256 bits",
    ("POST", "/token"): "a code of 256 bits, good once and for a minute",
    ("PUT", "/v1/partner-profiles/{partner_id}"): "the staff sets an access code",
}


async def sign_in(running: Running, person: Person, guess: str) -> httpx2.Response:
    return await token(running, grant_type="password", email=person.email, password=guess)


async def change_password(running: Running, person: Person, guess: str) -> httpx2.Response:
    return await person.put("/v1/me/password", {"current_password": guess, "new_password": NEW})


async def set_up_factor(running: Running, person: Person, guess: str) -> httpx2.Response:
    return await person.post("/v1/me/second-factor", {"current_password": guess})


async def change_address(running: Running, person: Person, guess: str) -> httpx2.Response:
    return await person.post("/v1/me/address", {"email": some_email(), "current_password": guess})


async def prove_address(running: Running, person: Person, guess: str) -> httpx2.Response:
    """By a link that was used: it still takes the user's password."""
    proof = {"token": await running.mailed_token(person.email, "/verify-address"), "password": guess}
    return await running.client.post("/v1/address-proofs", json=proof)


async def verify_page(running: Running, person: Person, guess: str) -> httpx2.Response:
    proof = {"token": await running.mailed_token(person.email, "/verify-address"), "password": guess}
    return await running.client.post("/verify-address", data=proof)


async def sign_in_page(running: Running, person: Person, guess: str) -> httpx2.Response:
    return await form(running, "/sign-in", await page(running), email=person.email, password=guess)


async def sign_in_code(running: Running, person: Person, guess: str) -> httpx2.Response:
    return await token(running, grant_type="password", email=person.email, password=PASSWORD, code=guess)


async def step_up(running: Running, person: Person, guess: str) -> httpx2.Response:
    return await token(running, grant_type="step_up", refresh_token=person.refresh_token, code=guess)


async def page_code(running: Running, person: Person, guess: str) -> httpx2.Response:
    asked = await form(running, "/sign-in", await page(running), email=person.email, password=PASSWORD)
    return await form(running, "/sign-in-code", asked.text, code=guess)


def with_code(path: str) -> Guess:
    async def send(running: Running, person: Person, guess: str) -> httpx2.Response:
        return await person.post(path, {"code": guess})

    return send


FACTOR = "/v1/me/second-factor"
PASSWORDS: dict[Route, Guess] = {
    ("POST", "/v1/token"): sign_in,
    ("PUT", "/v1/me/password"): change_password,
    ("POST", FACTOR): set_up_factor,
    ("POST", "/sign-in"): sign_in_page,
    ("POST", "/v1/me/address"): change_address,
    ("POST", "/v1/address-proofs"): prove_address,
    ("POST", "/verify-address"): verify_page,
}
CODES: dict[Route, tuple[Guess, ...]] = {
    ("POST", "/v1/token"): (sign_in_code, step_up),
    ("POST", f"{FACTOR}/confirm"): (with_code(f"{FACTOR}/confirm"),),
    ("POST", f"{FACTOR}/recovery-codes"): (with_code(f"{FACTOR}/recovery-codes"),),
    ("POST", f"{FACTOR}/off"): (with_code(f"{FACTOR}/off"),),
    ("POST", "/sign-in-code"): (page_code,),
}


async def page(running: Running) -> str:
    return (await running.client.get("/sign-in")).text


async def form(running: Running, path: str, html: str, **fields: str) -> httpx2.Response:
    hidden = dict(re.findall(r'name="(request|proof)" value="([^"]*)"', html))
    return await running.client.post(path, data=hidden | fields)


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


@pytest.fixture
async def person(running: Running) -> Person:
    running.client.cookies.clear()
    return await Person.sign_up(running, "provider")


async def test_every_route_with_a_guessable_secret_is_in_a_table(service: Service) -> None:
    found: dict[Route, set[str]] = {}
    for name in SERVICES:
        async with service(name) as each:
            found |= dict(taking((await each.client.get("/openapi.json")).json()))
    known = {*PASSWORDS, *CODES, *MEMBERSHIP, *UNGUESSABLE}
    assert set(found) - known == set(), "wrong ones must count; say here what counts them"
    assert known - set(found) == set()


@pytest.mark.parametrize("route", PASSWORDS, ids=" ".join)
async def test_wrong_passwords_lock_the_account_at_every_route(running: Running, person: Person, route: Route) -> None:
    guess = PASSWORDS[route]
    for n in range(FREE + 1):
        assert not (await guess(running, person, f"wrong password {n}")).is_success
    locked = await guess(running, person, PASSWORD)
    assert locked.status_code in {400, 401, 410, 422, 429}, locked.text
    is_problem(await sign_in(running, person, PASSWORD), 401, "invalid-credentials")
    changed = await change_password(running, person, PASSWORD)
    is_problem(changed, 429, "too-many-attempts")
    assert 0 < int(changed.headers["retry-after"]) <= 60


async def test_wrong_passwords_at_different_routes_add_up(running: Running, person: Person) -> None:
    guesses = list(PASSWORDS.values())
    for n in range(FREE + 1):
        assert not (await guesses[n % len(guesses)](running, person, f"wrong password {n}")).is_success
    is_problem(await sign_in(running, person, PASSWORD), 401, "invalid-credentials")


async def test_a_signed_in_user_with_a_device_token_is_not_locked_out(running: Running, person: Person) -> None:
    device = (await person.sign_in(PASSWORD))["device_token"]
    for n in range(FREE + 1):
        await sign_in(running, person, f"wrong password {n}")
    body = {"current_password": PASSWORD, "new_password": NEW}
    is_problem(await person.put("/v1/me/password", body), 429, "too-many-attempts")
    assert (await person.put("/v1/me/password", body | {"device_token": device})).status_code == 204


async def test_the_right_current_password_is_no_attempt(running: Running, person: Person) -> None:
    for n in range(FREE):
        is_problem(await set_up_factor(running, person, f"wrong {n}"), 422, "wrong-password", "current_password")
    for _ in range(3):
        assert (await set_up_factor(running, person, PASSWORD)).status_code == 200
    is_problem(await set_up_factor(running, person, "one more"), 422, "wrong-password", "current_password")
    is_problem(await set_up_factor(running, person, PASSWORD), 429, "too-many-attempts")


@pytest.mark.parametrize(
    ("route", "guess"),
    [(route, guess) for route, all_ in CODES.items() for guess in all_],
    ids=lambda one: one.__name__ if callable(one) else " ".join(one),
)
async def test_wrong_codes_lock_the_factor_at_every_route(
    running: Running, person: Person, route: Route, guess: Guess
) -> None:
    app = await begun(person) if route[1].endswith("/confirm") else (await set_up(person))[0]
    for n in range(FREE_CODES + 1):
        answer = await guess(running, person, f"{n:06d}" if n else "999999")
        assert not answer.is_success, answer.text
    locked = await guess(running, person, app.code())
    assert locked.status_code in {400, 401, 410, 422, 429}, locked.text
    if route[1].startswith(FACTOR):
        is_problem(locked, 429, "codes-closed")
        assert 0 < int(locked.headers["retry-after"]) <= 60


async def begun(person: Person) -> App:
    answer = await person.post(FACTOR, {"current_password": PASSWORD})
    text = answer.json()["secret"]
    return App(base64.b32decode(text + "=" * (-len(text) % 8)))


def taking(openapi: dict[str, Any]) -> Iterator[tuple[Route, set[str]]]:
    """The operations whose body has a guessable secret, with the names of its fields."""
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            contents = operation.get("requestBody", {}).get("content", {}).values()
            names = {name for content in contents for name in fields(content.get("schema", {}), openapi)}
            if names & GUESSABLE:
                yield (method.upper(), path), names & GUESSABLE


def fields(schema: Any, openapi: dict[str, Any]) -> Iterator[str]:
    if isinstance(schema, dict):
        if reference := schema.get("$ref"):
            schema = openapi["components"]["schemas"][reference.rpartition("/")[2]]
        yield from schema.get("properties", {})
        for part in [*schema.get("properties", {}).values(), *schema.get("oneOf", []), *schema.get("anyOf", [])]:
            yield from fields(part, openapi)
