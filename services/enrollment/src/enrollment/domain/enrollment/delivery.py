"""Decisions on the mails about an enrollment: what became of them, as notifications announces it.

A mail that its mail server refused most often has a mistyped address, so the company is asked to correct the contact.
"""

from dataclasses import dataclass
from datetime import datetime

from enrollment.domain.enrollment.addressing import known
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.mails import TO_CONTACT, MailRecord, MailState
from enrollment.domain.enrollment.own_facts import MailNoted
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import ContactUndeliverable


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteMail:
    """``reason``: why it was not delivered, a code of notifications."""

    mail_id: str
    template: str
    state: MailState
    at: datetime
    reason: str | None = None


def note_mail(command: NoteMail, state: Enrollment) -> list[Fact]:
    known_one = next((one for one in state.mails if one.mail_id == command.mail_id), None)
    if known_one is not None and (command.at < known_one.at or command.state == known_one.state):
        # Older news, or the same again. A mail may be sent after all, because the staff try it again.
        return []
    if known_one is None and command.state != "queued":
        # An older one that is not kept any more.
        return []
    noted = MailNoted(MailRecord(command.mail_id, command.template, command.state, command.at, command.reason))
    if command.state != "undeliverable" or not _asks_the_contact(command.mail_id, state):
        return [noted]
    who = known(state)
    if who["company_name"] is None or who["contact"] is None:
        return [noted]
    undeliverable = ContactUndeliverable(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        company_name=who["company_name"],
        contact=who["contact"],
        applicant=state.applicant,
        reason=command.reason or "unknown",
    )
    return [noted, undeliverable]


def contact_mail(state: Enrollment) -> MailRecord | None:
    """The newest mail with a link for the primary contact."""
    return next((one for one in reversed(state.mails) if one.template == TO_CONTACT), None)


def contact_unreachable(state: Enrollment) -> bool:
    """The enrollment waits for a contact whose mail cannot be delivered."""
    newest = contact_mail(state)
    return state.status == "contact-pending" and newest is not None and newest.state == "undeliverable"


def _asks_the_contact(mail_id: str, state: Enrollment) -> bool:
    newest = contact_mail(state)
    return state.status == "contact-pending" and newest is not None and newest.mail_id == mail_id
