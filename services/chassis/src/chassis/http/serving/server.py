"""The HTTP server: uvicorn with its documented options, and bounds for what comes before a request.

uvicorn's parser (httptools) takes headers of any size and waits for their end without limit, and no option of uvicorn's
bounds either (its parser h11 bounds the size alone, at several times the cost). So each connection has a protocol of asyncio
between transport and uvicorn's protocol. It hands on everything unchanged, counts bytes, and looks at a clock.
"""

import asyncio
from contextvars import ContextVar
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.configuration.settings import Settings

TIMED_OUT = b"408 Request Timeout"
TOO_LARGE = b"431 Request Header Fields Too Large"

_current: "ContextVar[HeaderBounds]" = ContextVar("connection")
"""The connection that a request came on: uvicorn starts the request's task while it is handed the data."""


def server_config(settings: Settings, app: ASGIApp, *, grace: int) -> uvicorn.Config:
    """``grace``: seconds for requests that are under way at the end. The application's lifespan is the caller's business."""
    config = uvicorn.Config(
        RequestsCounted(app),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        loop="none",
        http="httptools",
        lifespan="off",
        timeout_keep_alive=settings.http_keep_alive,
        timeout_graceful_shutdown=grace,
    )
    bound_headers(config, most=settings.http_header_bytes, seconds=settings.http_header_timeout)
    return config


def bound_headers(config: uvicorn.Config, *, most: int, seconds: float) -> None:
    """Before the server is made of ``config``; its application is `RequestsCounted`."""
    config.load()
    protocol: Any = config.http_protocol_class

    def connect(**given: Any) -> asyncio.Protocol:
        return HeaderBounds(protocol(**given), most=most, seconds=seconds)

    config.http_protocol_class = cast("type[asyncio.Protocol]", connect)


class RequestsCounted:
    """Tells a connection when a request of its begins and ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = _current.get(None)
        if connection is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection.begun()
        try:
            await self._app(scope, receive, send)
        finally:
            connection.ended()


class HeaderBounds(asyncio.Protocol):
    """One connection. ``most`` bytes and ``seconds`` from the first byte of a request until its headers are complete."""

    def __init__(self, inner: asyncio.Protocol, *, most: int, seconds: float) -> None:
        self._inner = inner
        self._most = most
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._requests = 0
        self._bytes = 0

    # -- the application's side

    def begun(self) -> None:
        self._requests += 1
        self._bytes = 0
        self._stop_waiting()

    def ended(self) -> None:
        self._requests -= 1

    # -- the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._wait()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not self._requests:
            self._bytes += len(data)
            self._wait()
        token = _current.set(self)
        try:
            self._inner.data_received(data)
        finally:
            _current.reset(token)
        if self._bytes > self._most:
            # After the first step of the request's task, if these bytes completed its headers.
            self._loop.call_soon(self._judge_size)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    # -- bounds

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._judge_time)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _judge_size(self) -> None:
        if self._bytes > self._most and not self._requests:
            self._refuse(TOO_LARGE)

    def _judge_time(self) -> None:
        self._timer = None
        if not self._requests:
            self._refuse(TIMED_OUT)

    def _refuse(self, status: bytes) -> None:
        self._stop_waiting()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
            self._transport.close()
