"""Judges a run by what it left behind: for each of I1 to I12 (README) whether it held, and the shortest stories if not.

Knows the contracts, the housekeeping fields of documents that ADR 2 promises, and nothing of how a service works.
"""

from collections.abc import Callable

from reliability.checker import commands, consuming, documents, mail, once, privacy, stream
from reliability.checker.evidence import Evidence
from reliability.checker.verdict import STORIES, Verdict
from reliability.history import History

__all__ = ["STORIES", "Verdict", "check"]

JUDGES: tuple[Callable[[Evidence], Verdict], ...] = (
    commands.acknowledged,
    stream.published,
    stream.ordered,
    stream.founded,
    once.applied_once,
    mail.mailed_once,
    documents.small,
    documents.quiet,
    privacy.separate,
    privacy.secret,
    consuming.committed,
    consuming.settled,
)


def check(history: History) -> list[Verdict]:
    """One verdict per invariant, I1 first. Some seconds for 100,000 records."""
    evidence = Evidence(history)
    return [judge(evidence) for judge in JUDGES]
