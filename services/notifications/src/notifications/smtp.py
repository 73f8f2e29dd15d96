"""Connections to the mail server. Each sends one mail at a time and is reused while it is fresh."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException, SMTPSenderRefused

from chassis import TransientError
from notifications.breaker import Breaker
from notifications.domain.mail.decide import plain
from notifications.message import Outgoing
from notifications.settings import Settings

FRESH_SECONDS = 20.0
"""A connection idle for longer is not reused: servers and firewalls drop them silently."""
QUIT_SECONDS = 1.0
TROUBLE = (SMTPException, OSError, TimeoutError)


class ServerAwayError(TransientError):
    """The mail server is unavailable. No mail was changed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The mail server's reply to one mail. ``ambiguous``: it did not reply, but may have taken the mail."""

    kind: Literal["accepted", "deferred", "refused"]
    text: str
    ambiguous: bool = False


class Session:
    """A connection on which one mail may be sent."""

    def __init__(self, client: SMTP, breaker: Breaker, timeout: float) -> None:
        self._client = client
        self._breaker = breaker
        self._timeout = timeout
        self.clean = True

    async def send(self, mail: Outgoing) -> Verdict:
        """Failures of the server are verdicts, never exceptions."""
        if mail.utf8 and not self._client.supports_extension("smtputf8"):
            return Verdict("refused", "the mail server takes only ASCII addresses (no SMTPUTF8)")
        self.clean = False
        data = False
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.mail(mail.sender, options=["SMTPUTF8"] if mail.utf8 else (), encoding="utf-8")
                await self._client.rcpt(mail.recipient, encoding="utf-8")
                data = True
                reply = await self._client.data(mail.content)
        except SMTPResponseException as error:
            return self._answered(error, data)
        except TROUBLE as error:
            return self._trouble(_described(error), ambiguous=data)
        self.clean = True
        self._breaker.worked()
        return Verdict("accepted", reply.message)

    def _answered(self, error: SMTPResponseException, data: bool) -> Verdict:
        text = f"{error.code} {error.message}"
        if not 400 <= error.code <= 599:  # noqa: PLR2004  the two classes of failure of RFC 5321
            return self._trouble(text, ambiguous=data)
        # 421: the server closes the connection. A permanently refused sender concerns every mail, not only this one.
        if error.code == 421 or (isinstance(error, SMTPSenderRefused) and error.code >= 500):  # noqa: PLR2004
            return self._trouble(text, ambiguous=False)
        self._breaker.worked()
        return Verdict("refused" if error.code >= 500 else "deferred", text)  # noqa: PLR2004

    def _trouble(self, text: str, *, ambiguous: bool) -> Verdict:
        self._breaker.failed(plain(text))
        return Verdict("deferred", text, ambiguous)


class MailServer:
    """Connects with the first mail; ``close`` ends idle connections."""

    def __init__(self, settings: Settings, breaker: Breaker) -> None:
        self._settings = settings
        self._breaker = breaker
        self._slots = asyncio.Semaphore(settings.smtp_connections)
        self._idle: list[tuple[SMTP, float]] = []
        self._context = None if settings.smtp_tls == "none" else ssl.create_default_context()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Waits for a free connection. Raises ServerAwayError if the server cannot be reached."""
        async with self._slots:
            probe = self._breaker.admit()
            if probe is None:
                raise ServerAwayError("the mail server is unavailable")
            try:
                client = self._fresh() or await self._connect()
                session = Session(client, self._breaker, self._settings.smtp_timeout)
                try:
                    yield session
                finally:
                    self._give_back(client, reusable=session.clean)
            finally:
                self._breaker.leave(probe)

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_quit(client) for client, _ in idle))

    def _fresh(self) -> SMTP | None:
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and time.monotonic() - since < FRESH_SECONDS:
                return client
            client.close()
        return None

    def _give_back(self, client: SMTP, *, reusable: bool) -> None:
        if reusable and client.is_connected:
            self._idle.append((client, time.monotonic()))
        else:
            client.close()

    async def _connect(self) -> SMTP:
        client = self._client()
        try:
            async with asyncio.timeout(self._settings.smtp_timeout):
                await client.connect()
                if client.is_ehlo_or_helo_needed:
                    # Before the first mail: a server that greets and hangs up is unavailable.
                    await client.ehlo()
        except TROUBLE as error:
            client.close()
            self._breaker.failed(plain(_described(error)))
            raise ServerAwayError(_described(error)) from error
        except BaseException:
            client.close()
            raise
        return client

    def _client(self) -> SMTP:
        settings = self._settings
        password = settings.smtp_password_file.read_text().strip() if settings.smtp_password_file else None
        return SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            tls_context=self._context,
            username=settings.smtp_username,
            password=password,
            timeout=settings.smtp_timeout,
            # A pod's own name is unknown outside, and a DNS query for a better one may take seconds.
            local_hostname=settings.sender_domain,
        )


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


async def _quit(client: SMTP) -> None:
    with suppress(*TROUBLE):
        await client.quit(timeout=QUIT_SECONDS)
    client.close()
