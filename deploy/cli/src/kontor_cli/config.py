"""``kontor config check``: whether the variables around us are settings of a service.

Exit codes: 0 all is right · 2 something is wrong, or wrong usage · 4 the service is not installed beside this command.
"""

import sys
from importlib.util import find_spec
from os import execv
from typing import Annotated

import typer

from kontor_cli.connection import fail
from kontor_contracts.topics import SERVICES

app = typer.Typer(help="Settings: check.", no_args_is_help=True)

NOT_HERE = 4


@app.command()
def check(service: Annotated[str, typer.Argument(help=f"Whose settings: {', '.join(SERVICES)}.")]) -> None:
    """Print each setting with its value (secrets hidden), or a line for each fault. A star marks what is not the default.

    The service itself judges, so it must be installed here; in its image, `python -m SERVICE check` does the same.
    """
    if service not in SERVICES:
        raise typer.BadParameter(f"there is no service {service}; there are: {', '.join(SERVICES)}")
    if find_spec(service) is None:
        fail(f"{service} is not installed here; run `python -m {service} check` in its image", NOT_HERE)
    sys.stdout.flush()
    execv(sys.executable, [sys.executable, "-m", service, "check"])  # noqa: S606  the service's own exit code is ours
