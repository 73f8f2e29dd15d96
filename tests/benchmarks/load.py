"""Closed-loop load over HTTP: each of so many callers sends its next request when the last one is answered.

A client of a few lines, because on two cores every cycle of a real one is taken from the service that it measures.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import cast

LAST_CHUNK = b"\r\n0\r\n\r\n"
HUNG_UP = "the server hung up"
Request = Callable[[int], bytes]
"""The bytes of the request with this number."""


@dataclass(slots=True)
class Answers:
    """``seconds`` has one latency per answered request; ``refused`` counts answers of 400 and above."""

    elapsed: float = 0.0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return len(self.seconds) - self.refused

    @property
    def rate(self) -> float:
        return self.accepted / self.elapsed

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests (0 to 1) was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A request to be sent as it is. Underscores in the names of headers become hyphens."""
    lines = [f"POST {path} HTTP/1.1", "host: bench", "content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str, **headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "host: bench"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def once(port: int, request: bytes) -> bytes:
    """The whole answer to one request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        got = b""
        while _status(got) is None:
            more = await reader.read(65536)
            if not more:
                raise ConnectionResetError(HUNG_UP)
            got += more
        return got
    finally:
        writer.close()


async def run(port: int, request: Request, *, callers: int, seconds: float, first: int = 0) -> Answers:
    """Send for so long, then wait for the last answers. Raises ConnectionError where the server hangs up."""
    answers = Answers()
    numbers = count(first)
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Caller(request, numbers, started + seconds, answers), "127.0.0.1", port)
        for _ in range(callers)
    ]
    await asyncio.gather(*(caller.done for _, caller in made))
    answers.elapsed = time.perf_counter() - started
    return answers


class _Caller(asyncio.Protocol):
    """One connection. Without streams and tasks, which take longer than some servers do to answer."""

    def __init__(self, request: Request, numbers: Iterator[int], until: float, answers: Answers) -> None:
        self._request = request
        self._numbers = numbers
        self._until = until
        self._answers = answers
        self._got = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._got += data
        status = _status(self._got)
        if status is None:
            return
        self._got = b""
        self._answers.seconds.append(time.perf_counter() - self._sent)
        self._answers.refused += status >= 400
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError(HUNG_UP))

    def _send(self) -> None:
        self._sent = time.perf_counter()
        if self._sent < self._until:
            self._transport.write(self._request(next(self._numbers)))
        else:
            self.done.set_result(None)
            self._transport.close()


def _status(got: bytes) -> int | None:
    """The status, once the whole answer is there."""
    head, end, body = got.partition(b"\r\n\r\n")
    if not end:
        return None
    named = head.lower()
    if b"\r\ntransfer-encoding: chunked" in named:
        whole = body.endswith(LAST_CHUNK)
    else:
        whole = len(body) >= int(named.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0] or b"0")
    return int(head[9:12]) if whole else None
