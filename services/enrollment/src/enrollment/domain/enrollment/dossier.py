"""The reviewers' file of an enrollment: claim, passed steps, risk, notes. The company does not see it.

A review has two steps: the contact works for the company (employment), and the company exists as it says (business). What
was reviewed in a step, the company can no longer change.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from enrollment.domain.enrollment.check_results import Results
from kontor_contracts.enrollment import Correctable

Step = Literal["employment", "business"]
STEPS: tuple[Step, ...] = get_args(Step)
REVIEWED_IN: dict[Step, tuple[Correctable, ...]] = {
    "employment": ("primary_contact",),
    "business": ("partner_id", "company_name", "address", "registration_id"),
}
NOTES_KEPT = 50
"""More are refused: a note is never lost."""


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """``approvals``: reviewers who approved a high risk, which takes two. ``registry_name``: as the registry spells it.

    ``in_program``: the registry knows the company as enrolled already.

    ``checks``: results of the automatic checks. ``proved_domain``: the organization has proved this domain of its contact, so
    the employment step is passed.

    ``risk_lowered_by``: the reviewer who took the mark of a high risk away, and so cannot be the only one who approves.
    """

    claimed_by: str | None = None
    claimed_at: datetime | None = None
    passed: tuple[Step, ...] = ()
    high_risk: bool = False
    approvals: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    registry_name: str | None = None
    risk_lowered_by: str | None = None
    in_program: bool = False
    checks: Results = ()
    proved_domain: str | None = None

    @property
    def step(self) -> Step | None:
        """The step that is under review; None: all are passed."""
        return next((step for step in STEPS if step not in self.passed), None)

    def has_reviewed(self, field: Correctable) -> bool:
        return any(field in REVIEWED_IN[step] for step in self.passed)


NO_DOSSIER = Dossier()
