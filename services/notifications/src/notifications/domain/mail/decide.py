"""The mail aggregate: queued, attempted on its own schedule, then sent or abandoned.

A process that sends the mail first stores its name (``owner``) in it and has the mail until ``next_at``. If it crashes, the
mail is sent again after that time, marked ambiguous, because the mail server may already have it (RFC 1047).
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from kontor_contracts.notifications import (
    MailAbandoned,
    MailDeferred,
    MailOrdered,
    MailQueued,
    MailSent,
    MailSkipped,
    MailSuppressed,
    MailWithdrawn,
    SuppressionReason,
)
from notifications.domain.mail.ordering import NOBODY, kept, order
from notifications.domain.mail.orders import (
    EndRetry,
    MailOrderRefused,
    MailRequeued,
    ResendMail,
    RetryEnded,
    RetryKept,
    RetryMail,
    StopMail,
)
from notifications.domain.mail.replies import Failure
from notifications.domain.mail.state import (
    FINAL,
    MOST_ATTEMPTS_KEPT,
    RETRIES,
    Attempt,
    AttemptEnded,
    AttemptFailed,
    AttemptStarted,
    Command,
    Expire,
    Fact,
    ForgetRecipient,
    Letter,
    LetterWritten,
    Mail,
    MailPostponed,
    MailUnwanted,
    Postpone,
    QueueMail,
    Reason,
    RecipientForgotten,
    RecordDeferred,
    RecordRefused,
    RecordSent,
    RecordUnreadable,
    Skip,
    SkipReason,
    StartAttempt,
    Step,
    Suppress,
    WithdrawMail,
)

MAX_DETAIL = 200
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


def decide(command: Command, mail: Mail) -> list[Fact]:  # noqa: PLR0911  one answer per kind of command
    """A mail that has ended changes only by an order of the staff. An attempt that lost its lease may only record success."""
    if isinstance(command, QueueMail):
        return _queue(command.letter) if mail.letter is None else []
    if isinstance(command, ForgetRecipient):
        return _forget(mail)
    if mail.letter is None:
        return []
    if isinstance(command, RetryMail | ResendMail | StopMail):
        return order(command, mail, mail.letter)
    if mail.status in FINAL:
        return _end_retry(command, mail)
    if isinstance(command, EndRetry):
        return []
    if isinstance(command, WithdrawMail):
        return _withdraw(command.now, mail, mail.letter)
    if isinstance(command, RecordDeferred | RecordRefused | RecordUnreadable) and command.owner != mail.owner:
        return []
    return _step(command, mail, mail.letter)


def evolve(mail: Mail, fact: Fact) -> Mail:  # noqa: C901, PLR0911, PLR0912  one state per fact
    match fact:
        case LetterWritten(letter=letter):
            return Mail(status="queued", letter=letter, next_at=letter.queued_at)
        case AttemptStarted(owner=owner, at=at, lease_ends=lease_ends, ambiguous=ambiguous):
            return replace(
                mail,
                status="sending",
                attempts=mail.attempts + 1,
                owner=owner,
                next_at=lease_ends,
                first_attempt_at=mail.first_attempt_at or at,
                last_attempt_at=at,
                ambiguous=ambiguous,
            )
        case AttemptFailed():
            return _failed(mail, fact)
        case AttemptEnded(at=at, outcome=outcome, words=words):
            return _logged(mail, Attempt(at, outcome, words))
        case MailPostponed(next_at=next_at):
            return replace(mail, next_at=next_at)
        case RecipientForgotten():
            return _erased(mail)
        case MailQueued() | MailOrdered() | MailOrderRefused():
            return mail
        case RetryKept(until=until):
            return replace(mail, retry_until=until)
        case RetryEnded():
            return _closed(replace(mail, retry_until=None))
        case MailRequeued():
            return _requeued(mail, fact)
        case MailDeferred():
            return replace(mail, late=True)
        case MailSuppressed(reason=reason):
            return replace(_closed(mail), status="suppressed", failure=reason)
        case MailSkipped(reason=reason):
            return replace(_closed(mail), status="skipped", failure=reason)
        case MailUnwanted():
            return replace(mail, unwanted=True)
        case MailWithdrawn():
            return replace(_closed(replace(mail, retry_until=None)), status="withdrawn")
        case MailSent(ambiguous=ambiguous):
            return replace(_closed(mail), status="sent", ambiguous=ambiguous, failure=None)
        case MailAbandoned(detail=detail, failure=failure, reason=reason):
            return replace(_closed(mail), status="abandoned", last_error=detail, failure=failure or reason)
        case _:
            assert_never(fact)


def overdue(
    mail: Mail, now: datetime, retries: tuple[timedelta, ...] = RETRIES
) -> Reason | Literal["withdrawn"] | None:
    """Why no further attempt may begin at ``now``, or None. An attempt under way is left to end."""
    if mail.letter is None or mail.status in FINAL or _leased(mail, now):
        return None
    if mail.unwanted:
        return "withdrawn"
    if mail.letter.expires_at is not None and now >= mail.letter.expires_at:
        return "expired"
    return "retries-exhausted" if mail.attempts - mail.excused > len(retries) else None


def skippable(mail: Mail) -> bool:
    """Whether the mail can still be left out: not one that its reader may have."""
    return mail.status in {"queued", "deferred"} and not mail.ambiguous


# -- decisions


def _queue(letter: Letter) -> list[Fact]:
    return [LetterWritten(letter), MailQueued.model_validate(_names(letter))]


def _forget(mail: Mail) -> list[Fact]:
    return [] if mail.letter is None or mail.letter.recipient == NOBODY else [RecipientForgotten()]


def _erased(mail: Mail) -> Mail:
    """Erases the server's reply as well: it may contain the address.

    The mail expires, so no further attempt begins. An attempt under way may still record its success.
    """
    letter = mail.letter
    if letter is not None:
        letter = replace(
            letter, recipient=NOBODY, context={}, sealed_link=None, reply_to=None, expires_at=letter.queued_at
        )
    mail = replace(mail, retry_until=None)
    return replace(mail, letter=letter, last_error=None, log=tuple(replace(one, words=None) for one in mail.log))


def _failed(mail: Mail, fact: AttemptFailed) -> Mail:
    failed = replace(
        mail,
        status="deferred",
        owner=None,
        next_at=fact.next_at,
        ambiguous=fact.ambiguous,
        last_error=fact.error,
        failure=fact.failure,
        excused=mail.excused + int(fact.excused),
    )
    at = fact.at or mail.last_attempt_at
    return failed if at is None else _logged(failed, Attempt(at, fact.failure, fact.error))


def _logged(mail: Mail, attempt: Attempt) -> Mail:
    return replace(mail, log=(*mail.log, attempt)[-MOST_ATTEMPTS_KEPT:])


def _step(command: Step, mail: Mail, letter: Letter) -> list[Fact]:  # noqa: PLR0911  one decision per command
    match command:
        case StartAttempt():
            return _start(command, mail)
        case RecordSent(owner=owner, now=now):
            sent = _sent(letter, mail, ambiguous=mail.ambiguous or mail.owner != owner)
            return [sent] if now is None else [AttemptEnded(at=now, outcome="sent"), sent]
        case RecordDeferred():
            return _defer(command, mail, letter)
        case RecordRefused():
            return _refuse(command, mail, letter)
        case RecordUnreadable():
            over = _abandoned(letter, mail, "unreadable-secret", "the link cannot be opened with our key")
            return [*([] if command.now is None else kept(mail, letter, command.now)), over]
        case Expire(now=now, retries=retries):
            return _expire(mail, letter, now, retries)
        case Postpone(now=now, until=until):
            waits = not _leased(mail, now) and mail.next_at is not None and mail.next_at < until
            return [MailPostponed(until)] if waits else []
        case Suppress(now=now, why=why):
            return [] if _leased(mail, now) else [*kept(mail, letter, now), _suppressed(letter, mail, why)]
        case Skip(now=now, why=why):
            return [] if _leased(mail, now) or not skippable(mail) else [_skipped(letter, why)]
        case _:
            assert_never(command)


def _start(command: StartAttempt, mail: Mail) -> list[Fact]:
    now = command.now
    early = mail.next_at is not None and now < mail.next_at
    if mail.owner == command.owner or early or overdue(mail, now, command.retries):
        return []
    return [
        AttemptStarted(
            owner=command.owner,
            at=now,
            lease_ends=now + command.lease,
            # The previous owner recorded no outcome.
            ambiguous=mail.ambiguous or mail.status == "sending",
        )
    ]


def _refuse(command: RecordRefused, mail: Mail, letter: Letter) -> list[Fact]:
    ended = _abandoned(letter, mail, "refused-by-server", command.error, command.failure)
    if command.now is None:
        return [ended]
    outcome = command.failure or "unclear"
    attempt = AttemptEnded(at=command.now, outcome=outcome, words=plain(command.error))
    return [attempt, *kept(mail, letter, command.now), ended]


def _defer(command: RecordDeferred, mail: Mail, letter: Letter) -> list[Fact]:
    if mail.unwanted:
        return [_withdrawn(letter, mail)]
    error = plain(command.error)
    next_at = _next_attempt(command, mail)
    late = next_at is not None and letter.expires_at is not None and next_at >= letter.expires_at
    failed = AttemptFailed(
        error=error,
        next_at=None if late else next_at,
        ambiguous=mail.ambiguous or command.ambiguous,
        failure=command.failure,
        excused=command.excused,
        at=command.now,
    )
    if failed.next_at is not None:
        waits = not mail.late and command.now - letter.queued_at >= command.late_after
        return [failed, _deferred(letter, mail, failed)] if waits else [failed]
    ends: Reason = "expired" if late else "refused-by-server" if command.refused else "retries-exhausted"
    retry = [] if ends == "expired" else kept(mail, letter, command.now)
    return [failed, *retry, _abandoned(letter, mail, ends, error, command.failure)]


def _next_attempt(command: RecordDeferred, mail: Mail) -> datetime | None:
    """None: the mail has had its time, or its attempts."""
    used = mail.attempts - mail.excused
    if command.excused:
        next_at = command.now + command.wait
    elif used > len(command.retries):
        return None
    else:
        next_at = command.now + command.retries[used - 1]
    first = mail.since or mail.first_attempt_at or command.now
    return None if command.keep is not None and next_at > first + command.keep else next_at


def _expire(mail: Mail, letter: Letter, now: datetime, retries: tuple[timedelta, ...]) -> list[Fact]:
    match overdue(mail, now, retries):
        case None:
            return []
        case "withdrawn":
            return [_withdrawn(letter, mail)]
        case reason:
            over = _abandoned(letter, mail, reason, mail.last_error or "no attempt was completed")
            return [*kept(mail, letter, now), over]


def _withdraw(now: datetime, mail: Mail, letter: Letter) -> list[Fact]:
    if not letter.withdrawable or mail.unwanted:
        return []
    return [MailUnwanted()] if _leased(mail, now) else [_withdrawn(letter, mail)]


def _names(letter: Letter) -> dict[str, str | None]:
    """What every event of a mail says of it."""
    return {
        "mail_id": letter.mail_id,
        "template": letter.template,
        "cause_id": letter.cause_id,
        "cause_subject": letter.cause_subject,
    }


def _withdrawn(letter: Letter, mail: Mail) -> MailWithdrawn:
    return MailWithdrawn.model_validate({**_names(letter), "attempts": mail.attempts})


def _sent(letter: Letter, mail: Mail, *, ambiguous: bool) -> MailSent:
    return MailSent.model_validate({**_names(letter), "attempts": mail.attempts, "ambiguous": ambiguous})


def _abandoned(
    letter: Letter, mail: Mail, reason: Reason, detail: str, failure: Failure | None = None
) -> MailAbandoned:
    ends = {"attempts": mail.attempts, "reason": reason, "detail": plain(detail), "failure": failure}
    return MailAbandoned.model_validate({**_names(letter), **ends})


def _deferred(letter: Letter, mail: Mail, failed: AttemptFailed) -> MailDeferred:
    waits = {"next_attempt_at": failed.next_at, "failure": failed.failure, "detail": failed.error}
    return MailDeferred.model_validate({**_names(letter), "attempts": mail.attempts, **waits})


def _suppressed(letter: Letter, mail: Mail, why: SuppressionReason) -> MailSuppressed:
    return MailSuppressed.model_validate({**_names(letter), "attempts": mail.attempts, "reason": why})


def _skipped(letter: Letter, why: SkipReason) -> MailSkipped:
    return MailSkipped.model_validate({**_names(letter), "reason": why})


def _closed(mail: Mail) -> Mail:
    """The link is erased, at once or, if the mail may be tried again, by a timer when that is over."""
    letter, linked = mail.letter, mail.linked
    if letter is not None and mail.retry_until is None:
        linked = linked or letter.sealed_link is not None
        letter = replace(letter, sealed_link=None)
    return replace(mail, letter=letter, owner=None, next_at=None, linked=linked)


def _end_retry(command: Command, mail: Mail) -> list[Fact]:
    """Its time is over, or what the mail is about is."""
    if mail.retry_until is None or mail.letter is None:
        return []
    if isinstance(command, EndRetry):
        return [RetryEnded()] if command.now >= mail.retry_until else []
    return [RetryEnded()] if isinstance(command, WithdrawMail) and mail.letter.withdrawable else []


def _requeued(mail: Mail, fact: MailRequeued) -> Mail:
    """The schedule begins again. A copy is a message of its own; a mail that nobody got keeps its Message-ID and date."""
    again = replace(
        mail,
        status="queued",
        next_at=fact.at,
        since=fact.at,
        excused=mail.attempts,
        late=False,
        retry_until=None,
        failure=None,
    )
    return replace(again, copies=mail.copies + 1, first_attempt_at=None, ambiguous=False) if fact.copy else again


def _leased(mail: Mail, now: datetime) -> bool:
    return mail.status == "sending" and mail.next_at is not None and now < mail.next_at


def plain(text: str) -> str:
    """A server's reply as one line, without control characters and addresses: events must not contain addresses."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return ADDRESS.sub("***", words)[:MAX_DETAIL].strip() or "no reason given"
