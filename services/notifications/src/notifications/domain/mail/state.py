"""What a mail is, what may be asked of it and what can happen to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be written, to whom and why.

    ``context`` is what the template needs, as text; ``sealed_link`` the personal link, until nobody needs it any more.
    After ``expires_at`` the mail would be of no use. ``about``: the user it is about and goes to, where it is one.
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


Step = StartAttempt | RecordSent | RecordDeferred | RecordRefused | RecordUnreadable | Expire


@dataclass(frozen=True, slots=True)
class ForgetRecipient:
    """The user was purged: whom the mail went to is nobody's business any more. What was not sent expires."""


Command = QueueMail | ForgetRecipient | Step


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


@dataclass(frozen=True, slots=True)
class RecipientForgotten:
    pass


Fact = LetterWritten | RecipientForgotten | AttemptStarted | AttemptFailed | MailQueued | MailSent | MailAbandoned
Reason = Literal["refused-by-server", "retries-exhausted", "expired", "unreadable-secret"]
