"""Access tokens for a broker that takes OAUTHBEARER (RFC 7628): from a file, or by client credentials (RFC 6749, 4.4)."""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import SaslAuthenticationFailed

from chassis.errors import UnavailableError

ASK_SECONDS = 5.0
BEFORE_ITS_END = 30.0
"""Seconds: a token that lives no longer than this is not used for another connection."""
SHORTEST = 60.0
"""Seconds that a token is taken to live where the answer does not say it."""


class TokenFile(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """The token is what the file holds when a connection is made. Another program keeps it fresh."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def token(self) -> str:
        return self._file.read_text().strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who asks for tokens, and where."""

    url: str
    client_id: str
    secret_file: Path
    scope: str | None = None
    ca_file: Path | None = None


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Asks the token endpoint, and keeps the token for the connections of its lifetime. The secret is read each time."""

    def __init__(
        self,
        client: Client,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._transport = transport
        self._clock = clock
        self._token, self._until = "", 0.0
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """Raises SaslAuthenticationFailed where we are refused, UnavailableError where nobody answers."""
        async with self._lock:
            if self._clock() >= self._until:
                self._token, lifetime = await self._new()
                self._until = self._clock() + max(lifetime - BEFORE_ITS_END, 0.0)
            return self._token

    async def _new(self) -> tuple[str, float]:
        client = self._client
        form = {"grant_type": "client_credentials", **({"scope": client.scope} if client.scope else {})}
        credentials = (client.client_id, client.secret_file.read_text().strip())
        verify = ssl.create_default_context(cafile=client.ca_file)
        try:
            async with httpx2.AsyncClient(timeout=ASK_SECONDS, transport=self._transport, verify=verify) as http:
                answer = await http.post(client.url, data=form, auth=credentials)
        except httpx2.HTTPError as error:
            raise UnavailableError(f"{client.url}: {type(error).__name__}") from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise UnavailableError(f"{client.url} answers {answer.status_code}")
        found = _object(answer)
        token, lifetime = found.get("access_token"), found.get("expires_in", SHORTEST)
        if answer.status_code != HTTPStatus.OK or not isinstance(token, str):
            raise SaslAuthenticationFailed(
                f"{client.url} answers {answer.status_code}: {found.get('error', 'no token')}"
            )
        return token, float(lifetime)


def _object(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
