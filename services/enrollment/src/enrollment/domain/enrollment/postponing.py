"""Decisions on a partner id that is postponed: the company submits without it, and links it before the signature.

If the registry spells the name of the linked profile in another way than the company, a reviewer looks at it once more.
"""

from dataclasses import dataclass

from enrollment.domain.enrollment.company import same_name
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import PartnerIdPostponed, ReviewReopened, Touched, reached
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Enrollment


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponePartnerId:
    """The company does not know its partner id yet."""

    actor: Actor


def postpone_partner_id(command: PostponePartnerId, state: Enrollment) -> list[Fact]:
    if refused := own_company(command.actor, state):
        return [refused]
    if not state.open:
        return [closed(state.status)]
    if state.partner_id_postponed:
        return []
    if state.status != "draft" or state.partner_id:
        detail = "only a draft that has no partner id can postpone it; a linked one can be replaced by another one"
        return [EnrollmentRefused(reason="not-editable", detail=detail)]
    return [PartnerIdPostponed(), Touched(command.actor.at)]


def may_link(state: Enrollment, actor: Actor) -> bool:
    """A postponed partner id is linked until the signature, whatever was reviewed."""
    waits = state.partner_id_postponed and state.partner_id is None
    return waits and state.open and not state.partner and own_company(actor, state) is None


def review_of_link(state: Enrollment, registry_name: str, actor: Actor) -> list[Fact]:
    """What follows from a partner id that is linked after the approval: another look, if the names differ."""
    if state.status != "qualified" or same_name(state.company_name or "", registry_name):
        return []
    return [ReviewReopened(), reached("in-review", actor.at, actor.user)]


def unlinked(state: Enrollment) -> EnrollmentRefused | None:
    """The agreement waits for the partner id."""
    if state.status != "qualified" or state.partner_id:
        return None
    detail = "link the partner id first: PUT /v1/enrollments/{enrollment_id}/partner-id; then sign the agreement"
    return EnrollmentRefused(reason="partner-id-missing", field="partner_id", detail=detail)
