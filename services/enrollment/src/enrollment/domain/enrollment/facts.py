"""What can become of a command: events of the contracts, which are announced, events of the service's own, and refusals."""

from enrollment.domain.enrollment.own_facts import (
    AcceptanceNoted,
    AccountNoted,
    AppealMade,
    ApplicantForgotten,
    CancelledByAccount,
    ChangesNoted,
    ContactChangeNoted,
    ContactsErased,
    Escalated,
    LegalChangeFact,
    LegalProfileUpdated,
    LinkIssued,
    MailboxAccepted,
    MailboxRefusedAgain,
    MailNoted,
    MilestoneReached,
    NameNoted,
    PaperworkFact,
    PartnerIdPostponed,
    PrimaryContactSet,
    ReauthorizationFact,
    Reminded,
    ReviewFact,
    ReviewReopened,
    SupportContactSet,
    Touched,
    VerificationReopened,
)
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from kontor_contracts.enrollment import (
    AcceptanceCancelled,
    AcceptanceMoved,
    AcceptanceRequested,
    AgreementAccepted,
    AgreementSigned,
    BusinessChecked,
    ContactChangeEnded,
    ContactChangeRequested,
    ContactDenied,
    ContactUndeliverable,
    ContactVerificationRequested,
    ContactVerified,
    DocumentRequestWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
    DomainChecked,
    EnrollmentActivated,
    EnrollmentAppealed,
    EnrollmentApproved,
    EnrollmentCorrected,
    EnrollmentEnded,
    EnrollmentErased,
    EnrollmentExpired,
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentReminded,
    EnrollmentReopened,
    EnrollmentStarted,
    EnrollmentSubmitted,
    EnrollmentSubmittedUnlinked,
    EnrollmentSuspended,
    EnrollmentWithdrawn,
    LegalChangeAccepted,
    LegalChangeProposed,
    LegalChangeRejected,
    LegalChangeWithdrawn,
    LegalNameChanged,
    MailboxExceptionGranted,
    MailboxExceptionWithdrawn,
    NoticeGiven,
    NoticeWithdrawn,
    PartnerIdAssociated,
    PartnerReauthorized,
    PrimaryContactChanged,
    ReauthorizationMoved,
    ReauthorizationNoticed,
    ReviewDelayed,
    ReviewFileChanged,
    WaitEnded,
)

Announced = (
    EnrollmentStarted
    | PartnerIdAssociated
    | EnrollmentSubmitted
    | EnrollmentSubmittedUnlinked
    | ContactVerificationRequested
    | ContactVerified
    | ContactDenied
    | EnrollmentApproved
    | EnrollmentRejected
    | AgreementSigned
    | EnrollmentActivated
    | LegalNameChanged
    | EnrollmentSuspended
    | EnrollmentReinstated
    | EnrollmentReopened
    | EnrollmentCorrected
    | EnrollmentWithdrawn
    | EnrollmentErased
    | EnrollmentReminded
    | EnrollmentExpired
    | ReviewDelayed
    | NoticeGiven
    | NoticeWithdrawn
    | EnrollmentEnded
    | EnrollmentAppealed
    | LegalChangeProposed
    | LegalChangeAccepted
    | LegalChangeRejected
    | LegalChangeWithdrawn
    | DocumentsRequested
    | DocumentsReceived
    | DocumentRequestWithdrawn
    | ReauthorizationNoticed
    | PartnerReauthorized
    | ReauthorizationMoved
    | WaitEnded
    | ContactUndeliverable
    | ReviewFileChanged
    | AcceptanceRequested
    | AgreementAccepted
    | AcceptanceMoved
    | AcceptanceCancelled
    | BusinessChecked
    | DomainChecked
    | MailboxExceptionGranted
    | MailboxExceptionWithdrawn
    | ContactChangeRequested
    | PrimaryContactChanged
    | ContactChangeEnded
)
Own = (
    AccountNoted
    | NameNoted
    | LegalProfileUpdated
    | PrimaryContactSet
    | SupportContactSet
    | MailboxAccepted
    | MailboxRefusedAgain
    | PartnerIdPostponed
    | ReviewReopened
    | LinkIssued
    | CancelledByAccount
    | ContactsErased
    | MilestoneReached
    | Touched
    | ChangesNoted
    | Reminded
    | Escalated
    | AppealMade
    | VerificationReopened
    | ApplicantForgotten
    | ReviewFact
    | LegalChangeFact
    | PaperworkFact
    | ReauthorizationFact
    | MailNoted
    | AcceptanceNoted
    | ContactChangeNoted
)
Fact = Announced | Own | EnrollmentRefused
