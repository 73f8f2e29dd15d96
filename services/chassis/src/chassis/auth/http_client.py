"""Requests to other servers over HTTP: an answer, or word that there was none."""

from typing import Any

import httpx2

from chassis.errors import UnavailableError


async def ask(
    method: str, url: str, *, timeout: float, transport: httpx2.AsyncBaseTransport | None = None, **request: Any
) -> httpx2.Response:
    """One request, without redirects, on a connection of its own. ``timeout`` in seconds, of each of its steps.

    Raises UnavailableError, with the kind of the error as its text, where there is no answer.
    """
    try:
        async with httpx2.AsyncClient(timeout=timeout, transport=transport) as client:
            return await client.request(method, url, **request)
    except Exception as error:
        # Not only httpx2.HTTPError: where the other side hangs up while we connect, anyio under uvloop asks a socket
        # that is gone for its peer, and AttributeError comes out.
        raise UnavailableError(type(error).__name__) from error
