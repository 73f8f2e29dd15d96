"""Why a command on an enrollment is refused."""

from typing import ClassVar, Literal

from enrollment.domain.enrollment.state import Actor, Enrollment, Status
from kontor_contracts.envelope import Refusal

Reason = Literal[
    "agreement-not-accepted",
    "agreement-outdated",
    "already-reviewed",
    "cause-missing",
    "change-pending",
    "changed-meanwhile",
    "claimed",
    "already-confirmed",
    "already-denied",
    "closed",
    "company-name-invalid",
    "confirmation-missing",
    "disposable-address",
    "document-unknown",
    "file-in-use",
    "file-known",
    "file-unknown",
    "due-date-invalid",
    "foreign-signer",
    "incomplete",
    "link-expired",
    "link-superseded",
    "link-unknown",
    "market-not-supported",
    "no-acceptance-pending",
    "no-change-pending",
    "not-active",
    "not-appealable",
    "not-awaiting-contact",
    "not-due",
    "not-editable",
    "not-in-program",
    "not-in-review",
    "not-qualified",
    "not-started",
    "not-suspended",
    "not-waiting",
    "notice-of-program",
    "mailbox-exception-unneeded",
    "own-company",
    "partner-id-inactive",
    "partner-id-missing",
    "partner-id-not-a-location",
    "partner-id-other-country",
    "partner-id-unknown",
    "program-not-for-organization",
    "reason-missing",
    "resend-limit-reached",
    "resend-too-soon",
    "role-mailbox",
    "too-many-documents",
    "too-many-files",
    "too-many-notes",
    "webmail-address",
    "webmail-lookalike",
]


class EnrollmentRefused(Refusal):
    """``detail`` says what is wrong and what to do; ``field`` names the value that is meant."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


def closed(status: Status | None) -> EnrollmentRefused:
    return EnrollmentRefused(reason="closed", detail=f"this enrollment is {status}; start a new one")


def own_company(actor: Actor, state: Enrollment) -> EnrollmentRefused | None:
    """The program's staff act for other organizations only."""
    if actor.staff and actor.organization == state.organization_id:
        detail = "you cannot act as the program's staff on your own company; ask a reviewer of another organization"
        return EnrollmentRefused(reason="own-company", detail=detail)
    return None
