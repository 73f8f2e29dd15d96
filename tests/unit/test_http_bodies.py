"""A client that sends a body which nobody reads gets its answer, and its connection goes on where it can."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from support import eventually
from unit.test_http_server import answer, connection
from uvicorn import Server

from chassis.configuration.settings import Settings
from chassis.http.serving.middleware import MAX_BODY, MOST_DISCARDED, RequestMiddleware
from chassis.http.serving.server import server_config
from chassis.observability.metrics import Metrics

PIECE = 64 * 1024
GET = b"GET /unread HTTP/1.1\r\nhost: a\r\n\r\n"


async def read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def unread(_: Request) -> PlainTextResponse:
    return PlainTextResponse("refused", 401)


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    app = Starlette(routes=[Route("/read", read, methods=["POST"]), Route("/unread", unread, methods=["GET", "POST"])])
    app.add_middleware(RequestMiddleware, metrics=Metrics(), body_seconds=1.0)
    server = Server(server_config(Settings.model_construct(), app, grace=1))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve([listening]))
        await eventually(lambda: server.started)
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


async def send(writer: asyncio.StreamWriter, size: int, *, chunked: bool) -> None:
    """As most clients do: all of the body, before the answer is looked at."""
    for _ in range(size // PIECE):
        head = b"%x\r\n" % PIECE if chunked else b""
        writer.write(head + b"x" * PIECE + (b"\r\n" if chunked else b""))
        await writer.drain()
        await asyncio.sleep(0)
    if chunked:
        writer.write(b"0\r\n\r\n")


def head(path: str, size: int, *, chunked: bool = False, more: str = "") -> bytes:
    length = "transfer-encoding: chunked" if chunked else f"content-length: {size}"
    return f"POST {path} HTTP/1.1\r\nhost: a\r\n{length}\r\n{more}\r\n".encode()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/read", 2 * MAX_BODY, 413),
        ("/unread", MAX_BODY, 401),
        ("/unread", 4 * MAX_BODY, 401),
        ("/none", MAX_BODY, 404),
    ],
)
async def test_a_body_that_is_not_read_costs_no_answer(
    port: int, path: str, size: int, status: int, chunked: bool
) -> None:
    async with connection(port) as (reader, writer):
        writer.write(head(path, size, chunked=chunked))
        await send(writer, size, chunked=chunked)
        assert (await answer(reader))[0] == status
        writer.write(GET)
        assert (await answer(reader))[0] == 401, "the next request on the same connection"


@pytest.mark.parametrize(
    ("size", "more"), [(MOST_DISCARDED + 1, ""), (2 * MAX_BODY, "expect: 100-continue\r\n"), (2 * MAX_BODY, "")]
)
async def test_a_body_that_does_not_come_ends_the_connection(port: int, size: int, more: str) -> None:
    async with connection(port) as (reader, writer):
        writer.write(head("/unread", size, more=more))
        text = await reader.readuntil(b"\r\n\r\n")
        assert text.startswith(b"HTTP/1.1 401") and b"connection: close" in text
        assert await reader.read() == b"refused"
