"""The mail aggregate: queued, attempted on its own schedule, then sent or abandoned.

A process that sends the mail first stores its name (``owner``) in it and has the mail until ``next_at``. If it crashes, the
mail is sent again after that time, marked ambiguous, because the mail server may already have it (RFC 1047).
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from kontor_contracts.notifications import MailAbandoned, MailQueued, MailSent, MailWithdrawn
from kontor_contracts.values import Recipient
from notifications.domain.mail.state import (
    FINAL,
    RETRIES,
    AttemptFailed,
    AttemptStarted,
    Command,
    Expire,
    Fact,
    ForgetRecipient,
    Letter,
    LetterWritten,
    Mail,
    MailUnwanted,
    QueueMail,
    Reason,
    RecipientForgotten,
    RecordDeferred,
    RecordRefused,
    RecordSent,
    RecordUnreadable,
    StartAttempt,
    Step,
    WithdrawMail,
)

MAX_DETAIL = 200
NOBODY = Recipient(name="-", email="erased@kontor.invalid")
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


def decide(command: Command, mail: Mail) -> list[Fact]:
    """A sent or abandoned mail does not change. An attempt that lost its lease may only record success."""
    if isinstance(command, QueueMail):
        return _queue(command.letter) if mail.letter is None else []
    if isinstance(command, ForgetRecipient):
        return _forget(mail)
    if mail.letter is None or mail.status in FINAL:
        return []
    if isinstance(command, WithdrawMail):
        return _withdraw(command.now, mail, mail.letter)
    if isinstance(command, RecordDeferred | RecordRefused | RecordUnreadable) and command.owner != mail.owner:
        return []
    return _step(command, mail, mail.letter)


def evolve(mail: Mail, fact: Fact) -> Mail:  # noqa: PLR0911  one state per fact
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
        case RecipientForgotten():
            return _erased(mail)
        case MailQueued():
            return mail
        case MailUnwanted():
            return replace(mail, unwanted=True)
        case MailWithdrawn():
            return replace(_closed(mail), status="withdrawn")
        case MailSent(ambiguous=ambiguous):
            return replace(_closed(mail), status="sent", ambiguous=ambiguous)
        case MailAbandoned(detail=detail):
            return replace(_closed(mail), status="abandoned", last_error=detail)
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
    return "retries-exhausted" if mail.attempts > len(retries) else None


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
        letter = replace(letter, recipient=NOBODY, context={}, sealed_link=None, expires_at=letter.queued_at)
    return replace(mail, letter=letter, last_error=None)


def _step(command: Step, mail: Mail, letter: Letter) -> list[Fact]:
    match command:
        case StartAttempt():
            return _start(command, mail)
        case RecordSent(owner=owner):
            return [_sent(letter, mail, ambiguous=mail.ambiguous or mail.owner != owner)]
        case RecordDeferred():
            return _defer(command, mail, letter)
        case RecordRefused(error=error):
            return [_abandoned(letter, mail, "refused-by-server", error)]
        case RecordUnreadable():
            return [_abandoned(letter, mail, "unreadable-secret", "the link cannot be opened with our key")]
        case Expire(now=now, retries=retries):
            return _expire(mail, letter, now, retries)
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


def _defer(command: RecordDeferred, mail: Mail, letter: Letter) -> list[Fact]:
    error = plain(command.error)
    exhausted = mail.attempts > len(command.retries)
    next_at = None if exhausted else command.now + command.retries[mail.attempts - 1]
    late = next_at is not None and letter.expires_at is not None and next_at >= letter.expires_at
    if mail.unwanted:
        return [_withdrawn(letter, mail)]
    failed = AttemptFailed(
        error=error, next_at=None if late else next_at, ambiguous=mail.ambiguous or command.ambiguous
    )
    if failed.next_at is not None:
        return [failed]
    return [failed, _abandoned(letter, mail, "expired" if late else "retries-exhausted", error)]


def _expire(mail: Mail, letter: Letter, now: datetime, retries: tuple[timedelta, ...]) -> list[Fact]:
    match overdue(mail, now, retries):
        case None:
            return []
        case "withdrawn":
            return [_withdrawn(letter, mail)]
        case reason:
            return [_abandoned(letter, mail, reason, mail.last_error or "no attempt was completed")]


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


def _abandoned(letter: Letter, mail: Mail, reason: Reason, detail: str) -> MailAbandoned:
    ends = {"attempts": mail.attempts, "reason": reason, "detail": plain(detail)}
    return MailAbandoned.model_validate({**_names(letter), **ends})


def _closed(mail: Mail) -> Mail:
    letter = None if mail.letter is None else replace(mail.letter, sealed_link=None)
    return replace(mail, letter=letter, owner=None, next_at=None)


def _leased(mail: Mail, now: datetime) -> bool:
    return mail.status == "sending" and mail.next_at is not None and now < mail.next_at


def plain(text: str) -> str:
    """A server's reply as one line, without control characters and addresses: events must not contain addresses."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return ADDRESS.sub("***", words)[:MAX_DETAIL].strip() or "no reason given"
