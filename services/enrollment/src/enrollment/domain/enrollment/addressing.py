"""The company as events name it: for the mails about it, and for other services."""

from typing import TypedDict

from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import Applicant
from kontor_contracts.values import Partner, Recipient


class Addressed(TypedDict):
    """The fields of every event that leads to a mail to the primary contact."""

    enrollment_id: str
    organization_id: str
    company_name: str
    contact: Recipient


class Known(TypedDict):
    """The same of an enrollment that may still miss them."""

    enrollment_id: str
    organization_id: str
    company_name: str | None
    contact: Recipient | None
    applicant: Applicant | None


def known(state: Enrollment) -> Known:
    """A contact gets mails from the first link on."""
    asked = state.primary_contact if state.link or state.was_partner else None
    return Known(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        company_name=state.company_name or state.organization_name,
        contact=asked.recipient if asked else None,
        applicant=state.applicant,
    )


def addressed(state: Enrollment) -> Addressed:
    """For enrollments that were submitted or are complete enough to be."""
    assert state.company_name, "a submission requires it"
    assert state.primary_contact, "a submission requires it"
    return Addressed(
        enrollment_id=state.enrollment_id,
        organization_id=state.organization_id,
        company_name=state.company_name,
        contact=state.primary_contact.recipient,
    )


def partner_of(state: Enrollment, *, name: str | None = None) -> Partner:
    """The company as other services see it once it is active. ``name`` replaces its present name."""
    company = addressed(state)
    assert state.partner_id, "a submission requires it"
    return Partner(
        organization_id=state.organization_id,
        partner_id=state.partner_id,
        name=name or company["company_name"],
        program=state.program,
        contact=company["contact"],
    )
