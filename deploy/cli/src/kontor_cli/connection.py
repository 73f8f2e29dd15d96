"""Where the broker is and how it is spoken to: the same variables that the services read."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.abc import AbstractTokenProvider
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)

LARGEST = 4 * 1024 * 1024
"""Bytes: twice what a dead-letter topic takes."""
REFUSED = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
    AuthenticationFailedError,
    SaslAuthenticationFailed,
)


def fail(text: str, code: int) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(code)


class TokenFile(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """The token is what the file holds when a connection is made."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def token(self) -> str:
        return self._file.read_text().strip()


@dataclass(frozen=True, slots=True)
class Connection:
    """``prefix`` is what the names of all topics and groups begin with."""

    bootstrap: str
    prefix: str
    security: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    mechanism: str = "SCRAM-SHA-512"
    token_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """What aiokafka's clients need. Raises ValueError, OSError."""
        options: dict[str, Any] = {"bootstrap_servers": self.bootstrap, "security_protocol": self.security}
        if self.security.endswith("SSL"):
            options["ssl_context"] = ssl.create_default_context(cafile=self.ca_file)
            if self.certificate_file is not None:
                options["ssl_context"].load_cert_chain(self.certificate_file, self.key_file)
        if self.security.startswith("SASL"):
            options |= {"sasl_mechanism": self.mechanism} | self._credentials()
        return options

    def _credentials(self) -> dict[str, Any]:
        if self.mechanism == "OAUTHBEARER":
            if self.token_file is None:
                raise ValueError("with OAUTHBEARER, give --token-file")
            return {"sasl_oauth_token_provider": TokenFile(self.token_file)}
        if self.username is None or self.password_file is None:
            raise ValueError("with SASL, give --username and --password-file")
        return {
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password_file.read_text().strip(),
        }

    def dead_letters(self, group: str) -> str:
        return f"{self.prefix}{group}.dlq"

    def replays(self, group: str) -> str:
        return f"{self.prefix}{group}.replay"

    @asynccontextmanager
    async def consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        """Of no group: it commits nothing and takes no partition from anybody."""
        consumer = AIOKafkaConsumer(
            **self.options(), enable_auto_commit=False, max_partition_fetch_bytes=LARGEST, fetch_max_wait_ms=100
        )
        try:
            await consumer.start()
            yield consumer
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self.options())
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(**self.options(), acks="all", enable_idempotence=True, max_request_size=LARGEST)
        try:
            await producer.start()
            yield producer
        finally:
            await producer.stop()
