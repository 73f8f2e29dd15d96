"""``kontor keys secret``: a file of secrets, one a line, such as the link secret and the one of keyed hashes.

The first line is used, the others still count. So a secret changes in three steps. Each must have reached every pod
(about 2 minutes for a mounted secret) before the next: `add`, `use`, and `drop` once nothing made with the old one matters.

Exit codes: 0 done · 1 it cannot be done now · 2 wrong usage.
"""

import hashlib
import secrets
from pathlib import Path
from typing import Annotated

import typer

from kontor_cli.key_files import refuse, write_text
from kontor_cli.showing import print_json

app = typer.Typer(help="Secrets of one a line: show, add, use, drop.", no_args_is_help=True)

BYTES = 32
File = Annotated[
    Path, typer.Option("--file", help="The file of the secrets.", exists=True, dir_okay=False, show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")]


@app.command()
def show(file: File, json: AsJson = False) -> None:
    """The secrets by their fingerprints, the one in use first."""
    _print(_read(file), as_json=json)


@app.command()
def add(file: File, json: AsJson = False) -> None:
    """Add a new secret as the last: it counts, and is not used yet."""
    _write(file, [*_read(file), secrets.token_urlsafe(BYTES)], as_json=json)


@app.command()
def use(file: File, json: AsJson = False) -> None:
    """Use the last secret from now on; the others still count."""
    found = _read(file)
    if len(found) == 1:
        refuse(f"{file} holds one secret, which is used already; add another first (kontor keys secret add)")
    _write(file, [found[-1], *found[:-1]], as_json=json)


@app.command()
def drop(
    file: File,
    fingerprint: Annotated[str, typer.Argument(help="As `show` prints it.")],
    json: AsJson = False,
) -> None:
    """Take a secret out: what was made with it counts no more, for the link secret every link mailed with it."""
    found = _read(file)
    staying = [one for one in found if _fingerprint(one) != fingerprint]
    if len(staying) == len(found):
        refuse(f"{file} holds no secret with the fingerprint {fingerprint} (kontor keys secret show)")
    if staying[:1] != found[:1]:
        refuse(f"{fingerprint} is in use; use another first (kontor keys secret use)")
    _write(file, staying, as_json=json)


def _read(file: Path) -> list[str]:
    try:
        found = [line.strip() for line in file.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{file}: {error}")
    if not found:
        refuse(f"{file} holds no secret")
    return found


def _write(file: Path, found: list[str], *, as_json: bool) -> None:
    write_text(file, "\n".join(found) + "\n")
    _print(found, as_json=as_json)


def _print(found: list[str], *, as_json: bool) -> None:
    rows = [
        {"fingerprint": _fingerprint(one), "state": "counts" if place else "used"} for place, one in enumerate(found)
    ]
    if as_json:
        print_json({"secrets": rows})
        return
    for row in rows:
        typer.echo(f"{row['fingerprint']}  {row['state']}")


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
