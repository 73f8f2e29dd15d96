"""What the events of enrollment are made of: reasons, fields, kinds of documents, and the applicant."""

from typing import Literal

from kontor_contracts.values import Id, Recipient

SuspensionReason = Literal[
    "abuse", "information-not-verified", "invoices-overdue", "provider-at-fault", "agreement-not-accepted"
]
ReinstatementReason = Literal["cause-cleared", "suspended-in-error", "agreement-accepted", "agreement-withdrawn"]
RejectionReason = Literal[
    "business-not-verified",
    "domain-not-owned",
    "employment-not-verified",
    "not-eligible",
    "already-in-program",
    "no-response",
]
WaitingStatus = Literal["draft", "contact-pending", "qualified", "action-required"]
"""What an enrollment waits for, with a date after which it ends: its submission, its contact, its signature, its documents."""

ReviewStep = Literal["employment", "business"]
DocumentKind = Literal[
    "assignment-letter",
    "domain-ownership-record",
    "domain-invoice",
    "formation-documents",
    "agency-letter",
    "licence-or-tax-certificate",
    "lease",
    "bank-or-utility-letter",
    "registry-record",
    "stock-exchange-or-tax-filing",
    "other",
]
"""Proofs that a review accepts. The first three are about employment and the mail domain. ``other``: a note says which."""

MailboxFault = Literal["webmail-address", "webmail-lookalike", "role-mailbox", "disposable-address"]
"""Why the rules refuse the mailbox of a primary contact."""

Correctable = Literal["partner_id", "company_name", "address", "registration_id", "primary_contact", "support_contact"]
LegalField = Literal["company_name", "address", "registration_id"]
"""What a partner's change of its legal profile may be about. The country never changes."""

LegalChangeRejectionReason = Literal["not-verified", "proof-missing", "another-company"]
Confirmation = Literal["legal-profile", "contacts", "agreement", "second-factors"]
"""What a reseller confirms each year: its legal data are right, its contacts are reachable, it keeps the agreement, and all
its administrators have a second factor."""

EndReason = Literal["notice", "not-reauthorized"]
DenialReason = Literal["not-requested", "mailbox-not-the-companys"]
"""What a primary contact denies: to know of the enrollment, or that the mailbox is the contact's own at the company."""


class Applicant(Recipient):
    """The user who enrolled the company. `kontor.identity.user-purged.v1` erases it."""

    user_id: Id
