"""The last mails about an enrollment, by id; no address is in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MailState = Literal["queued", "deferred", "sent", "undeliverable", "withdrawn"]
TO_CONTACT = "contact-verification"
"""The template with the primary contact's link."""
MAILS_KEPT = 10


@dataclass(frozen=True, slots=True)
class MailRecord:
    """``at``: when it reached this state. ``reason``: a code of notifications."""

    mail_id: str
    template: str
    state: MailState
    at: datetime
    reason: str | None = None


def with_mail(mails: tuple[MailRecord, ...], changed: MailRecord) -> tuple[MailRecord, ...]:
    """In the order in which they were queued, the oldest first. The newest link of the contact is never the one to go."""
    if any(one.mail_id == changed.mail_id for one in mails):
        return tuple(changed if one.mail_id == changed.mail_id else one for one in mails)
    longer = (*mails, changed)
    if len(longer) <= MAILS_KEPT:
        return longer
    link = next((one for one in reversed(longer) if one.template == TO_CONTACT), None)
    oldest = next(one for one in longer if one is not link)
    return tuple(one for one in longer if one is not oldest)
