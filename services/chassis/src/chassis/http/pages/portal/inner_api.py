"""The API of a service, called by its own pages in the same process.

A page has no rights and no rules of its own: it asks what a program would ask, with the access token of the person, and gets
the same answer or the same problem. No connection is made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

Query = Mapping[str, str | Sequence[str]]
OK = 400
OF_THE_BROWSER = (b"user-agent", b"x-forwarded-for", b"x-forwarded-proto", b"host")


class ApiProblemError(Exception):
    """The API refused. ``problem``: its problem+json, in the language of the page."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code: str = problem.get("code", "")
        self.detail: str = problem.get("detail", "")
        self.errors: dict[str, str] = {}
        for fault in problem.get("errors", ()):
            self.errors.setdefault(fault["field"], fault["message"])
        super().__init__(f"{status} {self.code}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    path: str
    query: Query | None = None
    body: bytes = b""
    content_type: str = ""
    key: str = ""
    revision: str = ""
    """Of what the page has shown, for If-Match; empty: whatever has changed since."""


class InnerApi:
    """The API as the person behind ``token`` has it."""

    def __init__(self, request: Request, token: str, language: str) -> None:
        self._request = request
        self._token = token
        self._language = language

    async def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON. Query parameters without a value are left out. Raises ApiProblemError."""
        given = {name: str(value) for name, value in query.items() if value not in {None, ""}}
        return (await self.call(Call(method="GET", path=path, query=given)))[1]

    async def send(self, method: str, path: str, body: Any = None, *, key: str = "", revision: str = "") -> Any:
        """Change something. ``key``: the Idempotency-Key. ``revision``: what was read. Raises ApiProblemError."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = "" if body is None else "application/json"
        call = Call(method=method, path=path, body=content, content_type=kind, key=key, revision=revision)
        return (await self.call(call))[1]

    async def call(self, call: Call) -> tuple[int, Any]:
        """Status and JSON of the answer; None where it has no body. Raises ApiProblemError."""
        status, chunks = 500, list[bytes]()

        async def keep(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                chunks.append(message.get("body", b""))

        await self._request.app(self._scope(call), _body_of(call), keep)
        answer = json.loads(b"".join(chunks)) if any(chunks) else None
        if status >= OK:
            raise ApiProblemError(status, answer or {})
        return status, answer

    def passed_on(self, path: str, query: Query) -> Response:
        """The answer of the API itself, as it comes: for files."""
        return _PassedOn(self._request, self._scope(Call(method="GET", path=path, query=query)))

    def _scope(self, call: Call) -> Scope:
        outer = self._request.scope
        headers = [(name, value) for name, value in outer["headers"] if name in OF_THE_BROWSER]
        headers += [
            (b"authorization", f"Bearer {self._token}".encode()),
            (b"accept-language", self._language.encode()),
            (b"x-correlation-id", self._request.state.correlation_id.encode()),
            (b"content-length", str(len(call.body)).encode()),
        ]
        if call.content_type:
            headers.append((b"content-type", call.content_type.encode()))
        if call.key:
            headers.append((b"idempotency-key", call.key.encode()))
        if call.revision:
            headers.append((b"if-match", f'"{call.revision}"'.encode()))
        kept = {name: outer[name] for name in ("asgi", "http_version", "scheme", "client", "server") if name in outer}
        return {
            **kept,
            "type": "http",
            "method": call.method,
            "path": call.path,
            "raw_path": quote(call.path).encode(),
            "query_string": urlencode(call.query or {}, doseq=True).encode(),
            "root_path": "",
            "headers": headers,
            "state": {},
        }


class _PassedOn(Response):
    def __init__(self, request: Request, inner: Scope) -> None:
        super().__init__()
        self._request = request
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  no headers of our own
        await self._request.app(self._inner, receive, send)


def _body_of(call: Call) -> Receive:
    left = [call.body]

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    return receive
