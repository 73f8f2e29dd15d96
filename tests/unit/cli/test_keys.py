"""The plan of signing keys: nobody is ever shown a token whose key he cannot know yet, or no more."""

import json

import pytest

from kontor_cli.key_plan import Jwk, PlanError, keys_of, replaced, rotated, state

NOW = 1_795_000_000
OLD: Jwk = {"kty": "OKP", "crv": "Ed25519", "x": "old", "d": "secret", "kid": "old"}
NEW: Jwk = {"kty": "OKP", "crv": "Ed25519", "x": "new", "d": "secret", "kid": "new"}


def states(keys: list[Jwk], at: int) -> dict[str, str]:
    return {key["kid"]: state(key, keys, at) for key in keys}


def test_a_new_key_is_published_first_and_the_old_outlives_its_tokens() -> None:
    keys = rotated([OLD], NEW, now=NOW, sign_in=900, keep=3900)
    assert states(keys, NOW) == {"old": "signs", "new": "next"}
    assert states(keys, NOW + 899) == {"old": "signs", "new": "next"}
    assert states(keys, NOW + 900) == {"old": "published", "new": "signs"}
    assert states(keys, NOW + 900 + 3899) == {"old": "published", "new": "signs"}
    assert states(keys, NOW + 900 + 3900) == {"old": "gone", "new": "signs"}


def test_a_second_change_waits_for_the_first() -> None:
    keys = rotated([OLD], NEW, now=NOW, sign_in=900, keep=3900)
    with pytest.raises(PlanError, match="does not sign yet"):
        rotated(keys, {**NEW, "kid": "newer"}, now=NOW + 899, sign_in=900, keep=3900)
    third = rotated(keys, {**NEW, "kid": "newer"}, now=NOW + 900, sign_in=900, keep=3900)
    assert states(third, NOW + 900) == {"old": "published", "new": "signs", "newer": "next"}
    assert third[0]["gone_at"] == NOW + 900 + 3900


def test_keys_whose_time_is_over_are_left_out() -> None:
    keys = rotated([OLD], NEW, now=NOW, sign_in=900, keep=3900)
    later = rotated(keys, {**NEW, "kid": "newer"}, now=NOW + 10_000, sign_in=900, keep=3900)
    assert [key["kid"] for key in later] == ["new", "newer"]


def test_a_key_that_somebody_else_has_is_gone_at_once() -> None:
    assert states(replaced(NEW, now=NOW), NOW) == {"new": "signs"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": []}', json.dumps({**OLD, "d": None} | {"crv": "P-256"})])
def test_a_file_that_holds_no_signing_keys_is_left_alone(text: str) -> None:
    with pytest.raises(PlanError):
        keys_of(text)


def test_one_key_and_a_set_are_read_alike() -> None:
    assert keys_of(json.dumps(OLD)) == keys_of(json.dumps({"keys": [OLD]})) == [OLD]
