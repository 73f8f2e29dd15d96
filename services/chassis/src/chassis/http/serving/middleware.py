"""What every request passes first and last: correlation, body limit, one log line, one observation, and 500 for a bug."""

import asyncio
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import tracing
from chassis.aggregate.model import derived_id
from chassis.http.plain_routes import PlainRoute
from chassis.http.problems import problem, try_again
from chassis.http.serving.networks import network_of
from chassis.observability import context as about
from chassis.observability.metrics import Metrics

if TYPE_CHECKING:
    from chassis.tracing.spans import Span

log = structlog.get_logger("chassis.http.app")

CORRELATION = re.compile(r"[A-Za-z0-9:._-]{1,128}")
MAX_BODY = 1024 * 1024
MOST_DISCARDED = 32 * MAX_BODY
"""Of a body that is refused. Most clients read no answer before all is sent, and closing on them destroys the answer."""
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

Headers = Mapping[bytes, bytes]


class RequestMiddleware:
    """Around everything else, so that the answer to a bug has its correlation id, and the log of it has it too.

    The path is logged as its route, never as it came: links carry tokens. What a plain route answered with 200 is counted
    and not logged: a line takes as long as such an answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        body_seconds: float,
        large_bodies: Sequence[tuple[re.Pattern[str], int]] = (),
    ) -> None:
        """``body_seconds`` for a body of ``MAX_BODY``; a larger one has as much more time."""
        self._app = app
        self._metrics = metrics
        self._body_seconds = body_seconds
        self._large_bodies = large_bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        if scope["method"] == "HEAD":
            # As GET, without its body, which the server leaves out (RFC 9110, 9.3.2): mail gateways try links with it.
            scope = {**scope, "method": "GET"}
        headers = dict(scope["headers"])
        most = next((most for paths, most in self._large_bodies if paths.fullmatch(scope["path"])), MAX_BODY)
        body = _Body(headers, receive, self._body_seconds * max(1, most / MAX_BODY), most)
        correlation = _correlation(headers)
        scope.setdefault("state", {})["correlation_id"] = correlation
        status = 0

        async def respond(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", ())
                own = [(b"x-correlation-id", correlation.encode()), *_protecting(given)]
                if not body.complete and not await body.discard() and (b"connection", b"close") not in given:
                    own.append((b"connection", b"close"))
                message["headers"] = [*given, *own]
            await send(message)

        # Not taken back: the server runs each request in a context of its own.
        about.request(correlation, partial(network_of, scope))
        with tracing.request(_method(scope), headers.get(b"traceparent", b"").decode("latin-1")) as span:
            try:
                await self._app(scope, body.receive, respond)
            except asyncio.CancelledError:
                # The server ends and has waited long enough. Another process finds out what became of the command.
                if not status:
                    log.warning("request_cut_off")
                    await try_again(Request(scope))(scope, body.receive, respond)
                raise
            except Exception:
                log.exception("request_failed")
                if status:
                    raise
                bug = problem(Request(scope), 500, "internal", "an error on our side; quote the correlation id")
                await bug(scope, body.receive, respond)
            finally:
                self._observe(scope, status or 500, time.perf_counter() - started, span)

    def _observe(self, scope: Scope, status: int, seconds: float, span: "Span | None") -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = _method(scope)
        self._metrics.request_done(method, route, status, seconds)
        if span is not None:
            span.answered(method, route, status)
        if not (status == HTTPStatus.OK and isinstance(scope.get("route"), PlainRoute)):
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 2))


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _announced(headers: Headers) -> int:
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


def _correlation(headers: Headers) -> str:
    given = headers.get(b"x-correlation-id", b"").decode("latin-1")
    return given if CORRELATION.fullmatch(given) else derived_id(str(time.time_ns()), str(id(headers)))


def _protecting(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """What every answer has, where it has none of its own: no guess of its type, and no copy in a cache."""
    given = {name for name, _ in headers}
    if b"x-content-type-options" not in given:
        yield (b"x-content-type-options", b"nosniff")
    if b"cache-control" not in given:
        yield (b"cache-control", b"no-store")


class _Body:
    """A request's body, bounded in size and time.

    One that is too large is refused by its Content-Length before any of it is read, without one as soon as too much has
    come; one that is not complete after ``seconds`` then.
    """

    __slots__ = ("_announced", "_deadline", "_headers", "_most", "_receive", "_seen", "complete")

    def __init__(self, headers: Headers, receive: Receive, seconds: float, most: int) -> None:
        self._headers = headers
        self._most = most
        self._announced = _announced(headers)
        self._receive = receive
        self._seen = 0
        self._deadline = asyncio.get_running_loop().time() + seconds
        self.complete = not self._announced and b"transfer-encoding" not in headers

    async def receive(self) -> Message:
        if self.complete:
            return await self._receive()
        message = {} if self._announced > self._most else await self._next()
        if max(self._announced, self._seen) > self._most:
            raise HTTPException(413, f"a body may have {self._most} bytes")
        return message

    async def discard(self) -> bool:
        """Read what is left, which the answer does not need. False where there is too much of it, or it does not come."""
        if self._announced > MOST_DISCARDED or b"expect" in self._headers:
            return False
        try:
            while not self.complete and self._seen <= MOST_DISCARDED:
                await self._next()
        except HTTPException:
            return False
        return self.complete

    async def _next(self) -> Message:
        message = await _in_time(self._receive, self._deadline)
        self._seen += len(message.get("body", b""))
        self.complete = not message.get("more_body")
        return message


async def _in_time(receive: Receive, deadline: float) -> Message:
    try:
        async with asyncio.timeout_at(deadline):
            return await receive()
    except TimeoutError:
        raise HTTPException(408, "the body did not come in time", {"connection": "close"}) from None
