"""Optimistic locking: a command may name the revision of the enrollment that its sender has read.

Each fact makes a new revision, but for those that come by themselves and change nothing that a person has read to decide:
what became of a mail, and the results of automatic checks. If the enrollment has another revision by now, the command is
refused, and nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from enrollment.domain.enrollment import decide as rules
from enrollment.domain.enrollment import evolve as consequences
from enrollment.domain.enrollment.decide import Command
from enrollment.domain.enrollment.facts import Announced, Fact, Own
from enrollment.domain.enrollment.own_facts import ChecksNoted, MailNoted
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import BusinessChecked

UNREAD = (MailNoted, ChecksNoted, BusinessChecked)


@dataclass(frozen=True, slots=True)
class IfRevision:
    """``command``, unless the enrollment has changed since ``revision``."""

    revision: int
    command: Command


def decide(command: Command | IfRevision, state: Enrollment) -> Sequence[Fact]:
    if not isinstance(command, IfRevision):
        return rules.decide(command, state)
    if state.revision != command.revision:
        detail = "the enrollment has changed since you read it; read it again, and repeat your change if it still holds"
        return [EnrollmentRefused(reason="changed-meanwhile", detail=detail)]
    return rules.decide(command.command, state)


def evolve(state: Enrollment, event: Announced | Own) -> Enrollment:
    revision = state.revision if isinstance(event, UNREAD) else state.revision + 1
    return replace(consequences.evolve(state, event), revision=revision)
