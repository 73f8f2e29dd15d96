"""Versions of the partner agreement: published and withdrawn by the program, and accepted by the partners."""

from typing import ClassVar

from kontor_contracts.enrollment.values import Applicant
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Line, Moment, Partner, Text


class AgreementPublished(Event):
    """The program published a version of the agreement. Partners are to accept it by ``accept_until``.

    ``regions`` None: every region that has no version of its own.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.agreement-published.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    version: Line
    regions: tuple[Line, ...] | None = None
    languages: tuple[Line, ...]
    accept_until: Moment
    published_by: Id


class AgreementWithdrawn(Event):
    """The program withdrew a version that it had published. The one before it holds again for who has not accepted this one."""

    TYPE: ClassVar[str] = "kontor.enrollment.agreement-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    version: Line
    withdrawn_by: Id


class AcceptanceRequested(Event):
    """A partner is to accept a version of the agreement by ``accept_until``, or it is suspended then.

    ``reminder``: 0 is the first request.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.acceptance-requested.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    agreement_version: Line
    accept_until: Moment
    reminder: int


class AgreementAccepted(Event):
    """A partner accepted a newer version of the agreement. `AgreementSigned` has the evidence.

    ``reinstated``: it was suspended because it had not accepted, and is active again.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.agreement-accepted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    agreement_version: Line
    previous_version: Line | None = None
    accepted_by: Id
    reinstated: bool = False


class AcceptanceMoved(Event):
    """The program's staff gave a partner another date to accept the agreement."""

    TYPE: ClassVar[str] = "kontor.enrollment.acceptance-moved.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    agreement_version: Line
    accept_until: Moment
    explanation: Text | None = None
    moved_by: Id


class AcceptanceCancelled(Event):
    """The version was withdrawn before the partner accepted it; the partner has nothing to do any more.

    ``reinstated``: it was suspended because it had not accepted, and is active again.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.acceptance-cancelled.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    agreement_version: Line
    reinstated: bool = False


EVENTS: tuple[type[Payload], ...] = (
    AgreementPublished,
    AgreementWithdrawn,
    AcceptanceRequested,
    AgreementAccepted,
    AcceptanceMoved,
    AcceptanceCancelled,
)
