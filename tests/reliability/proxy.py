"""A TCP proxy that behaves badly when told to: it cuts, slows down, or goes silent while it holds the connection."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from kontor_local.ports import HOST, Port

Mood = Literal["fair", "cut", "slow", "silent", "busy"]
CHUNK = 64 * 1024
SLOW_SECONDS = 0.15
BUSY_SECONDS = 0.12
"""For each chunk on its way to a busy server, one after the other: so many a second are all that it manages."""


class Proxy:
    """Between the services and one server.

    ``cut`` refuses and breaks connections, ``slow`` holds every chunk back for `SLOW_SECONDS`, ``silent`` keeps
    connections open and passes nothing on: half-open, as after a pulled cable. ``busy`` passes on what goes to the server
    one chunk at a time, whatever connection it comes from: the more is asked, the longer each waits.
    """

    def __init__(self, target: int) -> None:
        self.port = Port()
        self.mood: Mood = "fair"
        self._target = target
        self._server: asyncio.Server | None = None
        self._turn = asyncio.Lock()
        self._fair = asyncio.Event()
        self._fair.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port.release())

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._break()
            await self._server.wait_closed()

    @contextmanager
    def behaving(self, mood: Mood) -> Iterator[None]:
        """Badly inside, fair again afterwards: what a silent proxy held back then goes on its way."""
        self.mood = mood
        if mood == "silent":
            self._fair.clear()
        if mood == "cut":
            self._break()
        try:
            yield
        finally:
            self.mood = "fair"
            self._fair.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mood == "cut":
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        there, back = self._pump(reader, far_writer, asks=True), self._pump(far_reader, writer, asks=False)
        pumps = [asyncio.create_task(there), asyncio.create_task(back)]
        self._pumps.update(pumps)
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, far_writer):
            end.transport.abort()
            self._writers.discard(end)
        await asyncio.gather(*pumps, return_exceptions=True)
        self._pumps.difference_update(pumps)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                await self._fair.wait()
                if self.mood == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                if self.mood == "busy" and asks:
                    async with self._turn:
                        await asyncio.sleep(BUSY_SECONDS if self.mood == "busy" else 0)
                writer.write(chunk)
                await writer.drain()

    def _break(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()
