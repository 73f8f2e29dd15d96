"""What a client may send before its request is one: headers are bounded in size and time, whatever comes after them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from support import eventually

from chassis.http.serving.server import RequestsCounted, bound_headers

MOST = 4096
SECONDS = 0.3
GET = b"GET / HTTP/1.1\r\nhost: a\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the number of bytes in the body."""
    assert scope["type"] == "http"
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(
        RequestsCounted(echo), log_config=None, access_log=False, http="httptools", lifespan="off", timeout_keep_alive=5
    )
    bound_headers(config, most=MOST, seconds=SECONDS)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve([listening]))
        await eventually(lambda: server.started)
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(20):
            yield reader, writer
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    return int(head.split()[1]), await reader.readexactly(int(fields[b"content-length"]))


@pytest.mark.parametrize("sent", [b"", b"GET / HT", GET, GET + b"x: y\r\n"])
async def test_headers_that_do_not_end_in_time_end_the_connection(port: int, sent: bytes) -> None:
    async with connection(port) as (reader, writer):
        writer.write(sent)
        assert (await answer(reader))[0] == 408
        assert await reader.read() == b""


async def test_a_byte_now_and_then_does_not_win_time(port: int) -> None:
    async with connection(port) as (reader, writer):
        ended = asyncio.create_task(answer(reader))
        writer.write(GET)
        while not ended.done():
            writer.write(b"x: y\r\n")
            await asyncio.sleep(SECONDS / 10)
        assert (await ended)[0] == 408


@pytest.mark.parametrize("pieces", [1, 40])
async def test_headers_above_the_limit_are_refused(port: int, pieces: int) -> None:
    async with connection(port) as (reader, writer):
        lines = [b"x-%d: %b\r\n" % (number, b"y" * (2 * MOST // pieces)) for number in range(pieces)]
        # What is on its way when the connection is closed resets it, and the answer may be lost with it.
        with suppress(ConnectionError):
            for line in [GET, *lines]:
                writer.write(line)
                await writer.drain()
            assert (await answer(reader))[0] == 431
            assert await reader.read() == b""
        assert reader.at_eof() or reader.exception()


async def test_a_large_body_is_no_header(port: int) -> None:
    body = b"b" * 20 * MOST
    async with connection(port) as (reader, writer):
        for _ in range(3):
            writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            assert await answer(reader) == (200, b"%d" % len(body))


async def test_a_slow_body_is_not_the_headers_matter(port: int) -> None:
    async with connection(port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n1")
        await asyncio.sleep(2 * SECONDS)
        writer.write(b"2")
        assert await answer(reader) == (200, b"2")


async def test_requests_follow_each_other_on_one_connection(port: int) -> None:
    async with connection(port) as (reader, writer):
        writer.write((GET + b"\r\n") * 5)
        assert [await answer(reader) for _ in range(5)] == [(200, b"0")] * 5
        await asyncio.sleep(2 * SECONDS)
        writer.write(GET + b"\r\n")
        assert await answer(reader) == (200, b"0"), "a connection at rest is uvicorn's matter"
        writer.write(GET)
        assert (await answer(reader))[0] == 408, "the second request's headers have their own time"


async def test_many_half_open_requests_are_gone_in_time(port: int) -> None:
    async def half_open() -> int:
        async with connection(port) as (reader, writer):
            writer.write(GET)
            return (await answer(reader))[0]

    statuses: list[Any] = await asyncio.gather(*(half_open() for _ in range(100)))
    assert set(statuses) == {408}
