"""Contacts of request bodies: held to the rules of mailboxes and phone numbers before a command is made of them."""

from chassis import ProblemError
from chassis.http.addresses import InvalidAddressError
from enrollment.api.forms import SupportContactForm
from enrollment.api.profile_rules import refuse_faults
from enrollment.country_rules import phone_faults
from enrollment.domain.enrollment.state import SupportContact
from enrollment.mailboxes import Mailbox, MailboxRules
from kontor_contracts.enrollment import MailboxFault

GERMAN: dict[MailboxFault, str] = {
    "webmail-address": "Die Adresse ist bei einem öffentlichen Maildienst; geben Sie eine Adresse an der Domain des "
    "Unternehmens an.",
    "webmail-lookalike": "Die Domain ähnelt der eines Maildienstes; prüfen Sie die Schreibweise, und geben Sie eine Adresse an "
    "der Domain des Unternehmens an.",
    "role-mailbox": "Die Adresse gehört einer Funktion; geben Sie die Adresse einer Person an.",
    "disposable-address": "Die Adresse ist eine Wegwerfadresse; geben Sie eine Adresse an der Domain des Unternehmens an.",
}


GERMAN_EXCEPTION = "Oder schreiben Sie dem Programm-Team, das diese Adresse für Ihren Antrag annehmen kann."


def german_mailbox_fault(fault: MailboxFault) -> str:
    return f"{GERMAN[fault]} {GERMAN_EXCEPTION}"


def support_contact_of(form: SupportContactForm, country: str, mailboxes: MailboxRules) -> SupportContact:
    """A role mailbox is allowed."""
    refuse_faults(phone_faults(form.phone, country))
    return SupportContact(judged(mailboxes, form.email).address, form.phone, form.website)


def judged(mailboxes: MailboxRules, email: str) -> Mailbox:
    try:
        return mailboxes.judge(email)
    except InvalidAddressError as error:
        raise ProblemError(422, "email-invalid", str(error), field="email") from error
