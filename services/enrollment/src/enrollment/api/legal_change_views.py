"""What a partner and the reviewers see of a proposed change of the legal profile."""

from datetime import datetime
from typing import Literal

from enrollment.api.base_views import AddressView, View
from enrollment.domain.enrollment.company import same_name
from enrollment.domain.enrollment.legal_change import changed_fields, review_of_change_due
from enrollment.domain.enrollment.state import Enrollment, LegalChange
from kontor_contracts.enrollment import LegalChangeRejectionReason, LegalField
from kontor_contracts.values import Program


class LegalChangeView(View):
    """A change that is under review, or that was rejected and is to be settled until ``settle_until``."""

    status: Literal["in-review", "rejected"]
    fields: list[LegalField]
    company_name: str
    address: AddressView
    registration_id: str | None
    proposed_by: str
    proposed_at: datetime
    due: datetime | None
    overdue: bool
    reason: LegalChangeRejectionReason | None
    explanation: str | None
    settle_until: datetime | None


class PartnerChangeView(View):
    """A partner with its pending change, for reviewers. ``name_differs``: from the name in the membership registry."""

    enrollment_id: str
    organization_id: str
    company_name: str | None
    program: Program
    country: str
    change: LegalChangeView
    name_differs: bool


def legal_change_view(state: Enrollment) -> LegalChangeView | None:
    change = state.legal_change
    if change is None:
        return None
    facts = {name: getattr(change, name) for name in LegalChangeView.model_fields if hasattr(change, name)}
    return LegalChangeView.model_validate(
        facts
        | {
            "status": "in-review" if change.pending else "rejected",
            "fields": list(changed_fields(state)),
            "due": review_of_change_due(change, state.waits) if change.pending else None,
            "overdue": change.pending and change.escalations > 0,
            "settle_until": change.suspend_at,
        }
    )


def partner_change_view(state: Enrollment) -> PartnerChangeView:
    assert state.legal_change, "the list has partners with a change"
    facts = {name: getattr(state, name) for name in PartnerChangeView.model_fields if hasattr(state, name)}
    return PartnerChangeView.model_validate(
        facts | {"change": legal_change_view(state), "name_differs": _name_differs(state, state.legal_change)}
    )


def _name_differs(state: Enrollment, change: LegalChange) -> bool:
    registered = state.dossier.registry_name
    return registered is not None and not same_name(registered, change.company_name)
