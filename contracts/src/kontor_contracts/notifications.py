"""What notifications announces: the fate of each mail. No address is in these messages, only ids. Key: the mail."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Line


class MailQueued(Event):
    """A mail is to be sent because of the message ``cause_id``, whose subject is ``cause_subject``, also in the next events."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-queued.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None


class MailSent(Event):
    """The mail server took the mail.

    ``ambiguous``: an attempt broke off after its data, so a copy may exist (same Message-ID).
    """

    TYPE: ClassVar[str] = "kontor.notifications.mail-sent.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    attempts: int
    ambiguous: bool = False


class MailAbandoned(Event):
    """The mail will not be sent; an operator should know why."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-abandoned.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    attempts: int
    reason: Literal["refused-by-server", "retries-exhausted", "expired", "unreadable-secret"]
    detail: Line


class MailWithdrawn(Event):
    """What the mail was about is over, and it was not sent. A mail that was being sent at that moment may be sent instead."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    attempts: int


EVENTS: tuple[type[Payload], ...] = (MailQueued, MailSent, MailAbandoned, MailWithdrawn)
