"""The state of a mail, its commands and its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

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
from kontor_contracts.values import Recipient
from notifications.domain.mail.orders import EndRetry, MailOrderRefused, MailRequeued, Order, RetryEnded, RetryKept
from notifications.domain.mail.replies import Failure

SkipReason = Literal["muted"]
Status = Literal["new", "queued", "sending", "deferred", "sent", "abandoned", "withdrawn", "suppressed", "skipped"]
FINAL = ("sent", "abandoned", "withdrawn", "suppressed", "skipped")
ENDED_UNSENT = ("abandoned", "suppressed")

RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
"""The wait after the first, second, … failed attempt. There is one attempt more than waits."""

LATE_AFTER = timedelta(minutes=15)
"""A mail that has waited for longer, and is tried again, is announced as deferred, once."""
MOST_ATTEMPTS_KEPT = 20
"""The document keeps the last attempts; troubles of a server may cause more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The content, recipient and cause of a mail.

    ``context``: the template's values, as text. ``sealed_link``: the personal link, erased at the end. After ``expires_at``
    the mail is useless. ``about``: the id of the user who gets it, if it is a user. ``cause_subject``: what the cause is about;
    ``withdrawable``: the mail is not to be sent any more once that is over.
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
    about: str | None = None
    cause_subject: str | None = None
    withdrawable: bool = False
    reply_to: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that is over. ``outcome``: sent, or why it failed; ``words``: the server's, without addresses."""

    at: datetime
    outcome: Failure | Literal["sent"]
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """``next_at``: the time of the next attempt, or while ``sending`` the end of the owner's lease.

    ``unwanted``: it was withdrawn during an attempt; no further one begins. ``excused``: attempts that failed by a trouble of
    ours or of the server, and are not counted against the schedule. ``log``: the last attempts that are over, oldest first.
    ``late``: others were told that it waits. ``failure``: why the last attempt failed. ``retry_until``: an undelivered mail may
    be tried again until then. ``linked``: it had a personal link. ``copies``: how often it was sent again after it was sent.
    ``since``: when the staff had it tried again.
    """

    status: Status = "new"
    letter: Letter | None = None
    attempts: int = 0
    owner: str | None = None
    next_at: datetime | None = None
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    ambiguous: bool = False
    last_error: str | None = None
    unwanted: bool = False
    excused: int = 0
    log: tuple[Attempt, ...] = ()
    late: bool = False
    failure: str | None = None
    retry_until: datetime | None = None
    linked: bool = False
    copies: int = 0
    since: datetime | None = None


# -- commands


@dataclass(frozen=True, slots=True)
class QueueMail:
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAttempt:
    """``owner``: a name that no other attempt has. The process may send only if the mail then names it."""

    owner: str
    now: datetime
    lease: timedelta
    retries: tuple[timedelta, ...] = RETRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSent:
    """``now`` is of the attempt's end."""

    owner: str
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeferred:
    """The attempt failed for now. ``ambiguous``: the server may have taken the mail.

    ``excused``: by a trouble that uses up no attempt; the next one is after ``wait``. ``keep``: so long after its first attempt
    the mail is given up. ``refused``: the server said no for good, though not why.
    """

    owner: str
    now: datetime
    error: str
    ambiguous: bool = False
    retries: tuple[timedelta, ...] = RETRIES
    failure: Failure = "busy"
    excused: bool = False
    wait: timedelta = timedelta(0)
    keep: timedelta | None = None
    refused: bool = False
    late_after: timedelta = LATE_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefused:
    """The mail server will never take this mail (5xx)."""

    owner: str
    error: str
    failure: Failure | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUnreadable:
    """The sealed link cannot be opened, now or ever."""

    owner: str
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """No attempt is left: the mail has expired, or all attempts ended in a crash."""

    now: datetime
    retries: tuple[timedelta, ...] = RETRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Postpone:
    """Its domain or the mail server takes no mail now. No attempt is made before ``until``."""

    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppress:
    """No mail goes to its recipient, because of what happened to an earlier one."""

    now: datetime
    why: SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Its reader does not want it."""

    now: datetime
    why: SkipReason


Step = (
    StartAttempt | RecordSent | RecordDeferred | RecordRefused | RecordUnreadable | Expire | Postpone | Suppress | Skip
)


@dataclass(frozen=True, slots=True)
class ForgetRecipient:
    """The user was purged. The mail forgets its recipient; if it was not sent, it expires."""


@dataclass(frozen=True, slots=True)
class WithdrawMail:
    """What the mail is about is over. An attempt under way is left to end; one that was given up is not tried again."""

    now: datetime


Command = QueueMail | ForgetRecipient | WithdrawMail | Order | EndRetry | Step


# -- events that are not announced: they contain addresses, links and the server's replies


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
    """``next_at`` None: there is no further attempt."""

    error: str
    next_at: datetime | None
    ambiguous: bool
    failure: Failure = "busy"
    excused: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MailPostponed:
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded:
    """The last attempt: the mail was sent, or refused for good."""

    at: datetime
    outcome: Failure | Literal["sent"]
    words: str | None = None


@dataclass(frozen=True, slots=True)
class RecipientForgotten:
    pass


@dataclass(frozen=True, slots=True)
class MailUnwanted:
    """Withdrawn during an attempt."""


Fact = (
    LetterWritten
    | RecipientForgotten
    | MailUnwanted
    | MailOrdered
    | MailOrderRefused
    | MailRequeued
    | RetryKept
    | RetryEnded
    | AttemptStarted
    | AttemptFailed
    | AttemptEnded
    | MailPostponed
    | MailDeferred
    | MailSuppressed
    | MailSkipped
    | MailQueued
    | MailSent
    | MailAbandoned
    | MailWithdrawn
)
Reason = Literal["refused-by-server", "retries-exhausted", "expired", "unreadable-secret"]
