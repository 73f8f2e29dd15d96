"""The status that follows from an event."""

from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.own_facts import CancelledByAccount, ReviewReopened, VerificationReopened
from enrollment.domain.enrollment.state import Enrollment, LegalChange, Status
from kontor_contracts.enrollment import (
    ContactDenied,
    ContactVerified,
    DocumentRequestWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
    EnrollmentActivated,
    EnrollmentAppealed,
    EnrollmentApproved,
    EnrollmentEnded,
    EnrollmentExpired,
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentReopened,
    EnrollmentSubmitted,
    EnrollmentSubmittedUnlinked,
    EnrollmentSuspended,
    EnrollmentWithdrawn,
)

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


def advanced(state: Enrollment, event: Advance) -> Enrollment:
    reason = event.reason if isinstance(event, EnrollmentRejected) else state.rejection_reason
    undo = event.undo_until if isinstance(event, ContactDenied) else None
    change = _change_after(event, state.legal_change)
    after = replace(state, status=status_after(event), rejection_reason=reason, undo_until=undo, legal_change=change)
    return replace(after, acceptance=None, contact_change=None) if isinstance(event, EnrollmentEnded) else after


def _change_after(event: Advance, change: LegalChange | None) -> LegalChange | None:
    """A reinstatement settles a rejected change; the end of the agreement settles every one."""
    if isinstance(event, EnrollmentEnded):
        return None
    settled = isinstance(event, EnrollmentReinstated) and change is not None and not change.pending
    return None if settled else change


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
