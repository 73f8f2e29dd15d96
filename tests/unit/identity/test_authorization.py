"""One-time codes for other services' pages, and the addresses they may go to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from pydantic import ValidationError

from identity.configuration.sign_in_clients import SignInClient, SignInClients
from identity.domain.authorization import (
    MOST_CODES,
    Authorizations,
    Code,
    CodeRedeemed,
    CodeRefused,
    IssueCode,
    RedeemCode,
    decide,
    evolve,
)
from identity.sign_in.browser.authorizations import challenge_of

NOW = datetime(2026, 11, 27, tzinfo=UTC)
CODE = Code(
    code_hash="c1",
    client_id="relationships",
    redirect_uri="https://r.example/signed-in",
    challenge="x",
    scope=("a:b",),
    expires_at=NOW + timedelta(minutes=1),
)
REDEEM = RedeemCode(
    code_hash="c1", client_id="relationships", redirect_uri="https://r.example/signed-in", challenge="x", at=NOW
)


def issued(*codes: Code, at: datetime = NOW) -> Authorizations:
    state = Authorizations()
    for code in codes:
        state = reduce(evolve, decide(IssueCode(code, at), state), state)
    return state


def test_a_code_counts_once() -> None:
    state = issued(CODE)
    facts = decide(REDEEM, state)
    assert facts == [CodeRedeemed("c1", ("a:b",))]
    assert decide(REDEEM, reduce(evolve, facts, state)) == [CodeRefused()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_hash": "c2"},
        {"client_id": "enrollment"},
        {"redirect_uri": "https://r.example/signed-in?x"},
        {"challenge": "y"},
        {"at": NOW + timedelta(minutes=1)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_code_belongs_to_one_request(wrong: dict[str, object]) -> None:
    assert decide(replace(REDEEM, **wrong), issued(CODE)) == [CodeRefused()]  # type: ignore[arg-type]


def test_codes_of_one_session_are_bounded() -> None:
    state = issued(*(replace(CODE, code_hash=f"c{n}") for n in range(3 * MOST_CODES)))
    assert [code.code_hash for code in state.codes] == [f"c{n}" for n in range(2 * MOST_CODES, 3 * MOST_CODES)]
    later = replace(CODE, code_hash="later", expires_at=NOW + timedelta(hours=1))
    facts = decide(IssueCode(later, NOW + timedelta(minutes=5)), state)
    assert reduce(evolve, facts, state).codes == (later,)


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "address",
    [
        "https://r.example/signed-in/",
        "https://r.example/signed-in?x=1",
        "https://r.example.evil.example/signed-in",
        "https://r.example@evil.example/signed-in",
        "//evil.example",
        "https://r.example",
        "",
    ],
)
def test_a_return_address_is_compared_as_it_was_registered(address: str) -> None:
    client = SignInClient(client_id="relationships", redirect_uris=("https://r.example/signed-in",))
    clients = SignInClients([client])
    assert clients.knows("relationships", "https://r.example/signed-in")
    assert not clients.knows("relationships", address)
    assert not clients.knows("enrollment", "https://r.example/signed-in")


@pytest.mark.parametrize(
    "address",
    ["http://r.example/x", "javascript:alert(1)", "/signed-in", "https://r.example/#x", "https://a:b@r.example/x"],
)
def test_a_return_address_is_https_and_absolute(address: str) -> None:
    with pytest.raises(ValidationError):
        SignInClient(client_id="relationships", redirect_uris=(address,))


def test_a_return_address_on_this_machine_may_be_http() -> None:
    assert SignInClient(client_id="relationships", redirect_uris=("http://127.0.0.1:8003/signed-in",))
