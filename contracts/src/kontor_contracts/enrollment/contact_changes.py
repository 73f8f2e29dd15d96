"""A partner changes its primary contact: the new one confirms by mail, the present one may object."""

from typing import ClassVar, Literal

from kontor_contracts.enrollment.values import Applicant
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Id, Line, Moment, Partner, Recipient, Sealed

ContactChangeReason = Literal["confirmed", "same-mailbox", "corrected", "objected"]
"""Why the contact changed: the new one confirmed, only name, phone or language changed, the program's staff corrected it, or
the contact before it objected and is the contact again."""

ContactChangeOutcome = Literal["declined", "objected", "withdrawn", "expired"]
"""Why nothing changed: the new contact said no, the present one did, the change was withdrawn, or its time is over."""


class ContactChangeRequested(Event):
    """A partner named another primary contact. ``partner`` has the present one, who may object until ``object_until``.

    ``sealed_link`` and ``sealed_objection`` are the personal links of the new and of the present contact, readable for
    notifications alone.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.contact-change-requested.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    new_contact: Recipient
    sealed_link: Sealed
    expires_at: Moment
    sealed_objection: Sealed
    object_until: Moment
    requested_by: Id


class PrimaryContactChanged(Event):
    """A partner has another primary contact, which ``partner`` names. ``previous``: the contact before."""

    TYPE: ClassVar[str] = "kontor.enrollment.primary-contact-changed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    country: Country
    region: Line
    applicant: Applicant | None = None
    previous: Recipient
    reason: ContactChangeReason
    changed_by: Id


class ContactChangeEnded(Event):
    """A partner keeps its primary contact, because the change came to nothing. ``partner`` names the contact that stays."""

    TYPE: ClassVar[str] = "kontor.enrollment.contact-change-ended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    enrollment_id: Id
    partner: Partner
    applicant: Applicant | None = None
    new_contact: Recipient
    outcome: ContactChangeOutcome
    ended_by: Id


EVENTS: tuple[type[Payload], ...] = (ContactChangeRequested, PrimaryContactChanged, ContactChangeEnded)
