"""``kontor keys sealing``: the keys that seal links for notifications, and second factors for identity. Works on files.

Exit codes: 0 done · 1 it cannot be done now · 2 wrong usage.
"""

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from joserfc.jwk import OKPKey

from kontor_cli.key_files import refuse, write_keys
from kontor_cli.key_plan import Jwk, PlanError
from kontor_cli.plan_table import print_plan
from kontor_cli.sealing_plan import keys_of, public, rotated, state

app = typer.Typer(help="Sealing keys: show, rotate.", no_args_is_help=True)

SEAL_IN = 15 * 60
"""Seconds: longer than a changed secret takes to reach the pods (about 2 minutes)."""
KEEP_DAYS = 60
"""Longer than a mail can be on its way: 14 days in a topic, 30 in a topic of dead letters, and its retries."""

PrivateFile = Annotated[
    Path, typer.Option("--file", help="The file of the private keys.", exists=True, dir_okay=False, show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")]


@app.command()
def show(
    file: Annotated[
        Path, typer.Option("--file", help="A file of private or public keys.", exists=True, dir_okay=False)
    ],
    json: AsJson = False,
) -> None:
    """The keys, and what each is for now. Never their secret halves."""
    print_plan(_read(file, private=False), state, "seals_from", as_json=json)


@app.command()
def rotate(
    file: PrivateFile,
    *,
    public_file: Annotated[
        Path | None,
        typer.Option("--public-file", help="The file of the public keys, for the services that seal.", dir_okay=False),
    ] = None,
    seal_in: Annotated[int, typer.Option(min=0, help="Seconds until the new key seals.")] = SEAL_IN,
    keep_days: Annotated[int, typer.Option(min=1, help="Days for which the old ones open after that.")] = KEEP_DAYS,
    keep_all: Annotated[
        bool,
        typer.Option(
            "--keep-all", help="Never take old keys out. For identity's factor key: what it sealed stays stored."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Add a key: it opens now and seals later, while the old ones still open what is on its way."""
    keys, now = _read(file, private=True), int(time.time())
    keep = None if keep_all else int(timedelta(days=keep_days).total_seconds())
    try:
        planned = rotated(keys, _new_key(), now=now, seal_in=seal_in, keep=keep)
    except PlanError as error:
        refuse(str(error))
    # The private keys first: nothing may be sealed that cannot be opened.
    write_keys(file, planned)
    if public_file is not None:
        if not public_file.exists():
            public_file.touch(mode=0o600)
        write_keys(public_file, public(planned))
    print_plan(planned, state, "seals_from", as_json=json)


def _new_key() -> Jwk:
    key = OKPKey.generate_key("X25519", {"use": "enc"}, auto_kid=True)
    return dict(key.as_dict(private=True))


def _read(file: Path, *, private: bool) -> list[Jwk]:
    try:
        return keys_of(file.read_text(), private=private)
    except (PlanError, OSError) as error:
        refuse(f"{file}: {error}")
