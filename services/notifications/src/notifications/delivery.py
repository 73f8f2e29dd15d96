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
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email.headerregistry import Address
from itertools import chain, repeat
from typing import Any

import structlog

from chassis import Cause, Handler, MongoStore, TransientError, tracing
from chassis.crypto import Sealer, UnknownKeyError, UnsealableError
from kontor_contracts.addresses import mail_domain
from kontor_contracts.notifications import MailAbandoned, MailSent, MailSkipped, MailSuppressed, MailWithdrawn
from notifications.catalogue import Catalogue
from notifications.documents import MAIL
from notifications.domain.mail.decide import overdue, skippable
from notifications.domain.mail.orders import EndRetry
from notifications.domain.mail.replies import TREATMENTS
from notifications.domain.mail.state import (
    FINAL,
    AttemptFailed,
    Command,
    Expire,
    Letter,
    Mail,
    Postpone,
    RecordDeferred,
    RecordRefused,
    RecordSent,
    RecordUnreadable,
    Skip,
    StartAttempt,
    Suppress,
)
from notifications.domain.preferences.state import Preferences
from notifications.domains import Domains
from notifications.message import Heading, Outgoing, UnwritableError, address_of, compose
from notifications.metrics import MailMetrics
from notifications.readers import Readers, in_language
from notifications.settings import Settings
from notifications.signing import Sign
from notifications.smtp import MailServers, ServerAwayError, Session, Verdict
from notifications.suppression import Suppressions
from notifications.templates import Means, Templates

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
        servers: MailServers,
        domains: Domains,
        suppressions: Suppressions,
        templates: Templates,
        catalogue: Catalogue,
        readers: Readers,
        sign: Sign,
        sealer: Sealer,
        metrics: MailMetrics,
    ) -> None:
        self._settings = settings
        self._store = store
        self._handler = handler
        self._servers = servers
        self._domains = domains
        self._suppressions = suppressions
        self._templates = templates
        self._catalogue = catalogue
        self._readers = readers
        self._sign = sign
        self._sealer = sealer
        self._metrics = metrics

    async def deliver(self, id: str, timer: Cause) -> None:
        """Makes one attempt: the mail is then sent, deferred or over. Where none can be made now, it waits or ends."""
        mail = await self._store.get(MAIL, id)
        if mail is None or mail.letter is None:
            return
        if mail.status in FINAL:
            await self._command(id, mail, EndRetry(self._settings.now()), timer)
            return
        if overdue(mail, self._settings.now(), self._settings.retries):
            await self._give_up_overdue(id, mail, timer)
            return
        email = mail.letter.recipient.email
        if why := await self._suppressions.holds(email):
            await self._command(id, mail, Suppress(now=self._settings.now(), why=why), timer)
            return
        preferences = await self._readers.preferences(email)
        if skippable(mail) and self._catalogue.muted(mail.letter.template, preferences):
            await self._command(id, mail, Skip(now=self._settings.now(), why="muted"), timer)
            return
        domain = mail_domain(email)
        if wait := await self._domains.enter(domain):
            now = self._settings.now()
            await self._command(id, mail, Postpone(now=now, until=now + timedelta(seconds=wait)), timer)
            return
        began = time.monotonic()
        try:
            await self._attempt(id, preferences, timer)
        finally:
            self._domains.leave(domain, time.monotonic() - began)

    async def _attempt(self, id: str, preferences: Preferences, timer: Cause) -> None:
        """The connection comes first: an unavailable server uses up no attempt."""
        try:
            async with self._servers.session() as session:
                owner = secrets.token_hex(8)
                lease_ends = time.monotonic() + self._settings.mail_lease
                mail = await self._start(id, owner, timer)
                command = await self._send(session, mail, owner, preferences) if mail.owner == owner else None
        except ServerAwayError:
            return
        if command is None:
            await self._give_up_overdue(id, mail, timer)
        else:
            await self._record(id, mail, command, self._cause(mail, timer), lease_ends)

    async def _command(self, id: str, mail: Mail, command: Command, timer: Cause) -> None:
        outcome = await self._handler.handle(MAIL, id, command, self._cause(mail, timer))
        self._report(mail, outcome.events)

    async def _start(self, id: str, owner: str, timer: Cause) -> Mail:
        """The mail after the attempt was started. It is ours only if it names ``owner``: another process may be faster."""
        command = StartAttempt(
            owner=owner, now=self._settings.now(), lease=self._settings.lease_of_a_mail, retries=self._settings.retries
        )
        return (await self._handler.handle(MAIL, id, command, timer)).state

    # -- one attempt

    async def _send(self, session: Session, mail: Mail, owner: str, preferences: Preferences) -> Command:
        """Writes and sends the mail. Returns the command that records the outcome."""
        letter = mail.letter
        assert letter is not None
        try:
            link = self._link(letter)
        except UnknownKeyError as error:
            # The key is on its way, or was forgotten in a rotation: the mail waits for it.
            log.error("sealing_key_missing", mail_id=letter.mail_id, error=str(error))  # noqa: TRY400
            return self._deferred(owner, Verdict("unwritable", str(error)))
        except UnsealableError:
            return RecordUnreadable(owner=owner, now=self._settings.now())
        try:
            outgoing = self._written(letter, mail, link, preferences)
        except Exception as error:
            # Most likely a fault in a template: once it is fixed, a later attempt sends the mail.
            log.exception("mail_unwritable", mail_id=letter.mail_id, template=letter.template)
            why = str(error) if isinstance(error, UnwritableError) else type(error).__name__
            return self._deferred(owner, Verdict("unwritable", f"the mail cannot be written: {why}"))
        size, most = len(outgoing.content), self._settings.mail_size_limit
        if size > most:
            verdict = Verdict("too-large", f"the mail has {size} bytes; no mail has more than {most}", permanent=True)
            return await self._judged(owner, letter, verdict)
        with tracing.step("send mail", template=letter.template) as span:
            verdict = await session.send(outgoing)
            if span is not None:
                span.note(outcome=verdict.outcome)
        return await self._judged(owner, letter, verdict)

    async def _judged(self, owner: str, letter: Letter, verdict: Verdict) -> Command:
        """What the verdict means for the mail, its domain, and its recipient's next mails."""
        domain, now = mail_domain(letter.recipient.email), self._settings.now()
        self._metrics.attempts.labels(verdict.outcome).inc()
        if verdict.outcome == "sent":
            self._domains.worked(domain)
            return RecordSent(owner=owner, now=now)
        treatment = TREATMENTS[verdict.outcome]
        if treatment.trouble:
            wait = self._domains.trouble(domain)
            return self._deferred(owner, verdict, wait=None if verdict.ambiguous else wait)
        if not treatment.ends:
            return self._deferred(owner, verdict)
        if treatment.suppress:
            # Before the mail's own outcome: after a crash in between, the mail ends as suppressed.
            await self._suppressions.suppress(letter.recipient.email, "unknown-mailbox", letter.mail_id)
        return RecordRefused(owner=owner, error=verdict.text, failure=verdict.outcome, now=now)

    def _link(self, letter: Letter) -> str | None:
        if letter.sealed_link is None:
            return None
        link = self._sealer.open(letter.sealed_link)
        if not LINK.fullmatch(link):
            raise UnsealableError("the sealed text is not a link")
        return link

    def _written(self, letter: Letter, mail: Mail, link: str | None, preferences: Preferences) -> Outgoing:
        answers = self._reply_to(letter)
        entry = self._catalogue[letter.template]
        reader = in_language(letter.recipient, preferences)
        mute = self._readers.link(reader, entry.category) if entry.optional else None
        means = Means(link=link, answers=answers.addr_spec if answers else "", mute=mute)
        rendered = self._templates.render(letter.template, reader, letter.context, means)
        heading = Heading(
            sender=self._settings.sender,
            recipient=letter.recipient,
            message_id=f"<{_message_key(letter, mail)}@{self._settings.sender_domain}>",
            date=mail.first_attempt_at or self._settings.now(),
            template=letter.template,
            correlation_id=letter.correlation_id,
            category=entry.category,
            reply_to=answers,
            unsubscribe=mute,
        )
        outgoing = compose(heading, rendered)
        return replace(outgoing, content=self._sign(outgoing.content))

    def _reply_to(self, letter: Letter) -> Address | None:
        """An address for answers that cannot be written is no reason to keep the mail back."""
        if letter.reply_to is not None:
            with suppress(UnwritableError):
                return address_of(letter.reply_to)
        return self._settings.desk

    def _deferred(self, owner: str, verdict: Verdict, wait: float | None = None) -> RecordDeferred:
        """``wait``: the attempt is not counted, and the next one is after so many seconds."""
        failure = verdict.outcome
        assert failure != "sent"
        return RecordDeferred(
            owner=owner,
            now=self._settings.now(),
            error=verdict.text,
            ambiguous=verdict.ambiguous,
            retries=self._settings.retries,
            failure=failure,
            excused=wait is not None,
            wait=timedelta(seconds=wait or 0),
            keep=TREATMENTS[failure].keep,
            refused=verdict.permanent,
            late_after=timedelta(seconds=self._settings.mail_late_after),
        )

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
            await self._command(id, mail, Expire(now=now, retries=retries), timer)

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
                case MailSuppressed(reason=reason):
                    outcome, detail = "suppressed", reason
                case MailSkipped(reason=reason):
                    outcome, detail = "skipped", reason
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


def _message_key(letter: Letter, mail: Mail) -> str:
    """The same in every attempt; a copy of a sent mail is another message, or mailboxes would drop it."""
    return f"{letter.mail_id}.{mail.copies}" if mail.copies else letter.mail_id
