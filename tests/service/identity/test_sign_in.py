"""Signing in over real sockets: sessions and their end in every service, closed doors, second factors, mailed links."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics
from service.authenticator import App, set_up
from service.identity.company import (
    OWN_PASSWORD,
    PASSWORD,
    Person,
    announced,
    is_problem,
    once,
    refresh,
    some_email,
    token,
)
from support import eventually

from chassis.crypto.sealing import Sealer
from chassis.limits.lockout import FREE
from identity.credentials import totp
from kontor_local.keys import SEALING_PRIVATE

Service = Callable[..., AbstractAsyncContextManager[Running]]
CUSTOMERS = "/v1/customers"
PARTNERS = "/v1/resellers"
NEW_PASSWORD = "ein Steg im Nebel, 1987"


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    """Identity with no time to go without a second factor, and passwords that are cheap to check."""
    async with service("identity", KONTOR_SECOND_FACTOR_GRACE=0) as running:
        yield running


@pytest.fixture(scope="module")
async def other(service: Service, running: Running) -> AsyncIterator[Running]:
    """A service that knows identity by its keys and its events alone."""
    async with service("relationships", KONTOR_TOPIC_PREFIX=running.prefix) as other:
        yield other


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running, "provider")


async def asks(other: Running, person: Person, path: str = PARTNERS) -> httpx2.Response:
    return await other.client.get(path, headers=person.bearer)


async def is_out(running: Running, person: Person, path: str) -> None:
    """Within seconds, an access token that has not expired is refused."""

    async def refused() -> bool:
        answer = await running.client.get(path, headers=person.bearer)
        assert answer.status_code in (200, 401)
        return answer.status_code == 401

    assert await eventually(refused, timeout=15)


async def elsewhere(person: Person) -> Person:
    """The same user on another device."""
    copy = Person(person.running, person.email, person.user_id, person.organization_id)
    await copy.sign_in(PASSWORD)
    return copy


# -- sessions


async def test_a_session_is_listed_and_ended_in_every_service(running: Running, other: Running, admin: Person) -> None:
    phone = await elsewhere(admin)
    listed = (await admin.get("/v1/me/sessions")).json()["items"]
    assert [session["current"] for session in listed] == [False, True]
    assert {session["client"].partition("/")[0] for session in listed} == {"python-httpx2"}
    assert (await asks(other, phone)).status_code == 200
    ended = await running.client.delete(f"/v1/me/sessions/{listed[0]['session_id']}", headers=admin.bearer)
    assert ended.status_code == 204
    await is_out(other, phone, PARTNERS)
    await is_out(running, phone, "/v1/me")
    is_problem(await refresh(running, phone.refresh_token), 401, "invalid-credentials")
    assert (await asks(other, admin)).status_code == 200
    assert len((await admin.get("/v1/me/sessions")).json()["items"]) == 1


async def test_what_was_ended_stays_so_when_a_service_starts_again(
    running: Running, other: Running, admin: Person
) -> None:
    phone = await elsewhere(admin)
    ended = await running.client.post("/v1/token/revoke", json={"token": phone.refresh_token})
    assert ended.status_code == 204
    await is_out(other, phone, PARTNERS)
    await other.restart()
    is_problem(await asks(other, phone), 401, "unauthenticated")
    assert (await asks(other, admin)).status_code == 200


async def test_all_other_sessions_end_at_once(running: Running, other: Running, admin: Person) -> None:
    others = [await elsewhere(admin) for _ in range(3)]
    assert (await running.client.delete("/v1/me/sessions", headers=admin.bearer)).status_code == 204
    for each in others:
        await is_out(other, each, PARTNERS)
    assert (await asks(other, admin)).status_code == 200


async def test_nobody_ends_the_session_of_somebody_else(running: Running, admin: Person) -> None:
    stranger = await Person.sign_up(running)
    (session,) = (await admin.get("/v1/me/sessions")).json()["items"]
    answer = await running.client.delete(f"/v1/me/sessions/{session['session_id']}", headers=stranger.bearer)
    is_problem(answer, 404, "no-such-session")
    assert (await refresh(running, admin.refresh_token)).status_code == 200


async def test_who_knows_a_sessions_id_cannot_end_it_with_a_made_up_token(running: Running, admin: Person) -> None:
    (session,) = (await admin.get("/v1/me/sessions")).json()["items"]
    for made_up in (f"{session['session_id']}.guess", "x.y", "x"):
        is_problem(await refresh(running, made_up), 401, "invalid-credentials")
        revoked = await running.client.post("/v1/token/revoke", json={"token": made_up})
        assert revoked.status_code == 204
    assert (await refresh(running, admin.refresh_token)).status_code == 200


async def test_an_old_refresh_token_ends_the_access_tokens_of_the_family_too(
    running: Running, other: Running, admin: Person, kafka: Topics
) -> None:
    # Any secret but those that are good is one of long ago: no test has to wait for one to grow old.
    key, _, _ = admin.refresh_token.partition(".")
    old = f"{key}.{secrets.token_urlsafe(32)}"
    (session,) = (await admin.get("/v1/me/sessions")).json()["items"]
    is_problem(await refresh(running, old), 401, "invalid-credentials")
    await is_out(other, admin, PARTNERS)
    (ended,) = await announced(kafka, running, f"session:{session['session_id']}")
    assert (ended.data.reason, ended.data.user_id) == ("token-reused", admin.user_id)


async def test_a_new_password_and_a_lost_role_end_older_tokens(running: Running, other: Running, admin: Person) -> None:
    agent = await admin.add("admin-agent", "sales-agent")
    assert (await asks(other, agent)).status_code == 200
    assert (await admin.set_roles(agent, "helpdesk-agent")).status_code == 200
    await is_out(other, agent, PARTNERS)
    renewed = (await refresh(running, agent.refresh_token)).json()
    agent.access_token, agent.refresh_token = renewed["access_token"], renewed["refresh_token"]
    is_problem(await asks(other, agent), 403, "forbidden")
    await agent.choose(OWN_PASSWORD, NEW_PASSWORD)
    await is_out(running, agent, "/v1/me")
    is_problem(await refresh(running, agent.refresh_token), 401, "invalid-credentials")
    await agent.sign_in(NEW_PASSWORD)
    assert (await agent.get("/v1/me")).status_code == 200


async def test_a_disabled_user_is_out_everywhere_and_a_purged_one_is_erased(
    running: Running, other: Running, admin: Person, mongo: Documents
) -> None:
    agent = await admin.add("admin-agent")
    await agent.post("/v1/me/second-factor", {"current_password": OWN_PASSWORD})
    assert (await admin.post(f"/v1/users/{agent.user_id}/disable", {})).status_code == 200
    await is_out(other, agent, PARTNERS)
    is_problem(await refresh(running, agent.refresh_token), 401, "invalid-credentials")
    for what in ("delete", "purge"):
        answer = await admin.post(f"/v1/users/{agent.user_id}/{what}", {})
        assert answer.is_success, answer.text

    async def forgotten() -> bool:
        factors = [each["state"] for each in await mongo.all(running, "factor")]
        sessions = [each["state"] for each in await mongo.all(running, "session")]
        secret = any(each["sealed_secret"] for each in factors if each["user_id"] == agent.user_id)
        return not secret and all(each["client"] == "" for each in sessions if each["user_id"] == agent.user_id)

    await eventually(forgotten)


# -- closed doors


async def test_guessing_closes_the_door_to_strangers_and_not_to_a_known_device(running: Running, admin: Person) -> None:
    grant = {"grant_type": "password", "email": admin.email}
    device = (await token(running, **grant, password=PASSWORD)).json()["device_token"]
    for n in range(FREE + 1):
        guessed = await token(running, **grant, password=f"guess {n}")
        is_problem(guessed, 401, "invalid-credentials")
    closed = await token(running, **grant, password=PASSWORD)
    is_problem(closed, 401, "invalid-credentials")
    assert closed.json()["detail"] == guessed.json()["detail"]
    made_up = await token(running, **grant, password=PASSWORD, device_token="made-up")
    is_problem(made_up, 401, "invalid-credentials")
    known = await token(running, **grant, password=PASSWORD, device_token=device)
    assert known.status_code == 200
    assert known.json()["device_token"] == device


async def test_many_guesses_at_once_get_no_more_tries_than_one_after_another(running: Running, admin: Person) -> None:
    grant = {"grant_type": "password", "email": admin.email}
    guesses = [token(running, **grant, password=f"guess {n}") for n in range(30)]
    await asyncio.gather(*guesses)
    is_problem(await token(running, **grant, password=PASSWORD), 401, "invalid-credentials")


async def test_many_clients_of_one_user_may_sign_in_at_once(running: Running, admin: Person) -> None:
    grant = {"grant_type": "password", "email": admin.email, "password": PASSWORD}
    answers = await asyncio.gather(*(token(running, **grant) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}


async def test_addresses_that_nobody_has_fill_no_database(running: Running, mongo: Documents) -> None:
    same = some_email()
    for n in range(3):
        await token(running, grant_type="password", email=same, password=f"guess {n}")
    doors = [each["_id"] for each in await mongo.all(running, "door") if "nobody" in each["_id"]]
    assert doors
    assert all(int(id.rpartition("-")[2]) < 4096 for id in doors)


# -- second factor


async def test_a_second_factor_is_asked_for_and_its_codes_work_once(running: Running, admin: Person) -> None:
    app, recovery = await set_up(admin)
    grant = {"grant_type": "password", "email": admin.email, "password": PASSWORD}
    is_problem(await token(running, **grant), 401, "second-factor-required")
    is_problem(await token(running, **grant | {"password": "wrong"}), 401, "invalid-credentials")
    is_problem(await token(running, **grant, code="000000"), 401, "second-factor-required")
    code = app.code()
    assert (await token(running, **grant, code=code)).status_code == 200
    is_problem(await token(running, **grant, code=code), 401, "second-factor-required")
    assert (await token(running, **grant, code=recovery[0])).status_code == 200
    is_problem(await token(running, **grant, code=recovery[0]), 401, "second-factor-required")
    shown = (await admin.get("/v1/me/second-factor")).json()
    assert (shown["state"], shown["recovery_codes_left"]) == ("active", 9)


async def test_customers_are_shown_only_after_a_second_factor(running: Running, other: Running, admin: Person) -> None:
    refused = await asks(other, admin, CUSTOMERS)
    is_problem(refused, 401, "second-factor-needed")
    assert 'error="insufficient_user_authentication"' in refused.headers["www-authenticate"]
    assert 'acr_values="mfa"' in refused.headers["www-authenticate"]
    assert (await asks(other, admin)).status_code == 200, "what asks for no second factor works without"
    app, _ = await set_up(admin)
    stepped = await token(running, grant_type="step_up", refresh_token=admin.refresh_token, code=app.code())
    assert stepped.status_code == 200, stepped.text
    admin.access_token = stepped.json()["access_token"]
    assert (await asks(other, admin, CUSTOMERS)).status_code == 200
    admin.access_token = (await refresh(running, stepped.json()["refresh_token"])).json()["access_token"]
    assert (await asks(other, admin, CUSTOMERS)).status_code == 200, "the session stays one with a second factor"


async def test_a_step_up_whose_answer_was_lost_is_asked_for_again(running: Running, admin: Person) -> None:
    app, _ = await set_up(admin)
    wish = {"grant_type": "step_up", "refresh_token": admin.refresh_token, "code": app.code()}
    first, second = await token(running, **wish), await token(running, **wish)
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert first.json()["refresh_token"] == second.json()["refresh_token"]
    renewed = await refresh(running, second.json()["refresh_token"])
    assert renewed.status_code == 200, "the family lives on"


async def test_a_step_up_beside_a_refresh_gives_the_token_of_both(running: Running, admin: Person) -> None:
    app, _ = await set_up(admin)
    other_tab = (await refresh(running, admin.refresh_token)).json()["refresh_token"]
    stepped = await token(running, grant_type="step_up", refresh_token=admin.refresh_token, code=app.code())
    assert (stepped.status_code, stepped.json()["refresh_token"]) == (200, other_tab)
    wrong = await token(running, grant_type="step_up", refresh_token=other_tab, code="000000")
    is_problem(wrong, 401, "second-factor-required")


async def test_a_global_admin_resets_the_factor_of_who_has_lost_it(running: Running, admin: Person) -> None:
    agent = await admin.add("helpdesk-agent")
    begun = await agent.post("/v1/me/second-factor", {"current_password": OWN_PASSWORD})
    app = App(base64.b32decode(begun.json()["secret"]))
    await agent.post("/v1/me/second-factor/confirm", {"code": app.code()})
    path = f"/v1/users/{agent.user_id}/second-factor"
    stranger = await Person.sign_up(running)
    is_problem(await running.client.delete(path, headers=stranger.bearer), 404, "not-found")
    own = f"/v1/users/{admin.user_id}/second-factor"
    is_problem(await running.client.delete(own, headers=admin.bearer), 409, "global-admin-only")
    assert (await running.client.delete(path, headers=admin.bearer)).status_code == 204
    await agent.sign_in(OWN_PASSWORD)


async def test_the_secret_of_a_second_factor_is_nowhere_in_the_clear(
    running: Running, admin: Person, mongo: Documents, kafka: Topics
) -> None:
    app, recovery = await set_up(admin)
    stored = str(await mongo.all(running, "factor"))
    told = str([each.model_dump() for each in await kafka.envelopes(running.topic("identity.events"))])
    for secret in (totp.readable(app.secret), *recovery):
        assert secret not in stored + told + running.process.log.read_text()


# -- a new password by mail


async def link_of(kafka: Topics, running: Running, person: Person, keys: Path, count: int = 2) -> tuple[str, str]:
    """The mailed link and its token, as only notifications can read them."""
    *_, asked = await announced(kafka, running, f"user:{person.user_id}", count)
    link = Sealer(keys / SEALING_PRIVATE).open(asked.data.sealed_link)
    return link, parse_qs(urlsplit(link).query)["token"][0]


async def redeem(running: Running, text: str, password: str) -> httpx2.Response:
    return await running.client.post("/v1/password-resets/redeem", json={"token": text, "new_password": password})


async def test_asking_for_a_new_password_tells_nobody_who_is_known(running: Running, admin: Person) -> None:
    answers = [
        await running.client.post("/v1/password-resets", json={"email": email}) for email in (admin.email, some_email())
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert answers[0].json() == answers[1].json()


async def test_a_reset_asked_for_again_with_its_key_mails_once(running: Running, admin: Person, kafka: Topics) -> None:
    key, stranger = once(), some_email()
    for email in (admin.email, admin.email, stranger, admin.email.upper()):
        answer = await running.client.post("/v1/password-resets", json={"email": email}, headers=key)
        # What is asked for belongs to a stranger's key, so that the key of one is not the key of another.
        expected = 202 if email != admin.email.upper() else 422
        assert answer.status_code == expected, answer.text
    # Without a key each is a request of its own; when its event is there, so are those before it.
    await running.client.post("/v1/password-resets", json={"email": admin.email})

    async def mailed() -> int:
        found = await announced(kafka, running, f"user:{admin.user_id}")
        return sum(event.type == "kontor.identity.password-reset-requested.v1" for event in found)

    async def both() -> bool:
        return await mailed() >= 2

    await eventually(both)
    assert await mailed() == 2


async def test_of_fifty_uses_of_one_link_exactly_one_wins(
    running: Running, admin: Person, kafka: Topics, keys: Path
) -> None:
    await running.client.post("/v1/password-resets", json={"email": admin.email.upper()})
    _, text = await link_of(kafka, running, admin, keys)
    passwords = [f"{secrets.token_hex(8)} Wolken über dem Steg" for _ in range(50)]
    answers = await asyncio.gather(*(redeem(running, text, password) for password in passwords))
    won = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    assert len(won) == 1, [answer.status_code for answer in answers]
    for n, answer in enumerate(answers):
        if n != won[0]:
            is_problem(answer, 410, "reset-link-over")
    is_problem(await refresh(running, admin.refresh_token), 401, "invalid-credentials")
    await is_out(running, admin, "/v1/me")
    await admin.sign_in(passwords[won[0]])


async def test_a_repeated_use_of_a_link_with_the_same_key_gets_the_first_answer(
    running: Running, admin: Person, kafka: Topics, keys: Path
) -> None:
    await running.client.post("/v1/password-resets", json={"email": admin.email})
    _, text = await link_of(kafka, running, admin, keys)
    body, key = {"token": text, "new_password": NEW_PASSWORD}, once()
    answers = [await running.client.post("/v1/password-resets/redeem", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    is_problem(await redeem(running, text, NEW_PASSWORD), 410, "reset-link-over")
    await admin.sign_in(NEW_PASSWORD)


async def test_a_poor_password_leaves_the_link_good_and_a_closed_door_opens(
    running: Running, admin: Person, kafka: Topics, keys: Path
) -> None:
    grant = {"grant_type": "password", "email": admin.email}
    for n in range(FREE + 1):
        await token(running, **grant, password=f"guess {n}")
    await running.client.post("/v1/password-resets", json={"email": admin.email})
    _, text = await link_of(kafka, running, admin, keys)
    is_problem(await redeem(running, text, "passwordpassword"), 422, "password-leaked", "new_password")
    is_problem(await redeem(running, text, PASSWORD), 422, "password-reused", "new_password")
    device = (await redeem(running, text, NEW_PASSWORD)).json()["device_token"]
    signed_in = await token(running, **grant, password=NEW_PASSWORD, device_token=device)
    assert signed_in.status_code == 200


async def test_the_page_behind_the_link_sets_the_password(
    running: Running, admin: Person, kafka: Topics, keys: Path
) -> None:
    await running.client.post("/v1/password-resets", json={"email": admin.email})
    link, text = await link_of(kafka, running, admin, keys)
    path = link.removeprefix(running.url)
    for _ in range(2):  # a mail scanner opens it first
        page = await running.client.get(path)
        assert page.status_code == 200
        assert "Neues Kennwort wählen" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    poor = await running.client.post("/reset-password?lang=de", data={"token": text, "new_password": "kurz"})
    assert poor.status_code == 400 and "mindestens 12 Zeichen" in poor.text
    done = await running.client.post("/reset-password?lang=en", data={"token": text, "new_password": NEW_PASSWORD})
    assert done.status_code == 200 and "Your new password is set" in done.text
    over = await running.client.get(path)
    assert over.status_code == 410 and "gilt nicht mehr" in over.text
    await admin.sign_in(NEW_PASSWORD)


async def test_migrate_wraps_stored_recovery_codes_which_stay_good(
    running: Running, admin: Person, mongo: Documents
) -> None:
    _, codes = await set_up(admin)
    id, bare = f"factor:{admin.user_id}", [totp.recovery_hash(code) for code in codes]
    keyed = (await mongo.one(running, id))["state"]["recovery"]
    assert not set(keyed) & set(bare)
    # As an older release stored them.
    await mongo.collection(running).update_one({"_id": id}, {"$set": {"state.recovery": bare}})
    grant = {"grant_type": "password", "email": admin.email, "password": PASSWORD}
    assert (await token(running, **grant, code=codes[0])).status_code == 200, "before they are wrapped"
    await running.job("migrate")
    assert (await mongo.one(running, id))["state"]["recovery"] == keyed[1:]
    assert (await token(running, **grant, code=codes[1])).status_code == 200
    is_problem(await token(running, **grant, code=codes[0]), 401, "second-factor-required")
