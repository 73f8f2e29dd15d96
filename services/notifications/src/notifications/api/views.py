"""Response models of mails. They show the delivery state and nothing of the text."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from notifications.domain.mail.masking import masked
from notifications.domain.mail.state import Attempt, Mail

ShownStatus = Literal["queued", "sending", "deferred", "sent", "abandoned", "withdrawn", "suppressed", "skipped"]


class AttemptView(BaseModel):
    """One attempt that is over. ``outcome``: sent, or why it failed."""

    at: datetime
    outcome: str
    words: str | None


class MailView(BaseModel):
    """``recipient`` is masked; ``address`` is whole, for those who may manage mails. ``ambiguous``: a copy may exist.

    ``next_attempt_at`` is null unless the mail waits.
    """

    mail_id: str
    template: str
    status: ShownStatus
    recipient: str
    address: str | None
    organization_id: str | None
    attempts: int
    ambiguous: bool
    queued_at: datetime
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    expires_at: datetime | None
    last_error: str | None
    failure: str | None
    retry_until: datetime | None
    copies: int
    log: list[AttemptView]
    cause_id: str
    cause_subject: str | None
    correlation_id: str


def mail_view(mail: Mail, *, whole: bool) -> MailView:
    """The view of a queued mail. ``whole``: with the address."""
    letter = mail.letter
    assert letter is not None
    assert mail.status != "new"
    return MailView(
        mail_id=letter.mail_id,
        template=letter.template,
        status=mail.status,
        recipient=masked(letter.recipient.email),
        address=letter.recipient.email if whole else None,
        organization_id=letter.tenant,
        attempts=mail.attempts,
        ambiguous=mail.ambiguous,
        queued_at=letter.queued_at,
        first_attempt_at=mail.first_attempt_at,
        last_attempt_at=mail.last_attempt_at,
        next_attempt_at=mail.next_at if mail.status in {"queued", "deferred"} else None,
        expires_at=letter.expires_at,
        last_error=mail.last_error,
        failure=mail.failure,
        retry_until=mail.retry_until,
        copies=mail.copies,
        log=[_attempt(one) for one in mail.log],
        cause_id=letter.cause_id,
        cause_subject=letter.cause_subject,
        correlation_id=letter.correlation_id,
    )


def _attempt(attempt: Attempt) -> AttemptView:
    return AttemptView(at=attempt.at, outcome=attempt.outcome, words=attempt.words)
