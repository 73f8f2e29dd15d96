"""A patient HTTP client: what a good caller of Kontor looks like.

A request that met a service that was away, or a 503, is sent again with the same Idempotency-Key. So a caller can be
sure that a thing happened once without knowing how often the request arrived.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import uuid4

import httpx2

T = TypeVar("T")

PATIENCE_SECONDS = 45.0
PAUSE_SECONDS = 0.1


class UnexpectedError(AssertionError):
    """Kontor answered something else than the step needs."""


class Api:
    """One service, called by one person (``token`` None: nobody signed in)."""

    def __init__(self, http: httpx2.AsyncClient, base: str, token: str | None = None) -> None:
        self._http = http
        self._base = base
        self._token = token

    def signed_in(self, token: str) -> "Api":
        return Api(self._http, self._base, token)

    async def get(self, path: str, **query: Any) -> Any:
        return (await self._ask("GET", path, 200, params=query or None)).json()

    async def post(self, path: str, body: Any = None, *, expect: int = 200) -> Any:
        answer = await self._ask("POST", path, expect, json=body or {})
        return answer.json() if answer.content else None

    async def put(self, path: str, body: Any, *, expect: int = 200) -> Any:
        answer = await self._ask("PUT", path, expect, json=body)
        return answer.json() if answer.content else None

    async def delete(self, path: str, *, expect: int = 200) -> Any:
        return (await self._ask("DELETE", path, expect)).json()

    async def post_csv(self, path: str, text: str) -> Any:
        headers = {"content-type": "text/csv; charset=utf-8"}
        return (await self._ask("POST", path, 200, content=text.encode(), headers=headers)).json()

    async def refused(self, method: str, path: str, body: Any, *, status: int, code: str) -> dict[str, Any]:
        """Ask for what must be refused; returns the problem (RFC 9457)."""
        answer = await self._ask(method, path, status, json=body)
        problem: dict[str, Any] = answer.json()
        if problem.get("code") != code:
            raise UnexpectedError(f"{method} {path}: refused with {problem.get('code')!r}, not {code!r}")
        return problem

    async def page(self, path: str) -> str:
        """An HTML page, as a browser's GET."""
        return (await self._ask("GET", path, 200, headers={"accept": "text/html"})).text

    async def submit(self, path: str, fields: dict[str, str]) -> str:
        """An HTML form, as a browser's POST."""
        return (await self._ask("POST", path, 200, data=fields)).text

    async def _ask(self, method: str, path: str, expect: int, **request: Any) -> httpx2.Response:
        headers = dict(request.pop("headers", {}))
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        if method == "POST":
            headers["idempotency-key"] = str(uuid4())
        url = path if path.startswith("http") else self._base + path
        answer = await self._send(method, url, headers, request)
        if answer.status_code != expect:
            raise UnexpectedError(f"{method} {path}: {answer.status_code}, not {expect}: {answer.text[:500]}")
        return answer

    async def _send(self, method: str, url: str, headers: dict[str, str], request: dict[str, Any]) -> httpx2.Response:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = await self._http.request(method, url, headers=headers, **request)
                if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > give_up:
                    return answer
            except httpx2.TransportError:
                if time.monotonic() > give_up:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)


async def until(
    look: Callable[[], Awaitable[T]], accept: Callable[[T], object], what: str, *, within: float = PATIENCE_SECONDS
) -> T:
    """Look until it is so: what follows from an event is there moments later. Raises UnexpectedError with the last look."""
    give_up = time.monotonic() + within
    while True:
        seen = await look()
        if accept(seen):
            return seen
        if time.monotonic() > give_up:
            raise UnexpectedError(f"{what} did not come to be; last seen: {seen!r}")
        await asyncio.sleep(PAUSE_SECONDS / 2)
