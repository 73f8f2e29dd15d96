"""The reviewers' file and the requested documents after an event."""

from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.check_results import all_pending
from enrollment.domain.enrollment.dossier import REVIEWED_IN, Dossier, Step
from enrollment.domain.enrollment.own_facts import (
    ApprovalNoted,
    ChecksNoted,
    DocumentsAsked,
    DomainNoted,
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
        case ChecksNoted(results=results):
            return replace(dossier, checks=results)
        case DomainNoted(domain=domain):
            others = tuple(step for step in dossier.passed if step != "employment")
            passed: tuple[Step, ...] = others if domain is None else ("employment", *others)
            return replace(dossier, passed=passed, proved_domain=domain)
        case _:
            assert_never(fact)


def corrected(dossier: Dossier, changes: tuple[Change, ...]) -> Dossier:
    """What the program's staff corrected is to be reviewed again, and approved again; corrected data are checked again."""
    fields = {change.field for change in changes}
    checks = all_pending(dossier.checks) if fields & {*REVIEWED_IN["business"]} else dossier.checks
    passed = tuple(step for step in dossier.passed if not fields & {*REVIEWED_IN[step]})
    proved = None if "primary_contact" in fields else dossier.proved_domain
    return replace(dossier, passed=passed, approvals=(), checks=checks, proved_domain=proved)


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
