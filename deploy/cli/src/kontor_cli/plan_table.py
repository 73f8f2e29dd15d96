"""The plan of a file of keys, for people and for programs."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer
from joserfc.jwk import OKPKey

from kontor_cli.key_plan import Jwk
from kontor_cli.showing import print_json

WIDEST = len("published")
State = Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]], int], str]


def print_plan(keys: Sequence[Jwk], state: State, begins: str, *, as_json: bool) -> None:
    """``begins``: the member of a key that says from when on it is the one in use."""
    now = int(time.time())
    rows = [
        {
            "kid": key.get("kid") or _thumbprint(key),
            "state": state(key, keys, now),
            begins: _moment(key.get(begins)),
            "gone_at": _moment(key.get("gone_at")),
        }
        for key in keys
    ]
    if as_json:
        print_json({"keys": rows})
        return
    for row in rows:
        times = " ".join(f"{name} {row[name]}" for name in (begins, "gone_at") if row[name])
        typer.echo(f"{row['kid']}  {row['state']:<{WIDEST}}  {times}".rstrip())


def _thumbprint(key: Jwk) -> str:
    return OKPKey.import_key({"kty": "OKP", "crv": key["crv"], "x": key["x"]}).thumbprint()


def _moment(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
