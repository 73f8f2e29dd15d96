"""``kontor console``: serve the console until Ctrl-C.

Exit codes: 0 ended · 2 wrong usage.
"""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from kontor_cli.connection import Connection, fail
from kontor_cli.console.app import application
from kontor_cli.console.sign_in import Doors, TokensError, read_tokens

USAGE = 2


def console(
    context: typer.Context,
    tokens_file: Annotated[
        Path,
        typer.Option(
            envvar="KONTOR_CONSOLE_TOKENS_FILE", help="One a line: name, look or act, token of 20 characters or more."
        ),
    ],
    host: Annotated[str, typer.Option(envvar="KONTOR_CONSOLE_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="KONTOR_CONSOLE_PORT", min=1, max=65535)] = 8090,
) -> None:
    """Serve the console: topics and groups live, dead letters with replay, the story of a correlation id."""
    connection: Connection = context.obj
    if not connection.bootstrap:
        raise typer.BadParameter("say where the broker is: kontor --bootstrap host:port console …", context)
    try:
        doors = Doors(read_tokens(tokens_file))
    except (OSError, TokensError) as error:
        fail(f"--tokens-file (KONTOR_CONSOLE_TOKENS_FILE): {error}", USAGE)
    uvicorn.run(
        application(connection, doors),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        # Open event streams end with the browsers; nobody waits for them at the end.
        timeout_graceful_shutdown=1,
    )
