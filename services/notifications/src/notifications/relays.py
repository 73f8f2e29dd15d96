"""One mail server: its connections, which are reused while they are fresh, and its breaker."""

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException

from chassis import TransientError
from notifications.breaker import Breaker
from notifications.domain.mail.decide import plain
from notifications.metrics import MailMetrics
from notifications.settings import Settings
from notifications.standing import Standing

FRESH_SECONDS = 20.0
"""A connection idle for longer is not reused: servers and firewalls drop them silently."""
MOST_MAILS = 100
"""Mails on one connection: many servers close it after as many."""
QUIT_SECONDS = 1.0
TROUBLE = (SMTPException, OSError, TimeoutError)


class ServerAwayError(TransientError):
    """The mail server is unavailable. No mail was changed."""


@dataclass(slots=True)
class _Idle:
    client: SMTP
    since: float
    mails: int


class Relay:
    """Connects with the first mail; ``close`` ends idle connections."""

    def __init__(self, host: str, port: int, settings: Settings, breaker: Breaker) -> None:
        self.breaker = breaker
        self.standing = Standing()
        self._address = host, port
        self._settings = settings
        self._idle: list[_Idle] = []
        self._mails: dict[int, int] = {}
        self._context = (
            None if settings.smtp_tls == "none" else ssl.create_default_context(cafile=settings.smtp_ca_file)
        )

    async def connection(self) -> SMTP:
        """Raises ServerAwayError."""
        return self._fresh() or await self._connect()

    def give_back(self, client: SMTP, *, reusable: bool) -> None:
        mails = self._mails.pop(id(client), 0) + 1
        if reusable and client.is_connected and mails < MOST_MAILS:
            self._idle.append(_Idle(client, time.monotonic(), mails))
        else:
            client.close()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_quit(one.client) for one in idle))

    def _fresh(self) -> SMTP | None:
        while self._idle:
            one = self._idle.pop()
            if one.client.is_connected and time.monotonic() - one.since < FRESH_SECONDS:
                self._mails[id(one.client)] = one.mails
                return one.client
            one.client.close()
        return None

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
            self.breaker.failed(plain(described(error)))
            raise ServerAwayError(described(error)) from error
        except BaseException:
            client.close()
            raise
        return client

    def _client(self) -> SMTP:
        settings = self._settings
        password = settings.smtp_password_file.read_text().strip() if settings.smtp_password_file else None
        host, port = self._address
        return SMTP(
            hostname=host,
            port=port,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            tls_context=self._context,
            username=settings.smtp_username,
            password=password,
            timeout=settings.smtp_timeout,
            # A pod's own name is unknown outside, and a DNS query for a better one may take seconds.
            local_hostname=settings.sender_domain,
        )


def relays(settings: Settings, metrics: MailMetrics) -> Sequence[Relay]:
    """The mail servers of the settings, in their order."""
    away = _Away(metrics, len(settings.mail_servers))
    return [
        Relay(host, port, settings, Breaker(away.told_of(f"{host}:{port}"))) for host, port in settings.mail_servers
    ]


class _Away:
    """``kontor_mail_server_away`` is 1 while no server at all is available."""

    def __init__(self, metrics: MailMetrics, count: int) -> None:
        self._metrics = metrics
        self._count = count
        self._away: set[str] = set()

    def told_of(self, relay: str) -> Callable[[bool], None]:
        gauge = self._metrics.relay_away.labels(relay)

        def tell(away: bool) -> None:
            gauge.set(int(away))
            (self._away.add if away else self._away.discard)(relay)
            self._metrics.server_away.set(int(len(self._away) == self._count))

        return tell


def described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


async def _quit(client: SMTP) -> None:
    with suppress(*TROUBLE):
        async with asyncio.timeout(QUIT_SECONDS):
            await client.quit()
    client.close()
