"""Delivers due mails: starts an attempt, sends the mail, records the outcome.

The attempt is stored by the majority of the database before the mail is sent, and its outcome afterwards. If the process
crashes in between, the mail is sent again when the lease is over. So a mail is sent once, or in that case twice with the
same Message-ID (RFC 1047), and never silently lost.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import structlog

from chassis import Cause, Handler, MongoStore, TransientError
from chassis.crypto import Sealer, UnsealableError
from kontor_contracts.notifications import MailAbandoned, MailSent, MailWithdrawn
from notifications.documents import MAIL
from notifications.domain.mail.decide import overdue
from notifications.domain.mail.state import (
    AttemptFailed,
    Command,
    Expire,
    Letter,
    Mail,
    RecordDeferred,
    RecordRefused,
    RecordSent,
    RecordUnreadable,
    StartAttempt,
)
from notifications.message import Heading, Outgoing, UnwritableError, compose
from notifications.metrics import MailMetrics
from notifications.settings import Settings
from notifications.smtp import MailServer, ServerAwayError, Session
from notifications.templates import Templates

log = structlog.get_logger("notifications.delivery")

LINK = re.compile(r"https?://[!-~]+")
RECORD_PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)


class Delivery:
    """``deliver`` may be called for any mail, at any time, by several processes."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: MongoStore,
        handler: Handler,
        server: MailServer,
        templates: Templates,
        sealer: Sealer,
        metrics: MailMetrics,
    ) -> None:
        self._settings = settings
        self._store = store
        self._handler = handler
        self._server = server
        self._templates = templates
        self._sealer = sealer
        self._metrics = metrics

    async def deliver(self, id: str, timer: Cause) -> None:
        """Makes one attempt: the mail is then sent, deferred or abandoned. Without a server it only expires overdue mails."""
        try:
            async with self._server.session() as session:
                # The connection comes first: an unavailable server uses up no attempt.
                owner = secrets.token_hex(8)
                lease_ends = time.monotonic() + self._settings.mail_lease
                mail = await self._start(id, owner, timer)
                command = await self._send(session, mail, owner) if mail.owner == owner else None
        except ServerAwayError:
            if (untouched := await self._store.get(MAIL, id)) is not None:
                await self._give_up_overdue(id, untouched, timer)
            return
        if command is None:
            await self._give_up_overdue(id, mail, timer)
        else:
            await self._record(id, mail, command, self._cause(mail, timer), lease_ends)

    async def _start(self, id: str, owner: str, timer: Cause) -> Mail:
        """The mail after the attempt was started. It is ours only if it names ``owner``: another process may be faster."""
        command = StartAttempt(
            owner=owner, now=self._settings.now(), lease=self._settings.lease_of_a_mail, retries=self._settings.retries
        )
        return (await self._handler.handle(MAIL, id, command, timer)).state

    # -- one attempt

    async def _send(self, session: Session, mail: Mail, owner: str) -> Command:
        """Writes and sends the mail. Returns the command that records the outcome."""
        letter = mail.letter
        assert letter is not None
        try:
            link = self._link(letter)
        except UnsealableError:
            return RecordUnreadable(owner=owner)
        try:
            outgoing = self._written(letter, mail, link)
        except Exception as error:
            # Most likely a fault in a template: once it is fixed, a later attempt sends the mail.
            log.exception("mail_unwritable", mail_id=letter.mail_id, template=letter.template)
            why = str(error) if isinstance(error, UnwritableError) else type(error).__name__
            return self._deferred(owner, f"the mail cannot be written: {why}")
        verdict = await session.send(outgoing)
        match verdict.kind:
            case "accepted":
                return RecordSent(owner=owner)
            case "refused":
                return RecordRefused(owner=owner, error=verdict.text)
            case "deferred":
                return self._deferred(owner, verdict.text, ambiguous=verdict.ambiguous)

    def _link(self, letter: Letter) -> str | None:
        if letter.sealed_link is None:
            return None
        link = self._sealer.open(letter.sealed_link)
        if not LINK.fullmatch(link):
            raise UnsealableError("the sealed text is not a link")
        return link

    def _written(self, letter: Letter, mail: Mail, link: str | None) -> Outgoing:
        rendered = self._templates.render(letter.template, letter.recipient, letter.context, link)
        heading = Heading(
            sender=self._settings.sender,
            recipient=letter.recipient,
            message_id=f"<{letter.mail_id}@{self._settings.sender_domain}>",
            date=mail.first_attempt_at or self._settings.now(),
            template=letter.template,
            correlation_id=letter.correlation_id,
        )
        return compose(heading, rendered)

    def _deferred(self, owner: str, error: str, *, ambiguous: bool = False) -> RecordDeferred:
        now, retries = self._settings.now(), self._settings.retries
        return RecordDeferred(owner=owner, now=now, error=error, ambiguous=ambiguous, retries=retries)

    # -- the outcome

    async def _record(self, id: str, mail: Mail, command: Command, cause: Cause, until: float) -> None:
        """Retries until the lease ends: an outcome that is not recorded leads to a second copy."""
        for pause in chain(RECORD_PAUSES, repeat(RECORD_PAUSES[-1])):
            try:
                outcome = await self._handler.handle(MAIL, id, command, cause)
            except TransientError as error:
                if time.monotonic() + pause >= until:
                    raise
                log.warning("mail_outcome_not_recorded", subject=id, error=str(error))
                await asyncio.sleep(pause)
            else:
                self._report(mail, outcome.events)
                return

    async def _give_up_overdue(self, id: str, mail: Mail, timer: Cause) -> None:
        now, retries = self._settings.now(), self._settings.retries
        if overdue(mail, now, retries):
            outcome = await self._handler.handle(MAIL, id, Expire(now=now, retries=retries), self._cause(mail, timer))
            self._report(mail, outcome.events)

    def _cause(self, mail: Mail, timer: Cause) -> Cause:
        letter = mail.letter
        assert letter is not None
        return replace(
            timer,
            id=f"{MAIL.id(letter.mail_id)}:{mail.attempts}",
            time=self._settings.now(),
            correlation_id=letter.correlation_id,
            tenant=letter.tenant,
        )

    def _report(self, mail: Mail, facts: Iterable[Any]) -> None:
        letter = mail.letter
        assert letter is not None
        for fact in facts:
            match fact:
                case MailSent(ambiguous=ambiguous):
                    outcome, detail = "sent", None
                    self._metrics.ambiguous.inc(int(ambiguous))
                case MailAbandoned(reason=reason, detail=words):
                    outcome, detail = reason, words
                case MailWithdrawn():
                    outcome, detail = "withdrawn", None
                case AttemptFailed(error=error) if fact.next_at is not None:
                    outcome, detail = "deferred", error
                case _:
                    continue
            self._metrics.mails.labels(letter.template, outcome).inc()
            log.info(
                "mail_attempted",
                mail_id=letter.mail_id,
                template=letter.template,
                attempt=mail.attempts,
                outcome=outcome,
                detail=detail,
                correlation_id=letter.correlation_id,
            )
