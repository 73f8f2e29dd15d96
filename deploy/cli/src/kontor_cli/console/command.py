"""``kontor console``: serve the console until Ctrl-C.

Exit codes: 0 ended · 2 wrong usage.
"""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from kontor_cli.connection import Connection, fail
from kontor_cli.console.app import application
from kontor_cli.console.openid import Client, OpenId
from kontor_cli.console.sign_in import Doors, TokensError, read_tokens

USAGE = 2


def console(
    context: typer.Context,
    *,
    tokens_file: Annotated[
        Path | None,
        typer.Option(
            envvar="KONTOR_CONSOLE_TOKENS_FILE", help="One a line: name, look or act, token of 20 characters or more."
        ),
    ] = None,
    issuer: Annotated[
        str, typer.Option(envvar="KONTOR_CONSOLE_ISSUER", help="Let people sign in there: identity's public URL.")
    ] = "",
    client_id: Annotated[
        str, typer.Option(envvar="KONTOR_CONSOLE_CLIENT_ID", help="The console's name at the issuer.")
    ] = "console",
    client_secret_file: Annotated[
        Path | None, typer.Option(envvar="KONTOR_CONSOLE_CLIENT_SECRET_FILE", help="Where it has a secret there.")
    ] = None,
    public_url: Annotated[
        str,
        typer.Option(
            envvar="KONTOR_CONSOLE_PUBLIC_URL", help="The console as browsers reach it; http://HOST:PORT unless given."
        ),
    ] = "",
    host: Annotated[str, typer.Option(envvar="KONTOR_CONSOLE_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="KONTOR_CONSOLE_PORT", min=1, max=65535)] = 8090,
) -> None:
    """Serve the console: topics and groups live, dead letters with replay, the story of a correlation id."""
    connection: Connection = context.obj
    if not connection.bootstrap:
        raise typer.BadParameter("say where the broker is: kontor --bootstrap host:port console …", context)
    if tokens_file is None and not issuer:
        raise typer.BadParameter("say how people sign in: --issuer URL, --tokens-file FILE, or both", context)
    try:
        tokens = read_tokens(tokens_file) if tokens_file is not None else []
    except (OSError, TokensError) as error:
        fail(f"--tokens-file (KONTOR_CONSOLE_TOKENS_FILE): {error}", USAGE)
    address = public_url or f"http://{host}:{port}"
    openid = OpenId(Client(issuer, address, client_id, client_secret_file)) if issuer else None
    uvicorn.run(
        application(connection, Doors(tokens, secure=address.startswith("https:")), openid),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        # Open event streams end with the browsers; nobody waits for them at the end.
        timeout_graceful_shutdown=1,
    )
