"""``kontor keys``: the keys that identity signs access tokens with. Works on their file; no server is asked.

Exit codes: 0 done · 1 it cannot be done now · 2 wrong usage.
"""

import json as json_module
import os
import secrets
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from joserfc.jwk import OKPKey

from kontor_cli.key_plan import Jwk, PlanError, keys_of, replaced, rotated, state
from kontor_cli.showing import print_json

app = typer.Typer(help="Signing keys: show, rotate.", no_args_is_help=True)

SIGN_IN = 15 * 60
"""Seconds: longer than services take their copy of the published keys for current (5 minutes) and than a changed secret
takes to reach the pods (about 2)."""
KEEP = 65 * 60
"""Seconds: longer than any access token lives (an hour at most)."""

KeyFile = Annotated[
    Path,
    typer.Option("--file", envvar="KONTOR_SIGNING_KEY_FILE", help="The file of the keys.", exists=True, dir_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")]


@app.command()
def show(file: KeyFile, json: AsJson = False) -> None:
    """The keys, and what each is for now. Never their secret halves."""
    _print(_read(file), as_json=json)


@app.command()
def rotate(
    file: KeyFile,
    *,
    sign_in: Annotated[int, typer.Option(min=1, help="Seconds until the new key signs.")] = SIGN_IN,
    keep: Annotated[int, typer.Option(min=1, help="Seconds for which the old ones stay published after that.")] = KEEP,
    compromised: Annotated[
        bool,
        typer.Option(
            "--compromised",
            help="Somebody has the present key: what it signed is void as soon as services look again, in minutes.",
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Add a key: published now, signing later, while the old ones stay until their tokens have expired."""
    keys, new, now = _read(file), _new_key(), int(time.time())
    try:
        planned = replaced(new, now=now) if compromised else rotated(keys, new, now=now, sign_in=sign_in, keep=keep)
    except PlanError as error:
        _fail(str(error))
    _write(file, planned)
    _print(planned, as_json=json)


def _new_key() -> Jwk:
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    return dict(key.as_dict(private=True))


def _read(file: Path) -> list[Jwk]:
    try:
        return keys_of(file.read_text())
    except (PlanError, OSError) as error:
        _fail(f"{file}: {error}")


def _write(file: Path, keys: list[Jwk]) -> None:
    """Complete or not at all: identity may read it at any moment."""
    place = file.resolve()
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        mode = stat.S_IMODE(place.stat().st_mode)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
            secret.write(json_module.dumps({"keys": keys}, indent=2) + "\n")
            secret.flush()
            os.fsync(secret.fileno())
        draft.chmod(mode)
        draft.replace(place)
    except OSError as error:
        draft.unlink(missing_ok=True)
        _fail(f"{file}: {error}")


def _print(keys: list[Jwk], *, as_json: bool) -> None:
    now = int(time.time())
    rows = [
        {
            "kid": OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": key["x"]}).thumbprint()
            if "kid" not in key
            else key["kid"],
            "state": state(key, keys, now),
            "signs_from": _moment(key.get("signs_from")),
            "gone_at": _moment(key.get("gone_at")),
        }
        for key in keys
    ]
    if as_json:
        print_json({"keys": rows})
        return
    for row in rows:
        times = " ".join(f"{name} {row[name]}" for name in ("signs_from", "gone_at") if row[name])
        typer.echo(f"{row['kid']}  {row['state']:<9}  {times}".rstrip())


def _moment(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(1)
