"""Decisions on what the program's staff order about a mail."""

from datetime import datetime
from typing import assert_never

from kontor_contracts.notifications import MailOrdered, MailQueued, MailWithdrawn
from kontor_contracts.values import Recipient
from notifications.domain.mail.orders import (
    RETRY_FOR,
    MailOrderRefused,
    MailRequeued,
    Order,
    ResendMail,
    RetryKept,
    RetryMail,
    StopMail,
)
from notifications.domain.mail.state import ENDED_UNSENT, Fact, Letter, Mail, MailUnwanted

NOBODY = Recipient(name="-", email="erased@kontor.invalid")


def order(command: Order, mail: Mail, letter: Letter) -> list[Fact]:
    match command:
        case RetryMail(at=at):
            return _refused_retry(mail, letter, at) or _requeued(command, mail, letter, copy=False)
        case ResendMail(at=at):
            return _refused_copy(mail, letter, at) or _requeued(command, mail, letter, copy=True)
        case StopMail():
            return _stop(command, mail, letter)
        case _:
            assert_never(command)


def kept(mail: Mail, letter: Letter, now: datetime) -> list[Fact]:
    """Until when a mail that ends undelivered may be tried again; nothing where that makes no sense."""
    until = now + RETRY_FOR
    if letter.expires_at is not None:
        until = min(until, letter.expires_at)
    return [RetryKept(until)] if until > now and letter.recipient != NOBODY and not mail.unwanted else []


def _requeued(command: RetryMail | ResendMail, mail: Mail, letter: Letter, *, copy: bool) -> list[Fact]:
    named = {
        "mail_id": letter.mail_id,
        "template": letter.template,
        "cause_id": letter.cause_id,
        "cause_subject": letter.cause_subject,
    }
    queued = [MailQueued.model_validate(named)] if mail.status != "deferred" else []
    again = MailRequeued(at=command.at, copy=copy)
    return [again, _ordered(letter, "resend" if copy else "retry", command.reason), *queued]


def _refused_retry(mail: Mail, letter: Letter, at: datetime) -> list[Fact]:
    match mail.status:
        case "sent":
            return [_no("mail-sent", "the mail server took the mail; resend it if another copy is wanted")]
        case "queued" | "sending":
            return [_no("mail-under-way", "the mail is about to be sent; look at it again in a minute")]
        case "withdrawn":
            return [_no("mail-over", "what the mail is about is over; it must not be sent any more")]
        case "skipped":
            return [_no("mail-over", "its reader did not want it; the reader's preferences decide")]
        case _:
            pass
    if mail.unwanted:
        return [_no("mail-over", "what the mail is about is over; it must not be sent any more")]
    return _refused_anyway(letter, at) or (
        [_no("mail-link-erased", "the time to try it again is over; renew what it is about where it came from")]
        if mail.status in ENDED_UNSENT and mail.retry_until is None
        else []
    )


def _refused_copy(mail: Mail, letter: Letter, at: datetime) -> list[Fact]:
    if mail.status != "sent":
        return [_no("mail-not-sent", "only a mail that was sent can be sent once more; retry one that was given up")]
    if mail.linked:
        detail = "its personal link was erased when it was sent; renew what it is about where it came from"
        return [_no("mail-link-erased", detail)]
    return _refused_anyway(letter, at)


def _refused_anyway(letter: Letter, at: datetime) -> list[Fact]:
    if letter.recipient == NOBODY:
        return [_no("mail-erased", "the recipient's data were erased")]
    if letter.expires_at is not None and at >= letter.expires_at:
        return [_no("mail-expired", "what the mail says is not valid any more")]
    return []


def _stop(command: StopMail, mail: Mail, letter: Letter) -> list[Fact]:
    match mail.status:
        case "sent":
            return [_no("mail-sent", "the mail server took the mail; it cannot be taken back")]
        case "withdrawn" | "skipped":
            return []
        case "sending" if mail.next_at is not None and command.at < mail.next_at:
            ended: list[Fact] = [] if mail.unwanted else [MailUnwanted()]
        case _:
            ended = [
                MailWithdrawn(
                    mail_id=letter.mail_id,
                    template=letter.template,
                    cause_id=letter.cause_id,
                    cause_subject=letter.cause_subject,
                    attempts=mail.attempts,
                )
            ]
    return [_ordered(letter, "withdraw", command.reason), *ended] if ended else []


def _ordered(letter: Letter, wanted: str, reason: str) -> MailOrdered:
    return MailOrdered.model_validate(
        {
            "mail_id": letter.mail_id,
            "template": letter.template,
            "organization_id": letter.tenant,
            "order": wanted,
            "reason": reason,
        }
    )


def _no(reason: str, detail: str) -> MailOrderRefused:
    return MailOrderRefused.model_validate({"reason": reason, "detail": detail})
