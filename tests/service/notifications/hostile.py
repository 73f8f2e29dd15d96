"""A mail server with a script: its answers by command and recipient, where it says nothing, where it hangs up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from kontor_local.ports import HOST, Port

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Command = Literal["MAIL", "RCPT", "DATA", "DOT"]
SILENCE, HANG_UP, TAKE_AND_HANG_UP = "silence", "hang up", "take and hang up"
"""Answers that are none. The last one keeps the mail first, so its sender cannot know that it was taken."""
DONE = {"MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 Go on", "DOT": "250 Kept"}


@dataclass(slots=True)
class Line:
    """``times``: for so many commands, then it is over."""

    command: Command
    about: str
    answer: str
    times: int


@dataclass
class HostileServer:
    """``mails``: recipient and content of what it took. ``most``: so many connections were open at once at most."""

    port: Port = field(default_factory=Port)
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)
    most: int = 0
    _script: list[Line] = field(default_factory=list)
    _open: int = 0

    def answer(self, command: Command, about: str, answer: str, times: int = 1_000_000) -> None:
        """``about``: the end of the recipient's address; of MAIL, which comes before the recipient, the sender's."""
        self._script.append(Line(command, about, answer, times))

    def forget(self) -> None:
        self._script.clear()

    def taken(self, recipient: str) -> list[bytes]:
        return [content for to, content in self.mails if to == recipient]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["HostileServer"]:
        server = await asyncio.start_server(self._connection, HOST, self.port.release())
        try:
            yield self
        finally:
            server.close()
            server.close_clients() if hasattr(server, "close_clients") else None

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            await _say(writer, "220 hostile.example ESMTP")
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client hung up, or the test is over
        finally:
            self._open -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            address = line.partition("<")[2].partition(">")[0]
            if verb == "QUIT":
                return await _say(writer, "221 Bye")
            if verb in {"EHLO", "HELO"}:
                await _say(writer, "250-hostile.example\r\n250 SIZE 10000000")
                continue
            if verb == "RSET":
                await _say(writer, "250 OK")
                continue
            if verb == "RCPT":
                recipient = address
                self.tried[recipient] += 1
            about = address if verb == "MAIL" else recipient
            answer = await self._act(verb, about, (reader, writer))
            if answer.startswith("354"):
                content = await reader.readuntil(b"\r\n.\r\n")
                answer = await self._act("DOT", recipient, (reader, writer), content)
            if not answer or answer.startswith("421"):
                return None
        return None

    async def _act(self, command: str, about: str, streams: Streams, content: bytes | None = None) -> str:
        """Answers by the script. Nothing: the connection is over."""
        reader, writer = streams
        answer = self._scripted(command, about)
        if content is not None and answer in {DONE["DOT"], TAKE_AND_HANG_UP}:
            self.mails.append((about, content))
        if answer == SILENCE:
            await reader.read()  # until the client hangs up
            return ""
        if answer in {HANG_UP, TAKE_AND_HANG_UP}:
            return ""
        await _say(writer, answer)
        return answer

    def _scripted(self, command: str, about: str) -> str:
        for line in self._script:
            if line.command == command and about.endswith(line.about) and line.times > 0:
                line.times -= 1
                return line.answer
        return DONE.get(command, "502 Not here")


async def _say(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(f"{text}\r\n".encode())
    await writer.drain()
