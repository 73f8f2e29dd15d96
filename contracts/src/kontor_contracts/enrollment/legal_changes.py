"""A partner's change of its legal profile, and its new name."""

from typing import ClassVar

from kontor_contracts.enrollment.values import Applicant, LegalChangeRejectionReason, LegalField
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Id, Line, Moment, Partner, Text


class LegalNameChanged(Event):
    """An active partner has another legal name. ``partner`` is the company as it is now.

    Only enrollment changes a partner's name, and every service that shows it follows this event.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.legal-name-changed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    previous_name: Line
    changed_by: Id


class LegalChangeProposed(Event):
    """A partner wants to change its legal profile. ``partner`` has the old data, which hold until the review."""

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-proposed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    proposed_by: Id
    review_due: Moment


class LegalChangeAccepted(Event):
    """The review accepted the change. ``partner`` is the company as it is now. `LegalNameChanged` announces a new name."""

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-accepted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    accepted_by: Id


class LegalChangeRejected(Event):
    """The review rejected the change; the old data hold.

    The partner proposes another change or withdraws this one until ``settle_until``, or it is suspended.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-rejected.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    reason: LegalChangeRejectionReason
    explanation: Text | None = None
    rejected_by: Id
    settle_until: Moment


class LegalChangeWithdrawn(Event):
    """The partner, or the program's staff, withdrew the change: the present data are right."""

    TYPE: ClassVar[str] = "kontor.enrollment.legal-change-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    fields: tuple[LegalField, ...]
    withdrawn_by: Id
    by_staff: bool


EVENTS: tuple[type[Payload], ...] = (
    LegalNameChanged,
    LegalChangeProposed,
    LegalChangeAccepted,
    LegalChangeRejected,
    LegalChangeWithdrawn,
)
