"""The mail servers: several in order, each with its connections and its breaker. Each connection sends one mail at a time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException

from notifications.breaker import Breaker
from notifications.domain.mail.decide import plain
from notifications.domain.mail.replies import Failure, Stage, failure_of
from notifications.message import Outgoing
from notifications.relays import Relay, ServerAwayError, described
from notifications.standing import Standing

__all__ = ["MailServers", "ServerAwayError", "Session", "Verdict"]

TROUBLE = (SMTPException, OSError, TimeoutError)
SAY_NO = range(400, 600)
"""The two classes of failure of RFC 5321."""
PERMANENT = 500
SENT: Literal["sent"] = "sent"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one attempt. ``ambiguous``: the server did not answer, but may have taken the mail."""

    outcome: Failure | Literal["sent"]
    text: str
    ambiguous: bool = False
    permanent: bool = False


class Session:
    """A connection on which one mail may be sent."""

    def __init__(self, client: SMTP, breaker: Breaker, standing: Standing, timeout: float) -> None:
        self._client = client
        self._breaker = breaker
        self._standing = standing
        self._timeout = timeout
        self.clean = True

    async def send(self, mail: Outgoing) -> Verdict:
        """Failures of the server are verdicts, never exceptions."""
        if (unfit := self._unfit(mail)) is not None:
            return unfit
        self.clean = False
        stage: Stage = "mail"
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.mail(mail.sender, options=["SMTPUTF8"] if mail.utf8 else (), encoding="utf-8")
                stage = "rcpt"
                await self._client.rcpt(mail.recipient, encoding="utf-8")
                stage = "data"
                reply = await self._client.data(mail.content)
        except SMTPResponseException as error:
            return self._answered(error, stage, mail.domain)
        except TROUBLE as error:
            return self._broken(described(error), stage, mail.domain)
        self.clean = True
        self._breaker.worked()
        self._standing.good()
        return Verdict(SENT, reply.message)

    def _unfit(self, mail: Outgoing) -> Verdict | None:
        """What this server cannot carry, as it said when it greeted."""
        if mail.utf8 and not self._client.supports_extension("smtputf8"):
            return Verdict("no-smtputf8", "the mail server takes only ASCII addresses (no SMTPUTF8)", permanent=True)
        limit = self._client.esmtp_extensions.get("size", "") if self._client.supports_extension("size") else ""
        if limit.isdecimal() and 0 < int(limit) < len(mail.content):
            return Verdict(
                "too-large", f"the mail has {len(mail.content)} bytes, the server takes {limit}", permanent=True
            )
        return None

    def _answered(self, error: SMTPResponseException, stage: Stage, domain: str) -> Verdict:
        text = f"{error.code} {error.message}"
        if error.code not in SAY_NO:
            return self._broken(text, stage, domain)
        failure = failure_of(error.code, error.message, stage)
        permanent = error.code >= PERMANENT
        if failure == "relay":
            self._breaker.failed(plain(text))
        elif self._standing.refused(failure, domain):
            # One domain's refusal concerns that domain. Several in a row without one that takes a mail: it is us.
            self._breaker.failed(plain(text))
            failure = "relay"
        else:
            self._breaker.worked()
        return Verdict(failure, text, permanent=permanent)

    def _broken(self, text: str, stage: Stage, domain: str) -> Verdict:
        if stage == "mail" or self._standing.refused("no-answer", domain):
            self._breaker.failed(plain(text))
        return Verdict("no-answer", text, ambiguous=stage == "data")


class MailServers:
    """The first server that is available serves. ``close`` ends idle connections."""

    def __init__(self, relays: Sequence[Relay], *, connections: int, timeout: float) -> None:
        self._relays = relays
        self._timeout = timeout
        self._slots = asyncio.Semaphore(connections)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Waits for a free connection. Raises ServerAwayError if no server can be reached."""
        async with self._slots:
            relay, client, probe = await self._connected()
            session = Session(client, relay.breaker, relay.standing, self._timeout)
            try:
                yield session
            finally:
                relay.give_back(client, reusable=session.clean)
                relay.breaker.leave(probe)

    async def close(self) -> None:
        await asyncio.gather(*(relay.close() for relay in self._relays))

    async def _connected(self) -> tuple[Relay, SMTP, bool]:
        error = ServerAwayError("the mail server is unavailable")
        for relay in self._relays:
            probe = relay.breaker.admit()
            if probe is None:
                continue
            try:
                return relay, await relay.connection(), probe
            except ServerAwayError as away:
                relay.breaker.leave(probe)
                error = away
            except BaseException:
                relay.breaker.leave(probe)
                raise
        raise error
