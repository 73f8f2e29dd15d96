"""What a reseller confirms each year, and what follows if it does not."""

from typing import ClassVar

from kontor_contracts.enrollment.values import Applicant, Confirmation
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Line, Moment, Partner, Recipient, Text


class ReauthorizationNoticed(Event):
    """A reseller is to confirm its data by ``due_at``, or its agreement ends then. ``reminder``: 0 is the first notice."""

    TYPE: ClassVar[str] = "kontor.enrollment.reauthorization-noticed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    due_at: Moment
    reminder: int


class PartnerReauthorized(Event):
    """The reseller confirmed its data; it is a partner for another year."""

    TYPE: ClassVar[str] = "kontor.enrollment.partner-reauthorized.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    confirmed: tuple[Confirmation, ...]
    confirmed_by: Id
    next_due_at: Moment


class ReauthorizationMoved(Event):
    """The program's staff corrected the date of the re-authorization."""

    TYPE: ClassVar[str] = "kontor.enrollment.reauthorization-moved.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    due_at: Moment
    explanation: Text | None = None
    moved_by: Id


class WaitEnded(Event):
    """A company that missed its re-authorization may enroll again; its partner id is free. ``by_staff``: before the time."""

    TYPE: ClassVar[str] = "kontor.enrollment.wait-ended.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None
    by_staff: bool
    explanation: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    ReauthorizationNoticed,
    PartnerReauthorized,
    ReauthorizationMoved,
    WaitEnded,
)
