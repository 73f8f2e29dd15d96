"""I1: what was acknowledged."""

from reliability.checker import expectations
from reliability.checker.evidence import Evidence, clock, command
from reliability.checker.verdict import Findings, Verdict


def acknowledged(evidence: Evidence) -> Verdict:
    """I1. A command that nobody ever answered may have happened or not."""
    findings = Findings("I1", "what was acknowledged is there")
    for entry in evidence.history.ledger:
        if entry.acknowledged is None:
            continue
        for expected in entry.events:
            findings.look()
            if not evidence.expectations.find(expected):
                findings.broken(
                    f"{command(entry)} was acknowledged {evidence.when(entry.acknowledged)}",
                    f"sent {clock(entry.sent)}, {entry.tries} times",
                    f"no topic has {expectations.name(expected)}",
                )
    return findings.verdict()
