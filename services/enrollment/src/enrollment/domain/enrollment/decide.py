"""The enrollment aggregate: decide and evolve.

The rules are in `application` (until the submission), `admission` (after it), `standing`, `names` and `account`; the
state and its events in `state`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.account import AccountCommand, EndWithAccount, FollowCorrection, follow_account
from enrollment.domain.enrollment.admission import (
    RESENDS_PER_DAY,
    ConfirmContact,
    DenyContact,
    ResendVerification,
    Review,
    SignAgreement,
    confirm_contact,
    deny_contact,
    resend_verification,
    review,
    sign_agreement,
)
from enrollment.domain.enrollment.application import (
    AssociatePartnerId,
    SetPrimaryContact,
    SetSupportContact,
    StartEnrollment,
    Submit,
    UpdateProfile,
    associate_partner_id,
    set_primary_contact,
    set_support_contact,
    start,
    submit,
    update_profile,
)
from enrollment.domain.enrollment.names import (
    ChangeLegalName,
    FollowAccountName,
    change_legal_name,
    follow_account_name,
)
from enrollment.domain.enrollment.standing import Reinstate, StandingCommand, Suspend, judge_standing
from enrollment.domain.enrollment.state import (
    AccountNoted,
    Announced,
    CancelledByAccount,
    ContactsErased,
    Enrollment,
    EnrollmentRefused,
    Fact,
    LegalProfileUpdated,
    Link,
    LinkIssued,
    MilestoneReached,
    NameNoted,
    Own,
    PrimaryContactSet,
    Status,
    SupportContactSet,
)
from kontor_contracts.enrollment import (
    AgreementSigned,
    ContactDenied,
    ContactVerificationRequested,
    ContactVerified,
    EnrollmentActivated,
    EnrollmentApproved,
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentStarted,
    EnrollmentSubmitted,
    EnrollmentSuspended,
    LegalNameChanged,
    PartnerIdAssociated,
)

LINKS_REMEMBERED = 20
"""Older links that are recognized as superseded. Still older ones are unknown."""

Application = StartEnrollment | AssociatePartnerId | UpdateProfile | SetPrimaryContact | SetSupportContact | Submit
Admission = ResendVerification | ConfirmContact | DenyContact | Review | SignAgreement
Naming = FollowAccountName | ChangeLegalName
Command = Application | Admission | Naming | AccountCommand | StandingCommand
Advance = (
    EnrollmentSubmitted
    | ContactVerified
    | ContactDenied
    | EnrollmentApproved
    | EnrollmentActivated
    | CancelledByAccount
    | EnrollmentSuspended
    | EnrollmentReinstated
)
"""Events that change the status and nothing else."""
Profiled = (
    AccountNoted
    | NameNoted
    | LegalNameChanged
    | LegalProfileUpdated
    | PrimaryContactSet
    | SupportContactSet
    | ContactsErased
)
"""Events that change the company's data."""


def decide(command: Command, state: Enrollment) -> Sequence[Fact]:  # noqa: PLR0911  one return per group
    if state.status is None and not isinstance(command, StartEnrollment):
        detail = "this enrollment does not exist; start one"
        return [EnrollmentRefused(reason="not-started", detail=detail)]
    match command:
        case ResendVerification() | ConfirmContact() | DenyContact() | Review() | SignAgreement():
            return _admit(command, state)
        case FollowCorrection() | EndWithAccount():
            return follow_account(command, state)
        case Suspend() | Reinstate():
            return judge_standing(command, state)
        case FollowAccountName():
            return follow_account_name(command, state)
        case ChangeLegalName():
            return change_legal_name(command, state)
        case _:
            return _apply(command, state)


def evolve(state: Enrollment, event: Announced | Own) -> Enrollment:  # noqa: PLR0911  one return per kind of fact
    match event:
        case MilestoneReached(milestone=milestone):
            return replace(state, history=(*state.history, milestone))
        case LinkIssued(link=link):
            return _with_link(state, link)
        case (
            AccountNoted()
            | NameNoted()
            | LegalNameChanged()
            | LegalProfileUpdated()
            | PrimaryContactSet()
            | SupportContactSet()
            | ContactsErased()
        ):
            return _noted(state, event)
        case EnrollmentStarted():
            return replace(
                state,
                enrollment_id=event.enrollment_id,
                organization_id=event.organization_id,
                program=event.program,
                country=event.country,
                started_by=event.started_by,
                status="draft",
            )
        case PartnerIdAssociated(partner_id=partner_id):
            return replace(state, partner_id=partner_id)
        case EnrollmentRejected(reason=reason):
            return replace(state, status="rejected", rejection_reason=reason)
        case AgreementSigned(agreement_version=version):
            return replace(state, agreement_version=version)
        case ContactVerificationRequested():
            # The link itself is in `LinkIssued`: its hash is not announced.
            return state
        case (
            EnrollmentSubmitted()
            | ContactVerified()
            | ContactDenied()
            | EnrollmentApproved()
            | EnrollmentActivated()
            | CancelledByAccount()
            | EnrollmentSuspended()
            | EnrollmentReinstated()
        ):
            return replace(state, status=_status_after(event))
        case _:
            assert_never(event)


def _status_after(event: Advance) -> Status:
    match event:
        case EnrollmentSubmitted():
            return "contact-pending"
        case ContactVerified():
            return "in-review"
        case EnrollmentApproved():
            return "qualified"
        case EnrollmentActivated() | EnrollmentReinstated():
            return "active"
        case EnrollmentSuspended():
            return "suspended"
        case ContactDenied() | CancelledByAccount():
            return "cancelled"
        case _:
            assert_never(event)


def _apply(command: Application, state: Enrollment) -> Sequence[Fact]:
    match command:
        case StartEnrollment():
            return start(command, state)
        case AssociatePartnerId():
            return associate_partner_id(command, state)
        case UpdateProfile():
            return update_profile(command, state)
        case SetPrimaryContact():
            return set_primary_contact(command, state)
        case SetSupportContact():
            return set_support_contact(command, state)
        case Submit():
            return submit(command, state)
        case _:
            assert_never(command)


def _admit(command: Admission, state: Enrollment) -> Sequence[Fact]:
    match command:
        case ResendVerification():
            return resend_verification(command, state)
        case ConfirmContact():
            return confirm_contact(command, state)
        case DenyContact():
            return deny_contact(command, state)
        case Review():
            return review(command, state)
        case SignAgreement():
            return sign_agreement(command, state)
        case _:
            assert_never(command)


def _with_link(state: Enrollment, link: Link) -> Enrollment:
    older = state.link
    if older is None:
        return replace(state, link=link)
    return replace(
        state,
        link=link,
        superseded=(*state.superseded, older.token_hash)[-LINKS_REMEMBERED:],
        resent_at=(*state.resent_at, link.issued_at)[-RESENDS_PER_DAY:],
    )


def _noted(state: Enrollment, fact: Profiled) -> Enrollment:
    match fact:
        case AccountNoted():
            return replace(
                state,
                company_name=fact.company_name,
                region=fact.region,
                registration_id_mandatory=fact.registration_id_mandatory,
            )
        case NameNoted() | LegalNameChanged():
            name = fact.partner.name if isinstance(fact, LegalNameChanged) else fact.company_name
            return replace(state, company_name=name)
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
        case ContactsErased():
            return replace(state, primary_contact=None, support_contact=None)
        case _:
            assert_never(fact)
