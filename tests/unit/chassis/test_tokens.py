"""A token that was verified once is remembered: for as long as it holds, and not a moment longer."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from chassis.auth.principal import UnauthenticatedError
from chassis.auth.revocation import Voided
from chassis.auth.tokens import Authenticator, key_set
from chassis.errors import UnavailableError

KEY = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
ISSUED = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLAIMS = ("org", "org_name", "org_kind", "country", "name", "email", "culture", "scope")


class Clock:
    now = ISSUED

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def voided() -> Voided:
    return Voided()


@pytest.fixture
def door(clock: Clock, voided: Voided, monkeypatch: pytest.MonkeyPatch) -> Authenticator:
    """One that has fetched the keys, and counts nothing as verified."""
    door = Authenticator(jwks_url="http://unused", issuer="i", audience="a", now=clock, voided=voided)
    monkeypatch.setattr(door, "_keys", KeySet([KEY]))
    monkeypatch.setattr(door, "_fetched", time.monotonic())
    monkeypatch.setattr(door, "_asked", time.monotonic())
    return door


def token(**claims: Any) -> str:
    issued = int(ISSUED.timestamp())
    standard = {"sub": "u1", "iss": "i", "aud": "a", "iat": issued, "exp": issued + 600, **dict.fromkeys(CLAIMS, "x")}
    head = {"alg": "Ed25519", "typ": "at+jwt", "kid": KEY.kid}
    return jwt.encode(head, {**standard, **claims}, KEY, algorithms=["Ed25519"])


async def test_a_token_is_verified_once(door: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = token()
    first = await door.authenticate(signed)
    monkeypatch.setattr(jwt, "decode", lambda *_, **__: pytest.fail("verified again"))
    assert await door.authenticate(signed) is first


async def test_a_remembered_token_expires(door: Authenticator, clock: Clock) -> None:
    signed = token()
    await door.authenticate(signed)
    clock.now = ISSUED + timedelta(seconds=700)
    with pytest.raises(UnauthenticatedError):
        await door.authenticate(signed)


async def test_a_remembered_token_can_be_taken_back(door: Authenticator, voided: Voided) -> None:
    signed = token(sid="s1")
    await door.authenticate(signed)
    voided._events["session:s1"] = (1, ISSUED)
    with pytest.raises(UnauthenticatedError):
        await door.authenticate(signed)


@pytest.mark.parametrize(
    "error", [httpx2.ConnectError("refused"), AttributeError("getpeername"), RuntimeError("closed")]
)
async def test_an_identity_that_dies_makes_callers_come_again(
    error: Exception, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a peer that hangs up while it is connected to looks under uvloop, among others."""

    async def hung_up(*_: object) -> httpx2.Response:
        raise error

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", hung_up)
    door = Authenticator(jwks_url="http://identity.example/keys", issuer="i", audience="a", now=clock)
    with pytest.raises(UnavailableError):
        await door.authenticate(token())
    monkeypatch.setattr(door, "_keys", KeySet([KEY]))
    monkeypatch.setattr(door, "_asked", time.monotonic() - 600)
    assert (await door.authenticate(token())).user_id == "u1"


NO_KEY_SETS = ["", "{}", "[]", "null", '{"keys": null}', '{"keys": [3]}', '{"keys": [{"kty": []}]}']
SOMEBODY_S = json.dumps({"keys": [OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=False)]})


@pytest.mark.parametrize(("status", "text"), [(503, SOMEBODY_S), *((200, text) for text in NO_KEY_SETS)])
async def test_what_is_no_key_set_changes_nothing(
    status: int, text: str, door: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answered(*_: object) -> httpx2.Response:
        return httpx2.Response(status, text=text)

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", answered)
    monkeypatch.setattr(door, "_asked", time.monotonic() - 600)
    monkeypatch.setattr(door, "_fetched", time.monotonic() - 600)
    assert (await door.authenticate(token())).user_id == "u1"


def test_a_key_set_is_read() -> None:
    assert [key.kid for key in key_set({"keys": [KEY.as_dict(private=False)]}).keys] == [KEY.kid]
