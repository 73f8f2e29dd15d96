"""The plan by which identity's signing keys change. Pure.

Kept in the file of the keys itself, a JWK set: ``signs_from`` and ``gone_at`` of a key, in seconds since 1970. The key with
the latest ``signs_from`` that has come signs; a key is published until its ``gone_at``. So every instance of identity
changes over at the same moment, without being told.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Jwk = dict[str, Any]


class PlanError(ValueError):
    """What stands against it, and what to do."""


def keys_of(text: str) -> list[Jwk]:
    """The keys of a file that holds a JWK set, or one JWK. Raises PlanError."""
    try:
        document = json.loads(text)
    except ValueError:
        raise PlanError("the file is no JSON") from None
    if not isinstance(document, dict):
        raise PlanError("the file holds neither a JWK nor a JWK set")
    keys: list[Jwk] = document.get("keys", [document])
    if not keys or not all(isinstance(key, dict) and key.get("crv") == "Ed25519" and "d" in key for key in keys):
        raise PlanError("the file must hold private Ed25519 keys")
    return keys


def rotated(keys: Sequence[Jwk], new: Jwk, *, now: int, sign_in: int, keep: int) -> list[Jwk]:
    """Publish ``new`` now, sign with it in ``sign_in`` seconds; the others are published for ``keep`` seconds after that.

    Keys whose time is over are left out. Raises PlanError while an earlier change is under way.
    """
    if any(key.get("signs_from", 0) > now for key in keys):
        raise PlanError("the last new key does not sign yet; wait until it does (kontor keys show)")
    signs_from = now + sign_in
    staying = [key for key in keys if key.get("gone_at", signs_from) > now]
    leaving = [{**key, "gone_at": min(key.get("gone_at", signs_from + keep), signs_from + keep)} for key in staying]
    return [*leaving, {**new, "signs_from": signs_from}]


def replaced(new: Jwk, *, now: int) -> list[Jwk]:
    """For a key that somebody else has: nothing that it signed counts any more."""
    return [{**new, "signs_from": now}]


def state(key: Mapping[str, Any], keys: Sequence[Mapping[str, Any]], now: int) -> str:
    """What a key is for at this moment: ``signs``, ``published``, ``next`` or ``gone``."""
    if key.get("gone_at", now + 1) <= now:
        return "gone"
    if key.get("signs_from", 0) > now:
        return "next"
    ready = [each.get("signs_from", 0) for each in keys if now < each.get("gone_at", now + 1)]
    latest = max(at for at in ready if at <= now)
    return "signs" if key.get("signs_from", 0) == latest else "published"
