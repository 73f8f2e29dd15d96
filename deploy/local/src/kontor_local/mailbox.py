"""The mail catcher: an SMTP server that accepts every mail, keeps it, and delivers it to nobody.

It runs in the loop that starts it. Tests can make it stand down and come back, or refuse some mails.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from kontor_local.mails import Mail, with_recipients
from kontor_local.ports import HOST, Port


class Mailbox:
    """Each mail is on disk (`<number>.eml` in `directory`) before its sender gets the reply that it was accepted.

    Mails from an earlier run in the same directory are there again.
    """

    def __init__(self, directory: Path, *, port: Port | None = None) -> None:
        self.directory = directory
        self.port = port or Port()
        self._mails: list[Mail] = []
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._sessions: WeakSet[SMTP] = WeakSet()
        self._refusals: list[str] = []

    def mails(self) -> list[Mail]:
        """All mails, in order of arrival."""
        return list(self._mails)

    async def start(self) -> None:
        """Accept mails, on the same port as before a `stop`."""
        if not self._mails:
            self._mails = _read_all(self.directory)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, HOST, self.port.release())

    async def stop(self) -> None:
        """Refuse connections and cut those that are open, in the middle of a mail if need be. Mails are kept."""
        if self._server is None:
            return
        self._server.close()
        for session in list(self._sessions):
            if isinstance(session.transport, asyncio.WriteTransport):
                session.transport.abort()
        await self._server.wait_closed()
        self._server = None

    def refuse(
        self, count: int = 1, *, code: int = 451, words: str = "Refused, as this mail catcher was told to"
    ) -> None:
        """Answer the next `count` mails so at the end of their data, and keep none of them."""
        self._refusals += [f"{code} {words}"] * count

    async def wait_for(
        self,
        wanted: Callable[[Mail], bool],
        timeout: float = 10.0,
    ) -> Mail:
        """The first mail that is `wanted`, there already or still to come; TimeoutError says which mails there are."""
        try:
            async with asyncio.timeout(timeout), self._arrived:
                while True:
                    for mail in self._mails:
                        if wanted(mail):
                            return mail
                    await self._arrived.wait()
        except TimeoutError:
            there = "; ".join(f"{mail.subject!r} to {', '.join(mail.to)}" for mail in self._mails) or "none"
            raise TimeoutError(f"no such mail within {timeout} s; there are: {there}") from None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self._refusals:
            return self._refusals.pop(0)
        raw = with_recipients(envelope.rcpt_tos, envelope.original_content or b"")
        async with self._arrived:
            mail = Mail(len(self._mails) + 1, raw, datetime.now(UTC))
            _write(self.directory, mail)
            self._mails.append(mail)
            self._arrived.notify_all()
        return "250 Kept"

    def _session(self) -> SMTP:
        # A host name of its own, because the default asks the network for ours.
        session = SMTP(self, enable_SMTPUTF8=True, hostname="mailbox.localhost", ident="Kontor mail catcher")
        self._sessions.add(session)
        return session


def _write(directory: Path, mail: Mail) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{mail.number:05}.eml").write_bytes(mail.raw)


def _read_all(directory: Path) -> list[Mail]:
    files = sorted(directory.glob("*.eml"))
    return [
        Mail(number, file.read_bytes(), datetime.fromtimestamp(file.stat().st_mtime, UTC))
        for number, file in enumerate(files, start=1)
    ]
