"""What every request passes first and last: correlation, body limit, one log line, one observation, and 500 for a bug."""

import re
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.aggregate.model import derived_id
from chassis.http.problems import problem
from chassis.observability import context as about
from chassis.observability.metrics import Metrics

log = structlog.get_logger("chassis.http.app")

CORRELATION = re.compile(r"[A-Za-z0-9:._-]{1,128}")
MAX_BODY = 1024 * 1024
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
UNLOGGED = {"/livez", "/readyz", "/metrics"}

Headers = Mapping[bytes, bytes]
Shortcut = Callable[[Headers, bytes], bytes | None]
"""From the headers and the query string of a GET, or the body of a POST: the JSON body of its 200, or None.

For a route that is asked more often than all others. None leaves the request to the route itself, which alone says no,
waits for anything and is documented; so the two may differ in nothing but the time they take. Its answers are counted as
the route's, and not logged.
"""
Shortcuts = Mapping[tuple[str, str], Shortcut]
"""By method and path."""


class Short:
    """The shortcuts of a service, and what belongs to each answer of theirs: its correlation id, and that it is counted."""

    def __init__(self, shortcuts: Shortcuts, metrics: Metrics) -> None:
        self._shortcuts = shortcuts
        self._metrics = metrics

    def covers(self, method: str, path: str) -> bool:
        return (method, path) in self._shortcuts

    def answer(
        self, method: str, path: str, raw: Sequence[tuple[bytes, bytes]], given: bytes
    ) -> tuple[list[tuple[bytes, bytes]], bytes] | None:
        """Headers and body; None: the long way."""
        started = time.perf_counter()
        headers = dict(raw)
        # A page's request needs the headers of CORS as well; and of two headers of one name the first counts elsewhere.
        if b"origin" in headers or len(headers) < len(raw):
            return None
        try:
            body = self._shortcuts[method, path](headers, given)
        except Exception:
            log.exception("a shortcut failed")
            return None
        if body is None:
            return None
        self._metrics.request_done(method, path, 200, time.perf_counter() - started)
        return _json(body, _correlation(headers)), body


class RequestMiddleware:
    """Around everything else, so that the answer to a bug has its correlation id, and the log of it has it too.

    The path is logged as its route, never as it came: links carry tokens.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, short: Short) -> None:
        self._app = app
        self._metrics = metrics
        self._short = short

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        receive = _limited(headers, receive)
        if self._short.covers(scope["method"], scope["path"]) and _announced(headers) <= MAX_BODY:
            given = scope["query_string"]
            if scope["method"] == "POST":
                given, receive = await _read(receive)
            if (answer := self._short.answer(scope["method"], scope["path"], scope["headers"], given)) is not None:
                await send({"type": "http.response.start", "status": 200, "headers": answer[0]})
                await send({"type": "http.response.body", "body": answer[1]})
                return
        correlation = _correlation(headers)
        scope.setdefault("state", {})["correlation_id"] = correlation
        status = 0

        async def respond(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-correlation-id", correlation.encode())]
            await send(message)

        # Not taken back: the server runs each request in a context of its own.
        about.request(correlation)
        try:
            await self._app(scope, receive, respond)
        except Exception:
            log.exception("unexpected error")
            if status:
                raise
            bug = problem(Request(scope), 500, "internal", "an error on our side; quote the correlation id")
            await bug(scope, receive, respond)
        finally:
            self._observe(scope, status or 500, time.perf_counter() - started)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._metrics.request_done(method, route, status, seconds)
        if route not in UNLOGGED:
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 2))


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body, and what gives it once more. Empty where it does not come as a whole."""
    first = await receive()

    async def again() -> Message:
        nonlocal first
        message, first = first, {}
        return message or await receive()

    return b"" if first.get("more_body") else first.get("body", b""), again


def _announced(headers: Headers) -> int:
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


def _json(body: bytes, correlation: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"application/json"),
        (b"x-correlation-id", correlation.encode()),
    ]


def _correlation(headers: Headers) -> str:
    given = headers.get(b"x-correlation-id", b"").decode("latin-1")
    return given if CORRELATION.fullmatch(given) else derived_id(str(time.time_ns()), str(id(headers)))


def _limited(headers: Headers, receive: Receive) -> Receive:
    """Refuses a body by its Content-Length before any of it is read, and one without as soon as too much has come."""
    announced = _announced(headers)
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = {} if announced > MAX_BODY else await receive()
        seen += len(message.get("body", b""))
        if max(announced, seen) > MAX_BODY:
            raise HTTPException(413, f"a body may have {MAX_BODY} bytes")
        return message

    return counted
