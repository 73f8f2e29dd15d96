"""Decisions on a company that is in the program already, as the membership registry says.

It gives only its support contact. The membership account proves the company, so the account is ready at once. The mailbox of
the membership account is the known contact: it gets a mail, and is the primary contact from then on.
"""

from dataclasses import dataclass, replace

from enrollment.domain.enrollment.addressing import partner_of
from enrollment.domain.enrollment.application import unfit
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import (
    NameNoted,
    PrimaryContactSet,
    RegistryNameNoted,
    SupportContactSet,
    reached,
)
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Enrollment, PrimaryContact, SupportContact
from enrollment.domain.profile import RegistryEntry
from kontor_contracts.enrollment import EnrollmentActivated, PartnerIdAssociated


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAsEnrolled:
    """``profile`` None: the membership account has no profile with this partner id. The caller has signed in to it.

    ``culture``: of the applicant; the registry does not know the known contact's.
    """

    partner_id: str
    profile: RegistryEntry | None
    support: SupportContact
    culture: str
    actor: Actor


def join_as_enrolled(command: JoinAsEnrolled, state: Enrollment) -> list[Fact]:
    if state.partner and state.partner_id == command.partner_id:
        return []
    if refused := own_company(command.actor, state) or _not_a_draft(state) or unfit(command, state.country):
        return [refused]
    profile, at, by = command.profile, command.actor.at, command.actor.user
    assert profile, "`unfit` has checked it"
    if profile.program_state != "enrolled":
        detail = f"the membership registry does not know {profile.partner_id} as enrolled; fill in the enrollment and submit it"
        return [EnrollmentRefused(reason="not-in-program", field="partner_id", detail=detail)]
    contact = PrimaryContact(profile.company_name, profile.membership_account, command.support.phone, command.culture)
    after = replace(
        state,
        partner_id=profile.partner_id,
        company_name=profile.company_name,
        primary_contact=contact,
        support_contact=command.support,
    )
    return [
        *_associated(profile, state),
        RegistryNameNoted(profile.company_name, in_program=True),
        NameNoted(profile.company_name),
        PrimaryContactSet(contact),
        SupportContactSet(command.support),
        EnrollmentActivated(
            enrollment_id=state.enrollment_id,
            partner=partner_of(after),
            country=state.country,
            region=state.region,
            enrolled_by=state.started_by,
            applicant=state.applicant,
            already_in_program=True,
        ),
        reached("active", at, by),
    ]


def _associated(profile: RegistryEntry, state: Enrollment) -> list[Fact]:
    if profile.partner_id == state.partner_id:
        return []
    return [
        PartnerIdAssociated(
            enrollment_id=state.enrollment_id,
            organization_id=state.organization_id,
            partner_id=profile.partner_id,
        )
    ]


def _not_a_draft(state: Enrollment) -> EnrollmentRefused | None:
    if state.status == "draft":
        return None
    if not state.open:
        return closed(state.status)
    if state.partner:
        detail = f"this company is a partner already, with the partner id {state.partner_id}"
    else:
        detail = "this enrollment was submitted; withdraw it, start another one and join with that"
    return EnrollmentRefused(reason="not-editable", detail=detail)
