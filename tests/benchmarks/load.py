"""Closed-loop load over HTTP: so many callers, each of whom sends the next request when the last one is answered.

A client of a few lines, because on two cores every cycle of a real one is taken from the service that it measures.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

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


async def run(port: int, request: Request, *, callers: int, seconds: float, first: int = 0) -> Answers:
    """Send for so long, then wait for the last answers."""
    answers = Answers()
    numbers = count(first)
    started = time.perf_counter()
    await asyncio.gather(*(_caller(port, request, numbers, started + seconds, answers) for _ in range(callers)))
    answers.elapsed = time.perf_counter() - started
    return answers


async def _caller(port: int, request: Request, numbers: Iterator[int], until: float, answers: Answers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (sent := time.perf_counter()) < until:
            writer.write(request(next(numbers)))
            status = await _answer(reader)
            answers.seconds.append(time.perf_counter() - sent)
            answers.refused += status >= 400
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or b"0"))
    return int(head[9:12])
