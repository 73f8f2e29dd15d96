"""The company's data after an event."""

from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.own_facts import (
    AccountNoted,
    ContactsErased,
    LegalProfileUpdated,
    MailboxAccepted,
    MailboxRefusedAgain,
    NameNoted,
    PartnerIdPostponed,
    PrimaryContactSet,
    SupportContactSet,
)
from enrollment.domain.enrollment.state import AcceptedMailbox, Enrollment
from kontor_contracts.enrollment import LegalNameChanged, PartnerIdAssociated

Profiled = (
    AccountNoted
    | NameNoted
    | LegalNameChanged
    | LegalProfileUpdated
    | PrimaryContactSet
    | SupportContactSet
    | PartnerIdAssociated
    | PartnerIdPostponed
    | MailboxAccepted
    | MailboxRefusedAgain
    | ContactsErased
)
"""Events that change the company's data."""


MAILBOXES_KEPT = 5


def _with_mailbox(
    known: tuple[AcceptedMailbox, ...], fact: MailboxAccepted | MailboxRefusedAgain
) -> tuple[AcceptedMailbox, ...]:
    if isinstance(fact, MailboxAccepted):
        return (*known, fact.mailbox)[-MAILBOXES_KEPT:]
    return tuple(one for one in known if one.email.casefold() != fact.email.casefold())


def with_data(state: Enrollment, fact: Profiled) -> Enrollment:  # noqa: C901, PLR0911  one return per kind of fact
    match fact:
        case AccountNoted():
            return replace(
                state,
                company_name=fact.company_name,
                region=fact.region,
                registration_id_mandatory=fact.registration_id_mandatory,
                applicant=fact.applicant,
                organization_name=fact.organization_name,
                waits=fact.waits,
            )
        case NameNoted(company_name=name):
            return replace(state, company_name=name)
        case LegalNameChanged(partner=partner):
            return replace(state, company_name=partner.name)
        case LegalProfileUpdated():
            return replace(
                state,
                company_name=fact.company_name,
                address=fact.address,
                registration_id=fact.registration_id,
            )
        case PrimaryContactSet(contact=contact):
            return replace(state, primary_contact=contact)
        case SupportContactSet(contact=contact):
            return replace(state, support_contact=contact)
        case PartnerIdAssociated(partner_id=partner_id):
            return replace(state, partner_id=partner_id)
        case MailboxAccepted() | MailboxRefusedAgain():
            return replace(state, accepted_mailboxes=_with_mailbox(state.accepted_mailboxes, fact))
        case PartnerIdPostponed():
            return replace(state, partner_id_postponed=True)
        case ContactsErased():
            # Without a contact a denial cannot be undone.
            return replace(
                state,
                primary_contact=None,
                support_contact=None,
                applicant=None,
                changes=(),
                undo_until=None,
                appeals=(),
                legal_change=None,
                contact_change=None,
                paperwork=(),
                accepted_mailboxes=(),
                dossier=replace(state.dossier, notes=(), checks=()),
            )
        case _:
            assert_never(fact)
