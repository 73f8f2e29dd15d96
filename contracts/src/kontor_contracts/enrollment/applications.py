"""A company on its way into the program: its enrollment is started, submitted, corrected, withdrawn, or expires."""

from typing import ClassVar, Literal

from kontor_contracts.enrollment.values import Applicant, Correctable, WaitingStatus
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Id, Line, Moment, PartnerId, Program, Recipient, Text


class PartnerProfileImported(Event):
    """The membership registry holds this organization profile now; sent again when it changes. Subject: the profile.

    ``kind`` and ``program_state`` are None in events of older releases.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.partner-profile-imported.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    partner_id: PartnerId
    company_name: Line
    country: Country
    status: Literal["active", "inactive"]
    kind: Literal["location", "global"] | None = None
    program_state: Literal["none", "enrolled"] | None = None


class EnrollmentStarted(Event):
    """A company opened an enrollment. Subject of this and all following events: the enrollment."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-started.v1"
    enrollment_id: Id
    organization_id: Id
    program: Program
    country: Country
    started_by: Id


class PartnerIdAssociated(Event):
    """The company chose the profile of the membership registry that is its own."""

    TYPE: ClassVar[str] = "kontor.enrollment.partner-id-associated.v1"
    enrollment_id: Id
    organization_id: Id
    partner_id: PartnerId


class EnrollmentSubmitted(Event):
    """All information is given; verification begins."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-submitted.v1"
    enrollment_id: Id
    organization_id: Id
    program: Program
    country: Country
    partner_id: PartnerId
    company_name: Line
    contact: Recipient


class EnrollmentSubmittedUnlinked(Event):
    """All information but the partner id is given, which is postponed; verification begins.

    `PartnerIdAssociated` comes later; before it the agreement cannot be signed.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-submitted-unlinked.v1"
    enrollment_id: Id
    organization_id: Id
    program: Program
    country: Country
    company_name: Line
    contact: Recipient


class EnrollmentCorrected(Event):
    """The company, or the program's staff, corrected information of a submitted enrollment. ``fields``: what changed.

    A corrected ``primary_contact`` with another mailbox has to confirm: `ContactVerificationRequested` follows.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-corrected.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line
    contact: Recipient
    applicant: Applicant | None = None
    fields: tuple[Correctable, ...]
    corrected_by: Id
    by_staff: bool


class EnrollmentWithdrawn(Event):
    """The company, or the program's staff for it, took the enrollment back before it was active."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-withdrawn.v1"
    enrollment_id: Id
    organization_id: Id
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None
    explanation: Text | None = None
    withdrawn_by: Id
    by_staff: bool


class EnrollmentErased(Event):
    """What the enrollment held about people was erased on request; it is closed. ``by_staff``: the program's staff did it."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-erased.v1"
    enrollment_id: Id
    organization_id: Id
    erased_by: Id
    by_staff: bool


class EnrollmentReminded(Event):
    """The enrollment waits for the company, and ends at ``ends_at`` unless it goes on."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-reminded.v1"
    enrollment_id: Id
    organization_id: Id
    status: WaitingStatus
    ends_at: Moment
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None


class EnrollmentExpired(Event):
    """The enrollment waited in ``status`` until its time was over. The company may start another one."""

    TYPE: ClassVar[str] = "kontor.enrollment.enrollment-expired.v1"
    enrollment_id: Id
    organization_id: Id
    status: WaitingStatus
    company_name: Line | None = None
    contact: Recipient | None = None
    applicant: Applicant | None = None


EVENTS: tuple[type[Payload], ...] = (
    PartnerProfileImported,
    EnrollmentStarted,
    PartnerIdAssociated,
    EnrollmentSubmitted,
    EnrollmentSubmittedUnlinked,
    EnrollmentCorrected,
    EnrollmentWithdrawn,
    EnrollmentErased,
    EnrollmentReminded,
    EnrollmentExpired,
)
