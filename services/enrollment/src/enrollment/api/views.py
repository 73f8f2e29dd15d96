"""What callers see of enrollments and profiles."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from chassis.files import ImportProgress
from enrollment.api.base_views import AddressView, View
from enrollment.api.contact_change_views import ContactChangeView, contact_change_view
from enrollment.api.edition_views import AcceptanceView, acceptance_view
from enrollment.api.legal_change_views import LegalChangeView, legal_change_view
from enrollment.api.reauthorization_views import ReauthorizationView, reauthorization_view
from enrollment.domain.enrollment.appeals import appeal_until, appeals_left
from enrollment.domain.enrollment.company import missing
from enrollment.domain.enrollment.state import Enrollment, Status
from enrollment.domain.profile import ProfileKind, ProfileStatus, ProgramState, RegistryEntry
from kontor_contracts.enrollment import RejectionReason
from kontor_contracts.values import Program

PublicStatus = Literal["none", "pending", "authorized", "suspended", "rejected"]

PUBLIC_STATUS: dict[Status, PublicStatus] = {
    "draft": "none",
    "contact-pending": "pending",
    "in-review": "pending",
    "action-required": "pending",
    "qualified": "authorized",
    "active": "authorized",
    "suspended": "suspended",
    "withdrawn": "none",
    "expired": "none",
    "ended": "none",
    "rejected": "rejected",
    "cancelled": "rejected",
}


class PrimaryContactView(View):
    name: str
    email: str
    phone: str
    culture: str


class SupportContactView(View):
    email: str
    phone: str
    website: str | None


class MilestoneView(View):
    """``by`` is a user id, ``primary-contact`` or a service. ``reason``: why, where the status has a reason."""

    status: Status
    at: datetime
    by: str
    reason: str | None


class NoticeOfEndView(View):
    """``staff``: the program gave the notice."""

    ends_at: datetime
    by: str
    staff: bool
    explanation: str | None


class EnrollmentView(View):
    """``missing`` names what is still needed to submit; empty once it was submitted."""

    enrollment_id: str
    organization_id: str
    program: Program
    country: str
    status: Status
    public_status: PublicStatus
    partner_id: str | None
    company_name: str | None
    address: AddressView | None
    registration_id: str | None
    primary_contact: PrimaryContactView | None
    support_contact: SupportContactView | None
    missing: list[str]
    already_in_program: bool
    partner_id_postponed: bool
    history: list[MilestoneView]
    agreement_version: str | None
    acceptance: AcceptanceView | None
    contact_change: ContactChangeView | None
    notice: NoticeOfEndView | None
    legal_change: LegalChangeView | None
    reauthorization: ReauthorizationView | None
    wait_until: datetime | None
    rejection_reason: RejectionReason | None
    appeals_left: int
    appeal_until: datetime | None
    revision: int = 0


class CheckedView(View):
    missing: list[str]


class ProfileView(View):
    partner_id: str
    company_name: str
    country: str
    status: ProfileStatus
    kind: ProfileKind
    program_state: ProgramState


class ProfilesView(View):
    items: list[ProfileView]


class FaultView(View):
    field: str
    message: str


class ImportedRowView(View):
    """``row`` counts as a spreadsheet does: the header is row 1. ``error`` is the first of ``errors``."""

    row: int
    partner_id: str
    result: Literal["imported", "unchanged", "failed"]
    error: FaultView | None = None
    errors: list[FaultView] = []  # noqa: RUF012  pydantic copies it


class ImportView(View):
    imported: int
    unchanged: int
    failed: int
    rows: list[ImportedRowView]


class ProfileImportView(View):
    """A large import: how far it is, and what became of each row so far, in the order of the file.

    `next_after`: pass it as `after` for the rows behind these. Results are kept for seven days.
    """

    import_id: str
    status: Literal["running", "done"]
    total: int
    done: int
    imported: int
    unchanged: int
    failed: int
    rows: list[ImportedRowView]
    next_after: int | None


def enrollment_view(state: Enrollment) -> EnrollmentView:
    assert state.status, "there is an enrollment"
    gaps = missing(state) if state.status == "draft" else ()
    facts = {name: getattr(state, name) for name in EnrollmentView.model_fields if hasattr(state, name)}
    facts |= {"legal_change": legal_change_view(state), "reauthorization": reauthorization_view(state)}
    facts |= {"acceptance": acceptance_view(state), "contact_change": contact_change_view(state)}
    facts |= {"already_in_program": state.dossier.in_program}
    facts |= {"appeals_left": appeals_left(state), "appeal_until": appeal_until(state)}
    return EnrollmentView.model_validate(facts | {"public_status": PUBLIC_STATUS[state.status], "missing": list(gaps)})


def enrollment_answer(state: Enrollment) -> dict[str, Any]:
    """The view in the form in which a first answer is kept for repetitions of its request."""
    return enrollment_view(state).model_dump(mode="json")


def profiles_view(entries: Sequence[RegistryEntry]) -> ProfilesView:
    return ProfilesView(items=[ProfileView.model_validate(entry) for entry in entries])


def import_view(rows: list[ImportedRowView]) -> ImportView:
    results = [row.result for row in rows]
    return ImportView(
        imported=results.count("imported"),
        unchanged=results.count("unchanged"),
        failed=results.count("failed"),
        rows=rows,
    )


def profile_import_view(progress: ImportProgress) -> ProfileImportView:
    return ProfileImportView(
        import_id=progress.import_id,
        status=progress.status,
        total=progress.total,
        done=progress.done,
        imported=progress.counts["imported"],
        unchanged=progress.counts["unchanged"],
        failed=progress.counts["failed"],
        rows=[ImportedRowView.model_validate(row) for row in progress.results],
        next_after=progress.next_after,
    )
