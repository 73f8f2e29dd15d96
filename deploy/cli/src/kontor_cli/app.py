"""The command line."""

import logging
from pathlib import Path
from typing import Annotated, Literal

import typer

from kontor_cli import config, dlq, indexes, keys, mails, topics
from kontor_cli.bundle.command import support_bundle
from kontor_cli.connection import Connection
from kontor_cli.console.command import console
from kontor_cli.doctor import doctor
from kontor_cli.outbox import outbox
from kontor_cli.republish import republish
from kontor_cli.story import story

app = typer.Typer(
    help="Kontor's operators' command line. Options of the connection come before the command.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(dlq.app, name="dlq")
app.add_typer(keys.app, name="keys")
app.add_typer(config.app, name="config")
app.add_typer(topics.app, name="topics")
app.add_typer(indexes.app, name="indexes")
app.add_typer(mails.app, name="mails")
app.command("console")(console)
app.command("doctor")(doctor)
app.command("outbox")(outbox)
app.command("republish")(republish)
app.command("story")(story)
app.command("support-bundle")(support_bundle)


@app.callback()
def connect(
    context: typer.Context,
    *,
    bootstrap: Annotated[
        str, typer.Option(envvar="KONTOR_KAFKA_BOOTSTRAP", help="host:port, several by comma; dlq and topics need it")
    ] = "",
    prefix: Annotated[
        str, typer.Option(envvar="KONTOR_TOPIC_PREFIX", help="What the names of topics and groups begin with.")
    ] = "",
    security: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], typer.Option(envvar="KONTOR_KAFKA_SECURITY")
    ] = "PLAINTEXT",
    username: Annotated[str | None, typer.Option(envvar="KONTOR_KAFKA_USERNAME", help="for SCRAM and PLAIN")] = None,
    password_file: Annotated[Path | None, typer.Option(envvar="KONTOR_KAFKA_PASSWORD_FILE")] = None,
    ca_file: Annotated[Path | None, typer.Option(envvar="KONTOR_KAFKA_CA_FILE")] = None,
    mechanism: Annotated[
        Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"], typer.Option(envvar="KONTOR_KAFKA_MECHANISM")
    ] = "SCRAM-SHA-512",
    token_file: Annotated[Path | None, typer.Option(envvar="KONTOR_KAFKA_TOKEN_FILE", help="for OAUTHBEARER")] = None,
    certificate_file: Annotated[
        Path | None, typer.Option(envvar="KONTOR_KAFKA_CERTIFICATE_FILE", help="our own, for mutual TLS")
    ] = None,
    key_file: Annotated[Path | None, typer.Option(envvar="KONTOR_KAFKA_KEY_FILE")] = None,
) -> None:
    # What the client has to say about a broker that is away, we say ourselves.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # noqa: TID251  there is no structlog here
    context.obj = Connection(
        bootstrap,
        prefix,
        security,
        username=username,
        password_file=password_file,
        ca_file=ca_file,
        mechanism=mechanism,
        token_file=token_file,
        certificate_file=certificate_file,
        key_file=key_file,
    )
