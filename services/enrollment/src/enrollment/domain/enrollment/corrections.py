"""Corrections of an enrollment: what can still be changed, and the record of each change."""

from enrollment.domain.enrollment.addressing import addressed
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import ChangesNoted, Touched
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.state import Actor, Address, Enrollment, PrimaryContact, SupportContact, Value
from enrollment.domain.enrollment.state import Change as FieldChange
from kontor_contracts.enrollment import Correctable, EnrollmentCorrected


def not_editable(state: Enrollment, actor: Actor, *fields: Correctable) -> EnrollmentRefused | None:
    """Until the program has decided, the company may correct what was not reviewed, and the staff everything."""
    if refused := own_company(actor, state):
        return refused
    match state.status:
        case "draft" | "contact-pending" | "in-review" | "action-required":
            reviewed = next((field for field in fields if state.dossier.has_reviewed(field)), None)
            if reviewed is None or actor.staff:
                return None
            detail = "this was reviewed already; ask the program's staff to correct it"
            return EnrollmentRefused(reason="already-reviewed", detail=detail)
        case "qualified" | "active" | "suspended":
            detail = "the program has decided; a partner proposes a change of its legal profile instead"
            return EnrollmentRefused(reason="not-editable", detail=detail)
        case _:
            return closed(state.status)


def corrected(state: Enrollment, after: Enrollment, actor: Actor, facts: list[Fact]) -> list[Fact]:
    """``facts`` lead from ``state`` to ``after``. Changes of a draft are not announced; later ones are."""
    if state.status == "draft":
        return [*facts, Touched(actor.at)]
    changes = changes_between(state, after, actor)
    announced = EnrollmentCorrected(
        **addressed(after),
        applicant=state.applicant,
        fields=tuple(change.field for change in changes),
        corrected_by=actor.user,
        by_staff=actor.staff,
    )
    return [*facts, ChangesNoted(changes), announced]


def changes_between(state: Enrollment, after: Enrollment, actor: Actor) -> tuple[FieldChange, ...]:
    """For the record: the fields that differ, each with its old and new value as text."""
    pairs: dict[Correctable, tuple[Value, Value]] = {
        "partner_id": (state.partner_id, after.partner_id),
        "company_name": (state.company_name, after.company_name),
        "address": (state.address, after.address),
        "registration_id": (state.registration_id, after.registration_id),
        "primary_contact": (state.primary_contact, after.primary_contact),
        "support_contact": (state.support_contact, after.support_contact),
    }
    return tuple(
        FieldChange(field, actor.at, actor.user, actor.staff, _line(old), _line(new))
        for field, (old, new) in pairs.items()
        if old != new
    )


def _line(value: Value) -> str | None:
    parts: tuple[str | None, ...]
    match value:
        case Address():
            parts = (value.line1, value.line2, value.postal_code, value.city, value.state)
        case PrimaryContact():
            parts = (value.name, value.email, value.phone, value.culture)
        case SupportContact():
            parts = (value.email, value.phone, value.website)
        case _:
            return value
    return ", ".join(part for part in parts if part)
