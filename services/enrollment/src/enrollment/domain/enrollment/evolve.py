"""What follows from the events of an enrollment."""

from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.application import RESENDS_PER_DAY
from enrollment.domain.enrollment.dossier import REVIEWED_IN, Dossier
from enrollment.domain.enrollment.facts import (
    AccountNoted,
    Announced,
    AppealMade,
    ApplicantForgotten,
    ApprovalNoted,
    CancelledByAccount,
    ChangesNoted,
    ContactsErased,
    DocumentsAsked,
    Escalated,
    FileKept,
    FileRemoved,
    LegalChangeEscalated,
    LegalChangeFact,
    LegalChangeNoted,
    LegalProfileUpdated,
    LinkIssued,
    MailNoted,
    MilestoneReached,
    NameNoted,
    NoteAdded,
    Own,
    PaperworkFact,
    PartnerIdPostponed,
    PrimaryContactSet,
    ReauthorizationFact,
    ReauthorizationNoted,
    RegistryNameNoted,
    Reminded,
    RequestsWithdrawn,
    ReviewClaimed,
    ReviewFact,
    ReviewReleased,
    ReviewReopened,
    RiskMarked,
    StepPassed,
    SupportContactSet,
    Touched,
    VerificationReopened,
    WaitNoted,
)
from enrollment.domain.enrollment.mails import with_mail
from enrollment.domain.enrollment.paperwork import Paperwork, without_file
from enrollment.domain.enrollment.signatures import SIGNATURES_KEPT, Signature
from enrollment.domain.enrollment.state import Change, Enrollment, LegalChange, MadeAppeal, Milestone, Notice, Status
from kontor_contracts.enrollment import (
    AgreementSigned,
    ContactDenied,
    ContactUndeliverable,
    ContactVerificationRequested,
    ContactVerified,
    DocumentRequestWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
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
    NoticeGiven,
    NoticeWithdrawn,
    PartnerIdAssociated,
    PartnerReauthorized,
    ReauthorizationMoved,
    ReauthorizationNoticed,
    ReviewDelayed,
    ReviewFileChanged,
    WaitEnded,
)

LINKS_REMEMBERED = 20
"""Older links that are recognized as superseded. Still older ones are unknown."""
MILESTONES_KEPT = 200
CHANGES_KEPT = 50
"""Corrections may go on without end; the document stays small."""

Advance = (
    EnrollmentSubmitted
    | EnrollmentSubmittedUnlinked
    | ContactVerified
    | ContactDenied
    | EnrollmentApproved
    | EnrollmentActivated
    | CancelledByAccount
    | EnrollmentSuspended
    | EnrollmentReinstated
    | EnrollmentReopened
    | VerificationReopened
    | ReviewReopened
    | EnrollmentWithdrawn
    | EnrollmentExpired
    | EnrollmentRejected
    | EnrollmentEnded
    | EnrollmentAppealed
    | DocumentsRequested
    | DocumentsReceived
    | DocumentRequestWithdrawn
)
"""Events that change the status."""
Profiled = (
    AccountNoted
    | NameNoted
    | LegalNameChanged
    | LegalProfileUpdated
    | PrimaryContactSet
    | SupportContactSet
    | PartnerIdAssociated
    | PartnerIdPostponed
    | ContactsErased
)
"""Events that change the company's data."""
Noted = MilestoneReached | LinkIssued | Touched | ChangesNoted | Reminded | Escalated | ApplicantForgotten | MailNoted
"""Events that note something about the course."""
Said = AppealMade | NoticeGiven | NoticeWithdrawn | AgreementSigned
"""What a side says to the other one."""


def evolve(state: Enrollment, event: Announced | Own) -> Enrollment:  # noqa: PLR0911  one return per kind of fact
    match event:
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
        case (
            ContactUndeliverable()
            | ContactVerificationRequested()
            | EnrollmentCorrected()
            | EnrollmentErased()
            | EnrollmentReminded()
            | ReviewDelayed()
            | ReviewFileChanged()
            | LegalChangeProposed()
            | LegalChangeAccepted()
            | LegalChangeRejected()
            | LegalChangeWithdrawn()
            | ReauthorizationNoticed()
            | PartnerReauthorized()
            | ReauthorizationMoved()
            | WaitEnded()
        ):
            # Facts of the service's own hold what is not announced.
            return state
        case LegalChangeNoted() | LegalChangeEscalated() | ReauthorizationNoted() | WaitNoted():
            return _of_partner(state, event)
        case (
            AccountNoted()
            | NameNoted()
            | LegalNameChanged()
            | LegalProfileUpdated()
            | PrimaryContactSet()
            | SupportContactSet()
            | PartnerIdAssociated()
            | PartnerIdPostponed()
            | ContactsErased()
        ):
            return _with_data(state, event)
        case (
            MilestoneReached()
            | LinkIssued()
            | Touched()
            | ChangesNoted()
            | Reminded()
            | Escalated()
            | ApplicantForgotten()
            | MailNoted()
        ):
            return _with_note(state, event)
        case AppealMade() | NoticeGiven() | NoticeWithdrawn() | AgreementSigned():
            return _with_word(state, event)
        case (
            RegistryNameNoted()
            | ReviewClaimed()
            | ReviewReleased()
            | NoteAdded()
            | RiskMarked()
            | StepPassed()
            | ApprovalNoted()
        ):
            return replace(state, dossier=_with_review_fact(state.dossier, event))
        case DocumentsAsked() | RequestsWithdrawn() | FileKept() | FileRemoved():
            return replace(state, paperwork=_with_paper(state.paperwork, event))
        case _:
            return _advanced(state, event)


def _advanced(state: Enrollment, event: Advance) -> Enrollment:
    reason = event.reason if isinstance(event, EnrollmentRejected) else state.rejection_reason
    undo = event.undo_until if isinstance(event, ContactDenied) else None
    change = _change_after(event, state.legal_change)
    return replace(state, status=status_after(event), rejection_reason=reason, undo_until=undo, legal_change=change)


def _change_after(event: Advance, change: LegalChange | None) -> LegalChange | None:
    """A reinstatement settles a rejected change; the end of the agreement settles every one."""
    if isinstance(event, EnrollmentEnded):
        return None
    settled = isinstance(event, EnrollmentReinstated) and change is not None and not change.pending
    return None if settled else change


def _of_partner(state: Enrollment, fact: LegalChangeFact | ReauthorizationFact) -> Enrollment:
    match fact:
        case LegalChangeNoted(change=change):
            return replace(state, legal_change=change)
        case LegalChangeEscalated(escalations=escalations):
            assert state.legal_change, "it is under review"
            return replace(state, legal_change=replace(state.legal_change, escalations=escalations))
        case ReauthorizationNoted(reauthorization=reauthorization):
            return replace(state, reauthorization=reauthorization)
        case WaitNoted(until=until):
            return replace(state, wait_until=until)
        case _:
            assert_never(fact)


def status_after(event: Advance) -> Status:  # noqa: C901, PLR0911  one return per status
    match event:
        case EnrollmentSubmitted() | EnrollmentSubmittedUnlinked() | EnrollmentReopened() | VerificationReopened():
            return "contact-pending"
        case (
            ContactVerified()
            | EnrollmentAppealed()
            | DocumentsReceived()
            | DocumentRequestWithdrawn()
            | ReviewReopened()
        ):
            return "in-review"
        case DocumentsRequested():
            return "action-required"
        case EnrollmentApproved():
            return "qualified"
        case EnrollmentActivated() | EnrollmentReinstated():
            return "active"
        case EnrollmentSuspended():
            return "suspended"
        case ContactDenied() | CancelledByAccount():
            return "cancelled"
        case EnrollmentRejected():
            return "rejected"
        case EnrollmentWithdrawn():
            return "withdrawn"
        case EnrollmentExpired():
            return "expired"
        case EnrollmentEnded():
            return "ended"
        case _:
            assert_never(event)


def _with_note(state: Enrollment, fact: Noted) -> Enrollment:  # noqa: PLR0911  one return per kind of fact
    match fact:
        case MilestoneReached(milestone=milestone):
            return _at_milestone(state, milestone)
        case LinkIssued():
            return _with_link(state, fact)
        case Touched(at=at):
            return replace(state, touched_at=at, reminders=0)
        case ChangesNoted(changes=changes):
            kept = (*state.changes, *changes)[-CHANGES_KEPT:]
            return replace(state, changes=kept, dossier=_corrected(state.dossier, changes))
        case Reminded(reminders=reminders):
            return replace(state, reminders=reminders)
        case Escalated(escalations=escalations):
            return replace(state, escalations=escalations)
        case ApplicantForgotten():
            return replace(state, applicant=None)
        case MailNoted(mail=mail):
            return replace(state, mails=with_mail(state.mails, mail))
        case _:
            assert_never(fact)


def _with_word(state: Enrollment, fact: Said) -> Enrollment:
    match fact:
        case AppealMade():
            made = MadeAppeal(fact.statement, fact.by, fact.at)
            # Another reviewer can take it, and all is reviewed again.
            fresh = replace(state.dossier, claimed_by=None, claimed_at=None, passed=(), approvals=())
            return replace(state, appeals=(*state.appeals, made), dossier=fresh)
        case NoticeGiven() | NoticeWithdrawn():
            return replace(state, notice=_notice(fact))
        case AgreementSigned(agreement_version=version):
            signed = (*state.signatures, _signature(fact))[-SIGNATURES_KEPT:]
            return replace(state, agreement_version=version, signatures=signed)
        case _:
            assert_never(fact)


def _signature(fact: AgreementSigned) -> Signature:
    return Signature(
        fact.agreement_version,
        fact.region or "",
        fact.language or "",
        fact.text_sha256 or "",
        fact.signed_by,
        fact.signed_at,
    )


def _notice(fact: NoticeGiven | NoticeWithdrawn) -> Notice | None:
    if isinstance(fact, NoticeWithdrawn):
        return None
    return Notice(fact.ends_at, fact.given_by, fact.by_staff, fact.explanation)


def _at_milestone(state: Enrollment, milestone: Milestone) -> Enrollment:
    history = (*state.history, milestone)[-MILESTONES_KEPT:]
    return replace(state, history=history, reminders=0, escalations=0)


def _with_link(state: Enrollment, fact: LinkIssued) -> Enrollment:
    older, link = state.link, fact.link
    if older is None:
        return replace(state, link=link)
    remembered = () if fact.other_mailbox else (*state.superseded, older.token_hash)[-LINKS_REMEMBERED:]
    return replace(
        state,
        link=link,
        superseded=remembered,
        resent_at=(*state.resent_at, link.issued_at)[-RESENDS_PER_DAY:],
    )


def _with_review_fact(dossier: Dossier, fact: ReviewFact) -> Dossier:  # noqa: PLR0911  one return per kind of fact
    match fact:
        case RegistryNameNoted(name=name, in_program=in_program):
            return replace(dossier, registry_name=name, in_program=in_program)
        case ReviewClaimed(by=by, at=at):
            return replace(dossier, claimed_by=by, claimed_at=at)
        case ReviewReleased():
            return replace(dossier, claimed_by=None, claimed_at=None)
        case NoteAdded(note=note):
            return replace(dossier, notes=(*dossier.notes, note))
        case RiskMarked(high=high, by=by):
            return replace(dossier, high_risk=high, approvals=(), risk_lowered_by=None if high else by)
        case StepPassed(step=step):
            return replace(dossier, passed=(*dossier.passed, step))
        case ApprovalNoted(by=by):
            return replace(dossier, approvals=(*dossier.approvals, by))
        case _:
            assert_never(fact)


def _with_paper(paperwork: Paperwork, fact: PaperworkFact) -> Paperwork:
    match fact:
        case DocumentsAsked(documents=documents):
            return (*paperwork, *documents)
        case RequestsWithdrawn():
            return tuple(replace(one, withdrawn=True) if one.missing else one for one in paperwork)
        case FileKept(document_id=wanted, file=file):
            return tuple(
                replace(one, files=(*one.files, file)) if one.document_id == wanted else one for one in paperwork
            )
        case FileRemoved(file_id=file_id):
            return tuple(without_file(one, file_id) for one in paperwork)
        case _:
            assert_never(fact)


def _corrected(dossier: Dossier, changes: tuple[Change, ...]) -> Dossier:
    """What the program's staff corrected is to be reviewed again, and approved again."""
    fields = {change.field for change in changes}
    passed = tuple(step for step in dossier.passed if not fields & {*REVIEWED_IN[step]})
    return replace(dossier, passed=passed, approvals=())


def _with_data(state: Enrollment, fact: Profiled) -> Enrollment:  # noqa: PLR0911  one return per kind of fact
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
                paperwork=(),
                dossier=replace(state.dossier, notes=()),
            )
        case _:
            assert_never(fact)
