"""The reviewers' file and the requested documents after an event."""

from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.dossier import REVIEWED_IN, Dossier
from enrollment.domain.enrollment.own_facts import (
    ApprovalNoted,
    DocumentsAsked,
    FileKept,
    FileRemoved,
    NoteAdded,
    PaperworkFact,
    RegistryNameNoted,
    RequestsWithdrawn,
    ReviewClaimed,
    ReviewFact,
    ReviewReleased,
    RiskMarked,
    StepPassed,
)
from enrollment.domain.enrollment.paperwork import Paperwork, without_file
from enrollment.domain.enrollment.state import Change


def with_review_fact(dossier: Dossier, fact: ReviewFact) -> Dossier:  # noqa: PLR0911  one return per kind of fact
    match fact:
        case RegistryNameNoted(name=name, in_program=in_program):
            return replace(dossier, registry_name=name, in_program=in_program)
        case ReviewClaimed(by=by, at=at):
            return replace(dossier, claimed_by=by, claimed_at=at)
        case ReviewReleased():
            return replace(dossier, claimed_by=None, claimed_at=None)
        case NoteAdded(note=note):
            return replace(dossier, notes=(*dossier.notes, note))
        case RiskMarked(high=high, by=by):
            return replace(dossier, high_risk=high, approvals=(), risk_lowered_by=None if high else by)
        case StepPassed(step=step):
            return replace(dossier, passed=(*dossier.passed, step))
        case ApprovalNoted(by=by):
            return replace(dossier, approvals=(*dossier.approvals, by))
        case _:
            assert_never(fact)


def corrected(dossier: Dossier, changes: tuple[Change, ...]) -> Dossier:
    """What the program's staff corrected is to be reviewed again, and approved again."""
    fields = {change.field for change in changes}
    passed = tuple(step for step in dossier.passed if not fields & {*REVIEWED_IN[step]})
    return replace(dossier, passed=passed, approvals=())


def with_paper(paperwork: Paperwork, fact: PaperworkFact) -> Paperwork:
    match fact:
        case DocumentsAsked(documents=documents):
            return (*paperwork, *documents)
        case RequestsWithdrawn():
            return tuple(replace(one, withdrawn=True) if one.missing else one for one in paperwork)
        case FileKept(document_id=wanted, file=file):
            return tuple(
                replace(one, files=(*one.files, file)) if one.document_id == wanted else one for one in paperwork
            )
        case FileRemoved(file_id=file_id):
            return tuple(without_file(one, file_id) for one in paperwork)
        case _:
            assert_never(fact)
