"""Decisions after the submission: the primary contact confirms, the program reviews, the company signs.

Links are judged here as well, so that the page shows what its buttons will do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, assert_never

from enrollment.domain.enrollment.acceptance import acceptable, accepted
from enrollment.domain.enrollment.addressing import addressed, known, partner_of
from enrollment.domain.enrollment.appeals import rejected
from enrollment.domain.enrollment.application import mailed_link, resends_spent, spent
from enrollment.domain.enrollment.check_results import Results
from enrollment.domain.enrollment.checking import noted
from enrollment.domain.enrollment.domain_check import checked
from enrollment.domain.enrollment.dossier import Step
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import reached
from enrollment.domain.enrollment.postponing import unlinked
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.reviewing import approval, claimed_by_another
from enrollment.domain.enrollment.state import Actor, Enrollment, Link
from enrollment.domain.enrollment.ways_out import reopened, undoable
from kontor_contracts.enrollment import (
    AgreementSigned,
    ContactDenied,
    ContactVerified,
    DenialReason,
    EnrollmentActivated,
    EnrollmentApproved,
    RejectionReason,
)

PRIMARY_CONTACT = "primary-contact"
RESEND_PAUSE = timedelta(minutes=1)

LinkState = Literal["valid", "expired", "superseded", "confirmed", "denied", "over", "unknown"]

# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendVerification:
    """``sealed_link`` holds the token whose hash is given; both were made for this command."""

    token_hash: str
    sealed_link: str
    expires_at: datetime
    actor: Actor


@dataclass(frozen=True, slots=True)
class ConfirmContact:
    """``checks``: results of the automatic checks with which the review begins.

    ``domain_proved``: whether the organization has proved the contact's mail domain; None: nobody has looked.
    """

    token_hash: str
    at: datetime
    checks: Results = ()
    domain_proved: bool | None = None


@dataclass(frozen=True, slots=True)
class DenyContact:
    """The primary contact knows nothing of the enrollment, or the mailbox is not the contact's own at the company."""

    token_hash: str
    at: datetime
    reason: DenialReason = "not-requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """``step`` None: an approval passes all steps that are left."""

    decision: Literal["approve", "reject"]
    step: Step | None = None
    reason: RejectionReason | None
    explanation: str | None = None
    reviewer: str
    reviewer_organization: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement:
    """``version``: the one that was read; ``current_version``: the one to sign. ``sha256``: of the words in ``language``."""

    version: str
    current_version: str
    accepted: bool
    language: str
    sha256: str
    signer: str
    signer_organization: str
    at: datetime


# -- decisions


def resend_verification(command: ResendVerification, state: Enrollment) -> list[Fact]:
    link, actor = state.link, command.actor
    if refused := own_company(actor, state):
        return [refused]
    if link and link.token_hash == command.token_hash:
        return []
    undo = undoable(state, actor.at)
    if (state.status != "contact-pending" and not undo) or link is None:
        detail = "this enrollment does not wait for its primary contact; submit it first"
        return [EnrollmentRefused(reason="not-awaiting-contact", detail=detail)]
    if refused := _too_often(link, state, actor.at):
        return [refused]
    mailed = mailed_link(state, command.sealed_link, Link(command.token_hash, actor.at, command.expires_at))
    return [*reopened(state, actor), *mailed] if undo else mailed


def confirm_contact(command: ConfirmContact, state: Enrollment) -> list[Fact]:
    match link_state(state, command.token_hash, command.at):
        case "valid":
            verified = ContactVerified(**addressed(state), applicant=state.applicant)
            results = noted(state, command.checks)
            domain = [] if command.domain_proved is None else checked(state, proved=command.domain_proved)
            return [verified, reached("in-review", command.at, PRIMARY_CONTACT), *results, *domain]
        case "confirmed":
            return []
        case "denied":
            detail = "you have denied what was asked, so the enrollment was cancelled"
            return [EnrollmentRefused(reason="already-denied", detail=detail)]
        case "over":
            return [closed(state.status)]
        case "expired" | "superseded" | "unknown" as fault:
            return [_bad_link(fault)]
        case other:
            assert_never(other)


def deny_contact(command: DenyContact, state: Enrollment) -> list[Fact]:
    match link_state(state, command.token_hash, command.at):
        case "valid":
            until = command.at + timedelta(days=state.waits.undo)
            denied = ContactDenied(
                **addressed(state), applicant=state.applicant, undo_until=until, reason=command.reason
            )
            return [denied, reached("cancelled", command.at, PRIMARY_CONTACT, command.reason)]
        case "denied" | "over":
            return []
        case "confirmed":
            detail = "you have already confirmed; to withdraw, write to the company that enrolled"
            return [EnrollmentRefused(reason="already-confirmed", detail=detail)]
        case "expired" | "superseded" | "unknown" as fault:
            return [_bad_link(fault)]
        case other:
            assert_never(other)


def review(command: Review, state: Enrollment) -> list[Fact]:
    """Reviewers cannot review their own organization, not even to repeat a review."""
    if command.reviewer_organization == state.organization_id:
        detail = "you cannot review your own organization; ask a reviewer of another one"
        return [EnrollmentRefused(reason="own-company", detail=detail)]
    if state.status == "in-review" and (refused := claimed_by_another(state, command.reviewer)):
        return [refused]
    if command.decision == "approve":
        return _approve(command, state)
    return _reject(command, state)


def sign_agreement(command: SignAgreement, state: Enrollment) -> list[Fact]:
    refused = _unsignable(command, state)
    if refused:
        return [refused]
    if acceptable(state):
        again = command.version == state.agreement_version
        return [] if again else [_signed(command, state), *accepted(state, command.version, command.signer, command.at)]
    if missing := unlinked(state):
        return [missing]
    if state.status != "qualified":
        detail = "the enrollment must be approved before the agreement can be signed"
        return [EnrollmentRefused(reason="not-qualified", detail=detail)]
    return [
        _signed(command, state),
        EnrollmentActivated(
            enrollment_id=state.enrollment_id,
            partner=partner_of(state),
            country=state.country,
            region=state.region,
            enrolled_by=state.started_by,
            applicant=state.applicant,
        ),
        reached("active", command.at, command.signer),
    ]


def _signed(command: SignAgreement, state: Enrollment) -> AgreementSigned:
    return AgreementSigned(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        agreement_version=command.version,
        signed_by=command.signer,
        signed_at=command.at,
        region=state.region,
        language=command.language,
        text_sha256=command.sha256,
    )


# -- links


def link_state(state: Enrollment, token_hash: str, now: datetime) -> LinkState:
    """The state of a link. The holder of an older link also learns the outcome."""
    newest = state.link is not None and state.link.token_hash == token_hash
    if state.link is None or not (newest or token_hash in state.superseded):
        return "unknown"
    if state.status == "cancelled" and state.history[-1].by == PRIMARY_CONTACT:
        return "denied"
    if state.status in {"cancelled", "withdrawn", "expired"} or _rejected_unasked(state):
        return "over"
    if state.status != "contact-pending":
        return "confirmed"
    if not newest:
        return "superseded"
    return "valid" if now < state.link.expires_at else "expired"


def _rejected_unasked(state: Enrollment) -> bool:
    """Rejected before its contact had answered."""
    return state.status == "rejected" and state.history[-2].status == "contact-pending"


def _bad_link(fault: Literal["expired", "superseded", "unknown"]) -> EnrollmentRefused:
    match fault:
        case "expired":
            return EnrollmentRefused(reason="link-expired", detail="this link has expired; ask for a new mail")
        case "superseded":
            return EnrollmentRefused(
                reason="link-superseded", detail="a newer mail replaces this link; use the link of the newest mail"
            )
        case "unknown":
            return EnrollmentRefused(
                reason="link-unknown", detail="this link is not valid; open it exactly as it was mailed"
            )


def _too_often(link: Link, state: Enrollment, now: datetime) -> EnrollmentRefused | None:
    if now < (free := link.issued_at + RESEND_PAUSE):
        detail = f"the last mail was sent less than a minute ago; ask again from {free:%H:%M:%S} UTC"
        return EnrollmentRefused(reason="resend-too-soon", detail=detail)
    free_again = resends_spent(state, now)
    return spent(free_again) if free_again else None


# -- reviews


def _approve(command: Review, state: Enrollment) -> list[Fact]:
    if state.status in {"qualified", "active", "suspended"}:
        return []
    if state.status != "in-review":
        return [_not_in_review(state)]
    passed, enough = approval(state, command.reviewer, command.step)
    if not enough:
        return passed
    approved = EnrollmentApproved(
        **addressed(state),
        applicant=state.applicant,
        reviewed_by=command.reviewer,
        partner_id_missing=state.partner_id is None,
    )
    return [*passed, approved, reached("qualified", command.at, command.reviewer)]


def _reject(command: Review, state: Enrollment) -> list[Fact]:
    if command.reason is None:
        detail = "give the reason of the rejection; the company gets it by mail"
        return [EnrollmentRefused(reason="reason-missing", field="reason", detail=detail)]
    if state.status == "rejected" and state.rejection_reason == command.reason:
        return []
    if not state.open or state.partner:
        return [_not_in_review(state)]
    who = known(state)
    contact = who["contact"] or who["applicant"]
    if contact is None or who["company_name"] is None:
        detail = "this draft names nobody to write to; withdraw it instead"
        return [EnrollmentRefused(reason="incomplete", detail=detail)]
    return rejected(state, command.reason, command.at, command.reviewer, command.explanation)


def _not_in_review(state: Enrollment) -> EnrollmentRefused:
    if not state.open:
        return closed(state.status)
    if state.partner:
        detail = "the company is a partner already; suspend it instead"
        return EnrollmentRefused(reason="not-in-review", detail=detail)
    if state.status == "action-required":
        detail = "the company was asked for documents; wait for them, or take the request back and decide then"
        return EnrollmentRefused(reason="not-in-review", detail=detail)
    detail = "the enrollment is not in review; list the queue with status=in-review"
    return EnrollmentRefused(reason="not-in-review", detail=detail)


def _unsignable(command: SignAgreement, state: Enrollment) -> EnrollmentRefused | None:
    if command.signer_organization != state.organization_id:
        detail = "only a user of the company can sign for it"
        return EnrollmentRefused(reason="foreign-signer", detail=detail)
    if not command.accepted:
        detail = "read the agreement and send accepted: true"
        return EnrollmentRefused(reason="agreement-not-accepted", field="accepted", detail=detail)
    if command.version not in {command.current_version, state.agreement_version}:
        detail = f"read and sign version {command.current_version}; {command.version} is not the current one"
        return EnrollmentRefused(reason="agreement-outdated", field="version", detail=detail)
    return None
