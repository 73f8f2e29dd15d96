"""The enrollment aggregate: which rule decides on which command.

The rules are in `application` (the information), `joining`, `postponing`, `mailbox_exceptions`, `admission` (contact, review,
signature), `checking`, `domain_check`, `document_requests`, `ways_out`, `erasing`, `deadlines`, `standing`, `names`,
`legal_change`, `reauthorization`, `acceptance`, `contact_change` and `account`; what follows from their facts is in `evolve`.
"""

from collections.abc import Sequence
from typing import assert_never

from enrollment.domain.enrollment.acceptance import (
    AcceptanceCommand,
    AskAcceptance,
    CancelAcceptance,
    MoveAcceptance,
    ask_for_acceptance,
)
from enrollment.domain.enrollment.account import (
    AccountCommand,
    EndWithAccount,
    FollowCorrection,
    ForgetApplicant,
    follow_account,
)
from enrollment.domain.enrollment.admission import (
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
from enrollment.domain.enrollment.appeals import Appeal, appeal
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
from enrollment.domain.enrollment.checking import CheckCommand, RecordChecks, RepeatChecks, keep_checks
from enrollment.domain.enrollment.contact_change import (
    AnswerContactChange,
    ContactChangeCommand,
    CorrectContact,
    RequestContactChange,
    WithdrawContactChange,
    change_contact,
)
from enrollment.domain.enrollment.deadlines import Elapse, elapse
from enrollment.domain.enrollment.delivery import NoteMail, note_mail
from enrollment.domain.enrollment.document_requests import (
    AddFile,
    DocumentCommand,
    ForgetFile,
    RemoveFile,
    RequestDocuments,
    WithdrawDocumentRequest,
    keep_paperwork,
)
from enrollment.domain.enrollment.domain_check import FollowDomain, follow_domain
from enrollment.domain.enrollment.ending import EndingCommand, GiveNotice, WithdrawNotice, end_agreement
from enrollment.domain.enrollment.erasing import EraseEnrollment, erase_enrollment
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.joining import JoinAsEnrolled, join_as_enrolled
from enrollment.domain.enrollment.legal_change import (
    JudgeLegalChange,
    LegalChangeCommand,
    ProposeLegalChange,
    WithdrawLegalChange,
    change_legal_profile,
)
from enrollment.domain.enrollment.mailbox_exceptions import (
    AcceptMailbox,
    MailboxCommand,
    RefuseMailboxAgain,
    judge_mailbox,
)
from enrollment.domain.enrollment.names import (
    ChangeLegalName,
    FollowAccountName,
    change_legal_name,
    follow_account_name,
)
from enrollment.domain.enrollment.postponing import PostponePartnerId, postpone_partner_id
from enrollment.domain.enrollment.reauthorization import (
    ConfirmReauthorization,
    EndWait,
    MoveReauthorization,
    ReauthorizationCommand,
    reauthorize,
)
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.reviewing import (
    AddNote,
    ClaimReview,
    MarkRisk,
    ReleaseReview,
    ReviewerCommand,
    keep_dossier,
)
from enrollment.domain.enrollment.standing import Reinstate, StandingCommand, Suspend, judge_standing
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.ways_out import Withdraw, withdraw

Form = StartEnrollment | AssociatePartnerId | UpdateProfile | SetPrimaryContact | SetSupportContact
Application = Form | Submit | JoinAsEnrolled | PostponePartnerId | EraseEnrollment
Admission = ResendVerification | ConfirmContact | DenyContact | Review | SignAgreement
Course = Withdraw | Appeal | Elapse | FollowAccountName | ChangeLegalName
Noted = ReviewerCommand | DocumentCommand | CheckCommand | MailboxCommand | FollowDomain | NoteMail
ContactOrAgreement = AcceptanceCommand | ContactChangeCommand
OfPartner = StandingCommand | EndingCommand | LegalChangeCommand | ReauthorizationCommand | ContactOrAgreement
Command = Application | Admission | Course | AccountCommand | Noted | OfPartner


def decide(command: Command, state: Enrollment) -> Sequence[Fact]:  # noqa: PLR0911  one return per group
    if state.status is None and not isinstance(command, StartEnrollment):
        detail = "this enrollment does not exist; start one"
        return [EnrollmentRefused(reason="not-started", detail=detail)]
    match command:
        case ResendVerification() | ConfirmContact() | DenyContact() | Review() | SignAgreement():
            return _admit(command, state)
        case FollowCorrection() | EndWithAccount() | ForgetApplicant():
            return follow_account(command, state)
        case (
            Suspend()
            | Reinstate()
            | GiveNotice()
            | WithdrawNotice()
            | ProposeLegalChange()
            | WithdrawLegalChange()
            | JudgeLegalChange()
            | ConfirmReauthorization()
            | MoveReauthorization()
            | EndWait()
            | AskAcceptance()
            | CancelAcceptance()
            | MoveAcceptance()
            | RequestContactChange()
            | WithdrawContactChange()
            | AnswerContactChange()
            | CorrectContact()
        ):
            return _accompany(command, state)
        case ClaimReview() | ReleaseReview() | AddNote() | MarkRisk():
            return keep_dossier(command, state)
        case RequestDocuments() | WithdrawDocumentRequest() | AddFile() | RemoveFile() | ForgetFile():
            return keep_paperwork(command, state)
        case AcceptMailbox() | RefuseMailboxAgain() | RecordChecks() | RepeatChecks() | FollowDomain():
            return _examine(command, state)
        case NoteMail():
            return note_mail(command, state)
        case Withdraw() | Appeal() | Elapse() | FollowAccountName() | ChangeLegalName():
            return _go_on(command, state)
        case _:
            return _apply(command, state)


def _examine(command: MailboxCommand | CheckCommand | FollowDomain, state: Enrollment) -> Sequence[Fact]:
    match command:
        case AcceptMailbox() | RefuseMailboxAgain():
            return judge_mailbox(command, state)
        case RecordChecks() | RepeatChecks():
            return keep_checks(command, state)
        case FollowDomain():
            return follow_domain(command, state)
        case _:
            assert_never(command)


def _go_on(command: Course, state: Enrollment) -> Sequence[Fact]:
    match command:
        case Withdraw():
            return withdraw(command, state)
        case Appeal():
            return appeal(command, state)
        case Elapse():
            return elapse(command, state)
        case FollowAccountName():
            return follow_account_name(command, state)
        case ChangeLegalName():
            return change_legal_name(command, state)
        case _:
            assert_never(command)


def _accompany(command: OfPartner, state: Enrollment) -> Sequence[Fact]:
    match command:
        case Suspend() | Reinstate():
            return judge_standing(command, state)
        case GiveNotice() | WithdrawNotice():
            return end_agreement(command, state)
        case ProposeLegalChange() | WithdrawLegalChange() | JudgeLegalChange():
            return change_legal_profile(command, state)
        case ConfirmReauthorization() | MoveReauthorization() | EndWait():
            return reauthorize(command, state)
        case AskAcceptance() | CancelAcceptance() | MoveAcceptance():
            return ask_for_acceptance(command, state)
        case RequestContactChange() | WithdrawContactChange() | AnswerContactChange() | CorrectContact():
            return change_contact(command, state)
        case _:
            assert_never(command)


def _apply(command: Application, state: Enrollment) -> Sequence[Fact]:  # noqa: PLR0911  one return per command
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
        case JoinAsEnrolled():
            return join_as_enrolled(command, state)
        case PostponePartnerId():
            return postpone_partner_id(command, state)
        case EraseEnrollment():
            return erase_enrollment(command, state)
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
