"""The life of one mail: queued, tried on its own schedule, and in the end sent or abandoned.

Whoever wants to send writes its name (``owner``) into the mail first and keeps it until ``next_at``. A process that
dies in between leaves the mail with that name; when the time is over the mail goes out once more, marked ambiguous,
because nobody can know whether the mail server already has it (RFC 1047).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from kontor_contracts.notifications import MailAbandoned, MailQueued, MailSent
from kontor_contracts.values import Recipient

Status = Literal["new", "queued", "sending", "deferred", "sent", "abandoned"]
FINAL = ("sent", "abandoned")

RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
"""How long to wait after the first, second, … attempt that failed. There is one attempt more than waits."""

MAX_DETAIL = 200
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be written, to whom and why.

    ``context`` is what the template needs, as text; ``sealed_link`` the personal link, until nobody needs it any more.
    After ``expires_at`` the mail would be of no use.
    """

    mail_id: str
    template: str
    recipient: Recipient
    context: Mapping[str, str] = field(default_factory=dict)
    sealed_link: str | None = None
    expires_at: datetime | None = None
    cause_id: str
    correlation_id: str
    tenant: str | None = None
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """``next_at`` is when something is to happen: the next attempt, or while ``sending`` the end of the owner's lease."""

    status: Status = "new"
    letter: Letter | None = None
    attempts: int = 0
    owner: str | None = None
    next_at: datetime | None = None
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    ambiguous: bool = False
    last_error: str | None = None


# -- commands


@dataclass(frozen=True, slots=True)
class QueueMail:
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAttempt:
    """``owner`` is a name that no other attempt has; only who finds it in the mail afterwards may send."""

    owner: str
    now: datetime
    lease: timedelta
    retries: tuple[timedelta, ...] = RETRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSent:
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeferred:
    """It did not work this time. ``ambiguous``: it broke off at a point where the server may have taken the mail."""

    owner: str
    now: datetime
    error: str
    ambiguous: bool = False
    retries: tuple[timedelta, ...] = RETRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefused:
    """The mail server will never take this mail (5xx)."""

    owner: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUnreadable:
    """The sealed link cannot be opened, now or ever."""

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """Nothing is left to be tried: the time is over, or all attempts ended in a crash."""

    now: datetime
    retries: tuple[timedelta, ...] = RETRIES


Command = QueueMail | StartAttempt | RecordSent | RecordDeferred | RecordRefused | RecordUnreadable | Expire


# -- facts that are nobody else's business: they hold addresses, links and the server's words


@dataclass(frozen=True, slots=True)
class LetterWritten:
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted:
    owner: str
    at: datetime
    lease_ends: datetime
    ambiguous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed:
    """``next_at`` None: there will be no other."""

    error: str
    next_at: datetime | None
    ambiguous: bool


Fact = LetterWritten | AttemptStarted | AttemptFailed | MailQueued | MailSent | MailAbandoned
Reason = Literal["refused-by-server", "retries-exhausted", "expired", "unreadable-secret"]


def decide(command: Command, mail: Mail) -> list[Fact]:
    """Total. What is sent or abandoned stays so, and an attempt that lost its lease may only tell of success."""
    if isinstance(command, QueueMail):
        return _queue(command.letter) if mail.letter is None else []
    letter = mail.letter
    if letter is None or mail.status in FINAL:
        return []
    match command:
        case StartAttempt():
            return _start(command, mail, letter)
        case RecordSent(owner=owner):
            return [_sent(letter, mail, ambiguous=mail.ambiguous or mail.owner != owner)]
        case RecordDeferred():
            return _defer(command, mail, letter) if mail.owner == command.owner else []
        case RecordRefused(owner=owner, error=error):
            return [_abandoned(letter, mail, "refused-by-server", error)] if mail.owner == owner else []
        case RecordUnreadable(owner=owner):
            detail = "the link was sealed with another key"
            return [_abandoned(letter, mail, "unreadable-secret", detail)] if mail.owner == owner else []
        case Expire(now=now, retries=retries):
            return _expire(mail, letter, now, retries)
        case _:
            assert_never(command)


def evolve(mail: Mail, fact: Fact) -> Mail:
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
        case AttemptFailed(error=error, next_at=next_at, ambiguous=ambiguous):
            return replace(mail, status="deferred", owner=None, next_at=next_at, ambiguous=ambiguous, last_error=error)
        case MailQueued():
            return mail
        case MailSent(ambiguous=ambiguous):
            return replace(_closed(mail), status="sent", ambiguous=ambiguous)
        case MailAbandoned(detail=detail):
            return replace(_closed(mail), status="abandoned", last_error=detail)
        case _:
            assert_never(fact)


def overdue(mail: Mail, now: datetime, retries: tuple[timedelta, ...] = RETRIES) -> Reason | None:
    """Why no further attempt may begin at ``now``, or None. An attempt under way is left to end."""
    if mail.letter is None or mail.status in FINAL or _leased(mail, now):
        return None
    if mail.letter.expires_at is not None and now >= mail.letter.expires_at:
        return "expired"
    return "retries-exhausted" if mail.attempts > len(retries) else None


# -- decisions


def _queue(letter: Letter) -> list[Fact]:
    queued = MailQueued(mail_id=letter.mail_id, template=letter.template, cause_id=letter.cause_id)
    return [LetterWritten(letter), queued]


def _start(command: StartAttempt, mail: Mail, letter: Letter) -> list[Fact]:
    now = command.now
    early = mail.next_at is not None and now < mail.next_at
    if mail.owner == command.owner or early or overdue(mail, now, command.retries):
        return []
    return [
        AttemptStarted(
            owner=command.owner,
            at=now,
            lease_ends=now + command.lease,
            # Whoever had the mail before did not come back to tell what became of it.
            ambiguous=mail.ambiguous or mail.status == "sending",
        )
    ]


def _defer(command: RecordDeferred, mail: Mail, letter: Letter) -> list[Fact]:
    error = _line(command.error)
    exhausted = mail.attempts > len(command.retries)
    next_at = None if exhausted else command.now + command.retries[mail.attempts - 1]
    late = next_at is not None and letter.expires_at is not None and next_at >= letter.expires_at
    failed = AttemptFailed(
        error=error, next_at=None if late else next_at, ambiguous=mail.ambiguous or command.ambiguous
    )
    if failed.next_at is not None:
        return [failed]
    return [failed, _abandoned(letter, mail, "expired" if late else "retries-exhausted", error)]


def _expire(mail: Mail, letter: Letter, now: datetime, retries: tuple[timedelta, ...]) -> list[Fact]:
    reason = overdue(mail, now, retries)
    return [] if reason is None else [_abandoned(letter, mail, reason, mail.last_error or "no attempt came to an end")]


def _sent(letter: Letter, mail: Mail, *, ambiguous: bool) -> MailSent:
    return MailSent(
        mail_id=letter.mail_id,
        template=letter.template,
        cause_id=letter.cause_id,
        attempts=mail.attempts,
        ambiguous=ambiguous,
    )


def _abandoned(letter: Letter, mail: Mail, reason: Reason, detail: str) -> MailAbandoned:
    return MailAbandoned(
        mail_id=letter.mail_id,
        template=letter.template,
        cause_id=letter.cause_id,
        attempts=mail.attempts,
        reason=reason,
        detail=_line(detail),
    )


def _closed(mail: Mail) -> Mail:
    letter = None if mail.letter is None else replace(mail.letter, sealed_link=None)
    return replace(mail, letter=letter, owner=None, next_at=None)


def _leased(mail: Mail, now: datetime) -> bool:
    return mail.status == "sending" and mail.next_at is not None and now < mail.next_at


def _line(text: str) -> str:
    """A server's words as one line without control characters and without addresses, which events must not hold."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return ADDRESS.sub("<address>", words)[:MAX_DETAIL].strip() or "no reason given"
