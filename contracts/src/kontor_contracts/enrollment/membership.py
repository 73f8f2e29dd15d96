"""A partner of the program: its agreement, suspension, notice and end."""

from typing import ClassVar

from kontor_contracts.enrollment.values import Applicant, EndReason, ReinstatementReason, SuspensionReason
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Id, Line, Moment, Partner, Text


class AgreementSigned(Event):
    """A global admin accepted the partner agreement for the company.

    ``text_sha256``: of the words in ``language``, which enrollment keeps.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.agreement-signed.v1"
    enrollment_id: Id
    organization_id: Id
    agreement_version: Line
    signed_by: Id
    signed_at: Moment
    region: Line | None = None
    language: Line | None = None
    text_sha256: Line | None = None


class EnrollmentActivated(Event):
    """The company is a partner of the program.

    Identity makes the enrolling user admin agent, relationships lists the company. ``already_in_program``: the membership
    registry knew the company as enrolled, so nothing was reviewed. Its contact is the mailbox of its membership account.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-activated.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    enrolled_by: Id
    applicant: Applicant | None = None
    already_in_program: bool = False


class EnrollmentSuspended(Event):
    """A partner was suspended. Until it is reinstated it may neither order nor administer, nor invite anybody.

    Its partnerships and customers stay and have their rights again with the reinstatement.

    ``partner`` is the company as it is now. ``explanation`` is what the program's staff wrote to the company.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-suspended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    reason: SuspensionReason
    explanation: Text | None = None
    suspended_by: Id
    applicant: Applicant | None = None


class EnrollmentReinstated(Event):
    """A suspended partner is active again. ``partner`` is the company as it is now."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-reinstated.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    reason: ReinstatementReason
    explanation: Text | None = None
    reinstated_by: Id
    applicant: Applicant | None = None


class NoticeGiven(Event):
    """The partner, or the program, gave notice: the agreement ends at ``ends_at``. Until then nothing else changes."""

    TYPE: ClassVar[str] = "kontor.enrollment.notice-given.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    ends_at: Moment
    explanation: Text | None = None
    given_by: Id
    by_staff: bool


class NoticeWithdrawn(Event):
    """The notice was taken back; the agreement goes on."""

    TYPE: ClassVar[str] = "kontor.enrollment.notice-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    withdrawn_by: Id


class EnrollmentEnded(Event):
    """The agreement is over and the company is no partner any more. Its partner id is free; it may enroll again.

    After a missed re-authorization it may so from ``enroll_again_from``, and its partner id is free then.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-ended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    applicant: Applicant | None = None
    by_staff: bool
    explanation: Text | None = None
    reason: EndReason | None = None
    enroll_again_from: Moment | None = None


EVENTS: tuple[type[Payload], ...] = (
    AgreementSigned,
    EnrollmentActivated,
    EnrollmentSuspended,
    EnrollmentReinstated,
    NoticeGiven,
    NoticeWithdrawn,
    EnrollmentEnded,
)
