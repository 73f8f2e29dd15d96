"""What notifications announces: the fate of each mail. No address is in these messages, only ids. Key: the mail."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Culture, Id, Line, Moment

SuppressionReason = Literal["unknown-mailbox", "bounced", "complained", "staff"]
"""Why no mail goes to an address: its server does not know it, mails came back, its reader objects, the staff say so."""


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
    """The mail will not be sent; an operator should know why.

    ``failure``: why the last attempt failed, such as ``unknown-mailbox`` or ``mailbox-full``; new ones may come.
    """

    TYPE: ClassVar[str] = "kontor.notifications.mail-abandoned.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    attempts: int
    reason: Literal["refused-by-server", "retries-exhausted", "expired", "unreadable-secret"]
    detail: Line
    failure: Id | None = None


class MailWithdrawn(Event):
    """What the mail was about is over, and it was not sent. A mail that was being sent at that moment may be sent instead."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    attempts: int


class MailDeferred(Event):
    """The mail has waited for long and is tried again. It is announced once per mail. ``failure``: as in MailAbandoned."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-deferred.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    attempts: int
    failure: Id
    detail: Line
    next_attempt_at: Moment


class MailSuppressed(Event):
    """The mail will not be sent: no mail goes to its recipient's address at present."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-suppressed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    attempts: int
    reason: SuppressionReason


class MailSkipped(Event):
    """The mail is not sent, as its reader wants none of its category (``muted``). New reasons may come."""

    TYPE: ClassVar[str] = "kontor.notifications.mail-skipped.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    cause_id: Id
    cause_subject: Id | None = None
    reason: Id


class MailPreferencesChanged(Event):
    """The reader of a mailbox wants no optional mails of the categories ``muted``, and mails in ``language`` if it is given.

    The subject names the mailbox; its id is derived from the address. ``user_id``: who said so, unless by a link in a mail.
    """

    TYPE: ClassVar[str] = "kontor.notifications.mail-preferences-changed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    muted: tuple[Id, ...]
    language: Culture | None = None
    user_id: Id | None = None


class MailOrdered(Event):
    """The program's staff order that a mail is tried again, sent once more, or not sent. Its outcome follows as for any mail.

    ``organization_id``: whose mail it is, if it is an organization's.
    """

    TYPE: ClassVar[str] = "kontor.notifications.mail-ordered.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    mail_id: Id
    template: Id
    organization_id: Id | None = None
    order: Literal["retry", "resend", "withdraw"]
    reason: Line


class AddressSuppressed(Event):
    """No mail goes to an address from now on, until ``until`` or, without it, until the staff lift it.

    The subject names the suppression; its id is derived from the address.
    """

    TYPE: ClassVar[str] = "kontor.notifications.address-suppressed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    reason: SuppressionReason
    note: Line | None = None
    until: Moment | None = None


class SuppressionLifted(Event):
    """Mails go to the address again, because the program's staff say so. ``note``: why."""

    TYPE: ClassVar[str] = "kontor.notifications.suppression-lifted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    note: Line


EVENTS: tuple[type[Payload], ...] = (
    MailQueued,
    MailSent,
    MailAbandoned,
    MailWithdrawn,
    MailDeferred,
    MailSuppressed,
    MailOrdered,
    AddressSuppressed,
    SuppressionLifted,
    MailSkipped,
    MailPreferencesChanged,
)
