"""The plan by which sealing keys change. Pure.

Kept in the files of the keys, JWK sets: ``seals_from`` and ``gone_at`` of a key, in seconds since 1970. The key with the latest
``seals_from`` that has come seals. A private key opens what was sealed for it for as long as it is in the file; a rotation
after its ``gone_at`` takes it out.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kontor_cli.key_plan import Jwk, PlanError

State = Literal["seals", "next", "opens", "gone"]


def keys_of(text: str, *, private: bool) -> list[Jwk]:
    """The keys of a file that holds a JWK set, or one JWK. Raises PlanError."""
    try:
        document = json.loads(text)
    except ValueError:
        raise PlanError("the file is no JSON") from None
    if not isinstance(document, dict):
        raise PlanError("the file holds neither a JWK nor a JWK set")
    keys: list[Jwk] = document.get("keys", [document])
    if not keys or not all(isinstance(key, dict) and key.get("crv") == "X25519" for key in keys):
        raise PlanError("the file must hold X25519 keys")
    if private and not all("d" in key for key in keys):
        raise PlanError("the file must hold private keys; the public ones follow from them")
    if not all("kid" in key for key in keys):
        raise PlanError("a key in the file has no kid; add its RFC 7638 thumbprint as kid")
    return keys


def rotated(keys: Sequence[Jwk], new: Jwk, *, now: int, seal_in: int, keep: int | None) -> list[Jwk]:
    """Seal with ``new`` in ``seal_in`` seconds; the others open for ``keep`` seconds after that. None: for ever.

    Keys whose time is over are left out. Raises PlanError while an earlier change is under way.
    """
    if any(key.get("seals_from", 0) > now for key in keys):
        raise PlanError("the last new key does not seal yet; wait until it does (kontor keys sealing show)")
    seals_from = now + seal_in
    staying = [key for key in keys if key.get("gone_at", now + 1) > now]
    if keep is not None:
        staying = [{**key, "gone_at": min(key.get("gone_at", seals_from + keep), seals_from + keep)} for key in staying]
    return [*staying, {**new, "seals_from": seals_from}]


def public(keys: Sequence[Jwk]) -> list[Jwk]:
    """What the services get that only seal: no secret halves."""
    return [{name: value for name, value in key.items() if name != "d"} for key in keys]


def state(key: Mapping[str, Any], keys: Sequence[Mapping[str, Any]], now: int) -> State:
    if key.get("gone_at", now + 1) <= now:
        return "gone"
    if key.get("seals_from", 0) > now:
        return "next"
    latest = max(at for each in keys if (at := each.get("seals_from", 0)) <= now)
    return "seals" if key.get("seals_from", 0) == latest else "opens"
