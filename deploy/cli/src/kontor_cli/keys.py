"""``kontor keys``: the keys that identity signs access tokens with. Works on their file; no server is asked.

``kontor keys sealing`` and ``kontor keys secret`` do the same for the other secrets.

Exit codes: 0 done · 1 it cannot be done now · 2 wrong usage.
"""

import time
from pathlib import Path
from typing import Annotated

import typer
from joserfc.jwk import OKPKey

from kontor_cli import line_secrets, sealing_keys
from kontor_cli.key_files import refuse, write_keys
from kontor_cli.key_plan import Jwk, PlanError, keys_of, replaced, rotated, state
from kontor_cli.plan_table import print_plan

app = typer.Typer(
    help="Signing keys: show, rotate. Sealing keys and other secrets have commands below.", no_args_is_help=True
)
app.add_typer(sealing_keys.app, name="sealing")
app.add_typer(line_secrets.app, name="secret")

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
    print_plan(_read(file), state, "signs_from", as_json=json)


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
        refuse(str(error))
    write_keys(file, planned)
    print_plan(planned, state, "signs_from", as_json=json)


def _new_key() -> Jwk:
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    return dict(key.as_dict(private=True))


def _read(file: Path) -> list[Jwk]:
    try:
        return keys_of(file.read_text())
    except (PlanError, OSError) as error:
        refuse(f"{file}: {error}")
