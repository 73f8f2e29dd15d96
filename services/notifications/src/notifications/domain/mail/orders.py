"""What the program's staff order about a mail: send it again, or not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from kontor_contracts.envelope import Refusal

RETRY_FOR = timedelta(days=14)
"""A mail that was not delivered keeps what another attempt needs for so long, and its link no longer than it is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryMail:
    """Send a mail that waits, was given up or was suppressed. ``reason``: the staff's words, for the activity log."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendMail:
    """Send a second copy of a sent mail."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMail:
    """Do not send the mail. An attempt under way is left to end."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class EndRetry:
    """The time for another attempt is over: what it would have needed is erased."""

    now: datetime


Order = RetryMail | ResendMail | StopMail


@dataclass(frozen=True, slots=True)
class RetryKept:
    """The mail ends without having been delivered, and may be tried again until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class RetryEnded:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRequeued:
    """``copy``: a mail that was sent goes out once more, as a message of its own."""

    at: datetime
    copy: bool


class MailOrderRefused(Refusal):
    """``detail`` says what is wrong and what to do."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-order-refused.v1"
    reason: Literal[
        "mail-over", "mail-sent", "mail-under-way", "mail-not-sent", "mail-link-erased", "mail-expired", "mail-erased"
    ]
    detail: str
