"""What is asked of a company's directory, and which of its answers hold."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.errors import UnavailableError
from identity.configuration.oidc_issuers import IssuerConfig
from identity.domain.external_account import Link, LinkRefused, LinkUser, UnlinkUser, UserLinked, decide, evolve
from identity.sign_in.oidc_client import AuthorizationRequest, ExternalIssuer, NotAuthenticatedError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ISSUER = "https://directory.example"
KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
ERRAND = AuthorizationRequest("state", "nonce", "verifier")
CONFIG = IssuerConfig(name="c", title="Company", issuer=ISSUER, client_id="kontor", organization_id="org")


def claims(**changed: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    standard = {"iss": ISSUER, "aud": "kontor", "sub": "zoe", "iat": now, "exp": now + 60, "nonce": "nonce"}
    return {name: value for name, value in {**standard, **changed}.items() if value is not None}


def signed(given: dict[str, Any], key: OKPKey = KEY) -> str:
    return jwt.encode({"alg": "Ed25519", "kid": KEY.kid}, given, key, algorithms=["Ed25519"])


class Directory:
    """Answers as an issuer would, and keeps what it was asked."""

    def __init__(self, token: str = "", **described: Any) -> None:
        self.form: dict[str, list[str]] = {}
        self._token = token
        self._described = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            **described,
        }

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx2.Response(200, json=self._described)
            case "/keys":
                return httpx2.Response(200, json={"keys": [KEY.as_dict(private=False)]})
            case "/token":
                self.form = parse_qs(request.content.decode())
                return httpx2.Response(200, json={"id_token": self._token})
            case _:
                return httpx2.Response(404)


def issuer(answers: Callable[[httpx2.Request], httpx2.Response], **config: Any) -> ExternalIssuer:
    transport = httpx2.MockTransport(answers)
    return ExternalIssuer(CONFIG.model_copy(update=config), "https://id.example/callback", lambda: NOW, transport)


async def test_the_code_is_exchanged_with_the_verifier_of_the_challenge() -> None:
    directory = Directory(signed(claims(email="zoe@mueller.example", email_verified=True)))
    asking = issuer(directory)
    address = await asking.address(ERRAND)
    assert address.startswith(f"{ISSUER}/authorize?tenant=1&")
    vouched = await asking.authenticate({"code": "abc"}, ERRAND)
    assert (vouched.subject, vouched.email, vouched.second_factor) == ("zoe", "zoe@mueller.example", False)
    assert directory.form["code"] == ["abc"]
    digest = hashlib.sha256(directory.form["code_verifier"][0].encode()).digest()
    challenge = parse_qs(address.partition("?")[2])["code_challenge"][0]
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"aud": "somebody-else"},
        {"aud": ["kontor", "somebody-else"]},
        {"azp": "somebody-else"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(NOW.timestamp()) - 120},
        {"exp": None},
        {"iat": int(NOW.timestamp()) + 600},
        {"sub": None},
    ],
    ids=lambda changed: str(*changed.items()),
)
async def test_an_id_token_that_does_not_hold_signs_nobody_in(changed: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticatedError):
        await issuer(Directory(signed(claims(**changed)))).authenticate({"code": "abc"}, ERRAND)


async def test_a_token_of_another_key_or_of_none_signs_nobody_in() -> None:
    other = OKPKey.generate_key("Ed25519")
    bare = {"alg": "none"}
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (bare, claims())
    )
    for token in (signed(claims(), other), f"{unsigned}.", "", "x.y.z"):
        with pytest.raises(NotAuthenticatedError):
            await issuer(Directory(token)).authenticate({"code": "abc"}, ERRAND)


@pytest.mark.parametrize("changed", [{"issuer": "https://other.example"}, {"token_endpoint": None}])
async def test_a_description_that_is_not_the_issuers_own_is_not_followed(changed: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticatedError):
        await issuer(Directory(**changed)).address(ERRAND)


@pytest.mark.parametrize(("trusted", "amr", "counts"), [(True, ["pwd", "otp"], True), (True, ["pwd"], False)])
async def test_a_second_factor_counts_where_the_issuer_is_trusted(trusted: bool, amr: list[str], counts: bool) -> None:
    directory = Directory(signed(claims(amr=amr)))
    assert (
        await issuer(directory, trusts_second_factor=trusted).authenticate({"code": "a"}, ERRAND)
    ).second_factor is counts
    assert not (await issuer(directory).authenticate({"code": "a"}, ERRAND)).second_factor


@pytest.mark.parametrize("verified", [False, None, "true"])
async def test_an_address_that_the_issuer_did_not_check_is_none(verified: object) -> None:
    token = signed(claims(email="zoe@mueller.example", email_verified=verified))
    assert (await issuer(Directory(token)).authenticate({"code": "a"}, ERRAND)).email is None


async def test_an_issuer_in_trouble_is_asked_again_later() -> None:
    def hang_up(_: httpx2.Request) -> httpx2.Response:
        raise AttributeError("getpeername")

    for trouble in (lambda _: httpx2.Response(502), hang_up):
        with pytest.raises(UnavailableError, match="issuer"):
            await issuer(trouble).address(ERRAND)


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": []}, {"keys": [{"kty": []}]}])
async def test_an_issuer_whose_keys_are_none_vouches_for_nobody(keys: object) -> None:
    directory = Directory(signed(claims()))

    def answers(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=keys) if request.url.path == "/keys" else directory(request)

    with pytest.raises(NotAuthenticatedError):
        await issuer(answers).authenticate({"code": "a"}, ERRAND)


def test_a_person_is_one_user_until_the_user_is_purged() -> None:
    linked = UserLinked("zoe", "org", NOW)
    assert decide(LinkUser("zoe", "org", NOW), Link()) == [linked]
    state = evolve(Link(), linked)
    assert decide(LinkUser("zoe", "org", NOW), state) == []
    assert decide(LinkUser("eve", "org", NOW), state) == [LinkRefused()]
    assert decide(UnlinkUser("eve"), state) == []
    gone = evolve(state, *decide(UnlinkUser("zoe"), state))
    assert (gone, decide(UnlinkUser("zoe"), gone)) == (Link(), [])
    assert decide(LinkUser("eve", "org", NOW), gone) == [UserLinked("eve", "org", NOW)]
