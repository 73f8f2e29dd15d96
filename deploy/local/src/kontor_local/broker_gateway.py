"""A gateway in front of the embedded broker that makes fetches wait, as Apache Kafka does.

A consumer asks the broker to hold its answer until there is something to read (``max_wait_ms`` of a fetch). The embedded
broker answers at once, and an idle consumer then keeps a processor busy. The gateway holds an empty answer until a record is
produced or `MAX_WAIT_SECONDS` are over. Everything else passes unchanged, except the broker's own port in answers
that name brokers.

``python -m kontor_local.broker_gateway LISTEN_PORT BROKER_PORT``
"""

import asyncio
import struct
import sys
from collections import deque
from contextlib import suppress
from typing import NamedTuple

import uvloop

from kontor_local.ports import HOST

MAX_WAIT_SECONDS = 2.0
"""Longer than clients ask for (0.5 s), which they take for a slow answer: so an idle one hardly costs anything. No more, as a
client that gets other partitions asks for them when the answer is there."""
LEAST_WAIT_SECONDS = 0.005
"""Under load, each produced record would wake every consumer that waits; this bounds how often."""
CHUNK = 256 * 1024
SMALL = 64 * 1024
"""A larger answer to a fetch has records in it."""

PRODUCE, FETCH, METADATA, FIND_COORDINATOR, DESCRIBE_CLUSTER = 0, 1, 3, 10, 60
NAMES_BROKERS = {METADATA, FIND_COORDINATOR, DESCRIBE_CLUSTER}
FETCH_VERSIONS = range(12)
"""Versions with plain (not compact) arrays. Later ones pass without being held."""


class Request(NamedTuple):
    """What the gateway keeps of a request until its answer comes."""

    correlation: int
    api: int
    version: int
    at: float
    produced: int
    """How many answers to producers had passed by then."""


class Connection:
    """One client's requests that have no answer yet, oldest first."""

    def __init__(self) -> None:
        self.asked: deque[Request] = deque()
        self.wake = asyncio.Event()
        """Set by the next request, and by each record that is produced."""


class Gateway:
    """Passes bytes between clients and one broker on `HOST`."""

    def __init__(self, listen: int, broker: int) -> None:
        self._listen = listen
        self._broker = broker
        self._inner = HOST.encode() + struct.pack(">i", broker)
        self._outer = HOST.encode() + struct.pack(">i", listen)
        self._produced = 0
        self._connections: set[Connection] = set()

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connected, HOST, self._listen, limit=CHUNK)
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._broker, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection()
        self._connections.add(connection)
        ways = [
            asyncio.create_task(self._requests(reader, far_writer, connection)),
            asyncio.create_task(self._answers(far_reader, writer, connection)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._connections.discard(connection)
        for end in (writer, far_writer):
            end.close()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection
    ) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readexactly(12)
                size, api, version, correlation = struct.unpack(">ihhi", head)
                at = asyncio.get_running_loop().time()
                connection.asked.append(Request(correlation, api, version, at, self._produced))
                connection.wake.set()
                writer.write(head)
                await _pass(reader, writer, size - 8)

    async def _answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection
    ) -> None:
        with suppress(asyncio.IncompleteReadError, OSError, IndexError):
            while True:
                head = await reader.readexactly(8)
                size, correlation = struct.unpack(">ii", head)
                # A producer that wants no acknowledgment gets no answer.
                while (request := connection.asked.popleft()).correlation != correlation:
                    pass
                if request.api == PRODUCE:
                    self._wake()
                if size > SMALL or request.api not in (FETCH, *NAMES_BROKERS):
                    writer.write(head)
                    await _pass(reader, writer, size - 4)
                    continue
                body = await reader.readexactly(size - 4)
                if request.api in NAMES_BROKERS:
                    body = body.replace(self._inner, self._outer)
                elif request.version in FETCH_VERSIONS and is_empty(body, request.version):
                    await self._hold(request, connection)
                writer.write(head + body)
                await writer.drain()

    def _wake(self) -> None:
        self._produced += 1
        for connection in self._connections:
            connection.wake.set()

    async def _hold(self, fetch: Request, connection: Connection) -> None:
        """Until a record is produced, or the client asks something else on this connection: that must not wait."""
        if connection.asked:
            return
        await asyncio.sleep(fetch.at + LEAST_WAIT_SECONDS - asyncio.get_running_loop().time())
        connection.wake.clear()
        # A record may have come after the broker looked, and before its answer arrived here.
        if self._produced == fetch.produced and not connection.asked:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(fetch.at + MAX_WAIT_SECONDS):
                    await connection.wake.wait()


def is_empty(body: bytes, version: int) -> bool:
    """Whether the answer to a fetch, without size and correlation id, has neither records nor errors."""
    place = 4 if version >= 1 else 0
    if version >= 7:  # noqa: PLR2004  fetch sessions: error code and session id
        if body[place : place + 2] != b"\0\0":
            return False
        place += 6
    between = 8 * ((version >= 4) + (version >= 5))  # noqa: PLR2004  last stable offset, log start offset
    (topics,) = struct.unpack_from(">i", body, place)
    place += 4
    for _ in range(topics):
        (length,) = struct.unpack_from(">h", body, place)
        place += 2 + length
        (partitions,) = struct.unpack_from(">i", body, place)
        place += 4
        for _ in range(partitions):
            (error,) = struct.unpack_from(">h", body, place + 4)
            place += 14 + between
            if version >= 4:  # noqa: PLR2004  aborted transactions
                (aborted,) = struct.unpack_from(">i", body, place)
                place += 4 + 16 * max(aborted, 0)
            place += 4 * (version >= 11)  # noqa: PLR2004  preferred read replica
            (records,) = struct.unpack_from(">i", body, place)
            place += 4
            if error or records > 0:
                return False
    return True


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int) -> None:
    while size > 0:
        chunk = await reader.read(min(size, CHUNK))
        if not chunk:
            raise asyncio.IncompleteReadError(b"", size)
        writer.write(chunk)
        size -= len(chunk)
    await writer.drain()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        uvloop.run(Gateway(int(sys.argv[1]), int(sys.argv[2])).serve())
