"""The snapshot topic alone says what the service says over HTTP: a view that is made of its records has the same lists."""

from reliability.checker.evidence import Evidence
from reliability.checker.verdict import Findings

from kontor_contracts import MalformedError
from kontor_contracts.authz import View

TOPIC = "relationships.snapshot"
NAMED = 3


def judged(evidence: Evidence, findings: Findings) -> None:
    """By the reader that other teams have, from zero, as its records stand in the topic."""
    view = View()
    for record in evidence.history.records:
        if record.topic != TOPIC:
            continue
        try:
            view.apply(record.key, record.value, record.headers)
        except MalformedError as error:
            findings.broken(f"{TOPIC}/{record.partition}/{record.offset} cannot be read: {error}")
    for organization_id, listed in evidence.history.listed.items():
        findings.look()
        known = set(view.customers_of(organization_id))
        for fault, which in (("lacks", set(listed) - known), ("still has", known - set(listed))):
            if which:
                names = ", ".join(sorted(which)[:NAMED])
                findings.broken(f"{TOPIC} {fault} {len(which)} customers of {organization_id}, such as {names}")
