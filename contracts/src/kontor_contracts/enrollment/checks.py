"""Automatic checks of a company, before a person decides."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Line, Value

CheckOutcome = Literal["pending", "passed", "flagged", "unknown", "unavailable"]
"""``flagged``: a person should look. ``unknown``: there is nothing to compare with. ``unavailable``: the check gave no result."""


class CheckSummary(Value):
    """``check``: the name of an automatic check. ``high_risk``: the approval takes two reviewers."""

    check: Line
    outcome: CheckOutcome
    high_risk: bool = False


class BusinessChecked(Event):
    """Automatic checks gave results, which reviewers see and the company does not. They decide nothing."""

    TYPE: ClassVar[str] = "kontor.enrollment.business-checked.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    enrollment_id: Id
    results: tuple[CheckSummary, ...]


class DomainChecked(Event):
    """The mail domain of the primary contact was compared with those that the organization has proved.

    ``proved``: the contact's employment needs no review. Otherwise a person reviews it, or the organization proves the domain.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.domain-checked.v1"
    enrollment_id: Id
    organization_id: Id
    domain: Line
    proved: bool


EVENTS: tuple[type[Payload], ...] = (BusinessChecked, DomainChecked)
