"""The second half of an enrollment: the primary contact confirms, the program reviews, the company signs.

Pure. Links are judged here too, so that the page shows what the button will do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, assert_never

from enrollment.domain.application import closed, mailed_link
from enrollment.domain.state import Enrollment, EnrollmentRefused, Fact, Link, addressed, partner_of, reached
from kontor_contracts.enrollment import (
    AgreementSigned,
    ContactDenied,
    ContactVerified,
    EnrollmentActivated,
    EnrollmentApproved,
    EnrollmentRejected,
    RejectionReason,
)

PRIMARY_CONTACT = "primary-contact"
RESEND_PAUSE = timedelta(minutes=1)
RESENDS_PER_DAY = 5
DAY = timedelta(days=1)

LinkState = Literal["valid", "expired", "superseded", "confirmed", "denied", "unknown"]

# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendVerification:
    """``sealed_link`` holds the token whose hash is given; both were made for this command."""

    token_hash: str
    sealed_link: str
    expires_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class ConfirmContact:
    token_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DenyContact:
    """The primary contact did not ask for this."""

    token_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    decision: Literal["approve", "reject"]
    reason: RejectionReason | None
    reviewer: str
    reviewer_organization: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement:
    """``version`` is what the signer read, ``current_version`` what there is to sign."""

    version: str
    current_version: str
    accepted: bool
    signer: str
    signer_organization: str
    at: datetime


# -- decisions


def resend_verification(command: ResendVerification, state: Enrollment) -> list[Fact]:
    link = state.link
    if link and link.token_hash == command.token_hash:
        return []
    if state.status != "contact-pending" or link is None:
        detail = "no confirmation of the primary contact is awaited"
        return [EnrollmentRefused(reason="not-awaiting-contact", detail=detail)]
    if refused := _too_often(link, state.resent_at, command.at):
        return [refused]
    return mailed_link(state, command.sealed_link, Link(command.token_hash, command.at, command.expires_at))


def confirm_contact(command: ConfirmContact, state: Enrollment) -> list[Fact]:
    match link_state(state, command.token_hash, command.at):
        case "valid":
            return [ContactVerified(**addressed(state)), reached("in-review", command.at, PRIMARY_CONTACT)]
        case "confirmed":
            return []
        case "denied":
            detail = "you said before that you did not request this, so the enrollment was cancelled"
            return [EnrollmentRefused(reason="already-denied", detail=detail)]
        case "expired" | "superseded" | "unknown" as fault:
            return [_bad_link(fault)]
        case other:
            assert_never(other)


def deny_contact(command: DenyContact, state: Enrollment) -> list[Fact]:
    match link_state(state, command.token_hash, command.at):
        case "valid":
            return [ContactDenied(**addressed(state)), reached("cancelled", command.at, PRIMARY_CONTACT)]
        case "denied":
            return []
        case "confirmed":
            detail = "you confirmed before; to withdraw, write to the company that enrolled"
            return [EnrollmentRefused(reason="already-confirmed", detail=detail)]
        case "expired" | "superseded" | "unknown" as fault:
            return [_bad_link(fault)]
        case other:
            assert_never(other)


def review(command: Review, state: Enrollment) -> list[Fact]:
    """Nobody reviews a company of their own organization, not even a second time."""
    if command.reviewer_organization == state.organization_id:
        detail = "somebody of another organization must review this"
        return [EnrollmentRefused(reason="own-company", detail=detail, status=403)]
    if command.decision == "approve":
        return _approve(command, state)
    return _reject(command, state)


def sign_agreement(command: SignAgreement, state: Enrollment) -> list[Fact]:
    refused = _unsignable(command, state)
    if refused:
        return [refused]
    if state.status == "active" and command.version == state.agreement_version:
        return []
    if state.status != "qualified":
        detail = "only a company that was approved and has not signed yet can sign"
        return [EnrollmentRefused(reason="not-qualified", detail=detail)]
    return [
        AgreementSigned(
            enrollment_id=state.enrollment_id,
            organization_id=state.organization_id,
            agreement_version=command.version,
            signed_by=command.signer,
            signed_at=command.at,
        ),
        EnrollmentActivated(
            enrollment_id=state.enrollment_id,
            partner=partner_of(state),
            country=state.country,
            region=state.region,
            enrolled_by=state.started_by,
        ),
        reached("active", command.at, command.signer),
    ]


# -- links


def link_state(state: Enrollment, token_hash: str, now: datetime) -> LinkState:
    """What a link is worth. Who holds one that was ever issued also learns what came of it."""
    newest = state.link is not None and state.link.token_hash == token_hash
    if state.link is None or not (newest or token_hash in state.superseded):
        return "unknown"
    if state.status == "cancelled":
        return "denied"
    if state.status != "contact-pending":
        return "confirmed"
    if not newest:
        return "superseded"
    return "valid" if now < state.link.expires_at else "expired"


def _bad_link(fault: Literal["expired", "superseded", "unknown"]) -> EnrollmentRefused:
    match fault:
        case "expired":
            return EnrollmentRefused(
                reason="link-expired", status=410, detail="ask for a new mail; this link is too old"
            )
        case "superseded":
            return EnrollmentRefused(reason="link-superseded", status=410, detail="use the link of the newest mail")
        case "unknown":
            return EnrollmentRefused(reason="link-unknown", status=404, detail="open the link exactly as it was mailed")


def _too_often(link: Link, resent_at: tuple[datetime, ...], now: datetime) -> EnrollmentRefused | None:
    if now < (free := link.issued_at + RESEND_PAUSE):
        detail = f"the last mail left a moment ago; ask again from {free:%H:%M:%S} UTC"
        return EnrollmentRefused(reason="resend-too-soon", detail=detail)
    today = [moment for moment in resent_at if now - moment < DAY]
    if len(today) >= RESENDS_PER_DAY:
        detail = f"{RESENDS_PER_DAY} mails a day are enough; ask again from {today[0] + DAY:%Y-%m-%d %H:%M} UTC"
        return EnrollmentRefused(reason="resend-limit-reached", detail=detail)
    return None


# -- reviews


def _approve(command: Review, state: Enrollment) -> list[Fact]:
    if state.status in {"qualified", "active"}:
        return []
    if state.status != "in-review":
        return [_not_in_review(state)]
    approved = EnrollmentApproved(**addressed(state), reviewed_by=command.reviewer)
    return [approved, reached("qualified", command.at, command.reviewer)]


def _reject(command: Review, state: Enrollment) -> list[Fact]:
    if command.reason is None:
        detail = "say why, so that the company can be told"
        return [EnrollmentRefused(reason="reason-missing", field="reason", detail=detail)]
    if state.status == "rejected" and state.rejection_reason == command.reason:
        return []
    if state.status != "in-review":
        return [_not_in_review(state)]
    rejected = EnrollmentRejected(**addressed(state), reason=command.reason, reviewed_by=command.reviewer)
    return [rejected, reached("rejected", command.at, command.reviewer)]


def _not_in_review(state: Enrollment) -> EnrollmentRefused:
    if state.status in {"rejected", "cancelled"}:
        return closed(state.status)
    detail = "it is not in review; the queue holds those with status in-review"
    return EnrollmentRefused(reason="not-in-review", detail=detail)


def _unsignable(command: SignAgreement, state: Enrollment) -> EnrollmentRefused | None:
    if command.signer_organization != state.organization_id:
        detail = "only somebody of the company can sign for it"
        return EnrollmentRefused(reason="foreign-signer", detail=detail, status=403)
    if not command.accepted:
        detail = "read the agreement and accept it"
        return EnrollmentRefused(reason="agreement-not-accepted", field="accepted", detail=detail)
    if command.version not in {command.current_version, state.agreement_version}:
        detail = f"read and sign version {command.current_version}; {command.version} is not the current one"
        return EnrollmentRefused(reason="agreement-outdated", field="version", detail=detail)
    return None
