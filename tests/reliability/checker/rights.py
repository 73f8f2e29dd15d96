"""Rights: none after its end, and of a joint acceptance all edges or none. By what relationships announced, at rest.

One subject is judged in its own order. Subjects that follow one another are compared when all is quiet: then every
consequence has been announced.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reliability.checker.events import Event
from reliability.checker.evidence import Evidence
from reliability.checker.verdict import Findings

PREFIX = "kontor.relationships."
TOPIC = "relationships.events"
CONNECTS = "resellers-authorized"
IMPORTS = "customer-imported"
PARTS = "relationship-ended"
HELD, DROPPED = "admin-grant-held", "admin-grant-dropped"
ESTABLISHED, PARTED = "partnership-established", "partnership-ended"
OF_PARTNERSHIP = {
    "provider-admin-access-granted",
    "partnership-suspended",
    "partnership-resumed",
    PARTED,
}
GRANT_ENDED = "admin-grant-ended"
OF_GRANT = {f"admin-grant-{what}" for what in ("approved", "activated", "extended", "expiring", "delayed")}
NAMED, UNNAMED = "reseller-of-record-set", "reseller-of-record-ended"


NAMES = {CONNECTS, IMPORTS, PARTS, HELD, DROPPED, ESTABLISHED, *OF_PARTNERSHIP, GRANT_ENDED, NAMED, UNNAMED, *OF_GRANT}


class Rights:
    """What holds after the whole run: edges of customers, the grants they hold, and partnerships."""

    def __init__(self) -> None:
        self.edges: set[tuple[str, str]] = set()
        self.parted: set[tuple[str, str]] = set()
        self.held: dict[str, tuple[str, str]] = {}
        self.partnerships: set[str] = set()
        self.named: dict[str, Event] = {}
        self.ended_grants: set[str] = set()


def judged(evidence: Evidence, findings: Findings) -> None:
    rights = Rights()
    joint = _joint(evidence)
    for (topic, _), found in evidence.subjects.items():
        if topic != TOPIC:
            continue
        for event in _in_order(found):
            name = event.type.removeprefix(PREFIX).removesuffix(".v1")
            data = event.message.get("data")
            if not isinstance(data, Mapping) or name not in NAMES:
                continue
            findings.look()
            for story in _step(name, data, event, rights, joint):
                findings.broken(story, evidence.tell(event))
    for story, last in _at_rest(rights):
        findings.broken(story, evidence.tell(last) if last else "")


def _in_order(found: list[Event]) -> list[Event]:
    """Each event once, by its number."""
    once = {event.id: event for event in reversed(found)}
    return sorted(once.values(), key=lambda event: event.sequence)


def _joint(evidence: Evidence) -> dict[str, set[str]]:
    """By invitation, the partners that a joint acceptance connects."""
    accepted: dict[str, set[str]] = {}
    for event in evidence.events:
        data = event.message.get("data")
        if event.type == f"{PREFIX}invitation-accepted.v1" and isinstance(data, Mapping) and data.get("provider"):
            accepted[str(data["invitation_id"])] = {data["inviter"]["partner_id"], data["provider"]["partner_id"]}
    return accepted


def _step(
    name: str, data: Mapping[str, Any], event: Event, rights: Rights, joint: Mapping[str, set[str]]
) -> Iterator[str]:
    if name in {CONNECTS, IMPORTS, PARTS, HELD, DROPPED}:
        yield from _of_customer(name, data, event, rights, joint)
    elif name == ESTABLISHED:
        rights.partnerships.add(str(data["partnership_id"]))
    elif name in OF_PARTNERSHIP:
        if str(data["partnership_id"]) not in rights.partnerships:
            yield f"{event.name} of a partnership that had ended"
        if name == PARTED:
            rights.partnerships.discard(str(data["partnership_id"]))
    elif name in {NAMED, UNNAMED}:
        rights.named.pop(event.subject, None)
        if name == NAMED:
            rights.named[event.subject] = event
    elif name == GRANT_ENDED:
        rights.ended_grants.add(str(data["grant"]["grant_id"]))
    elif name in OF_GRANT and str(data["grant"]["grant_id"]) in rights.ended_grants:
        yield f"{event.name} of a grant that had ended"


def _of_customer(
    name: str, data: Mapping[str, Any], event: Event, rights: Rights, joint: Mapping[str, set[str]]
) -> Iterator[str]:
    customer = str(data.get("customer_id"))
    if name == CONNECTS:
        given = {grant["partner"]["partner_id"] for grant in data["grants"]}
        wanted = joint.get(str(data["invitation_id"]), given)
        if given != wanted:
            yield f"{event.name} connects {sorted(given)} of {sorted(wanted)}: some, not all"
        rights.edges |= {(customer, partner) for partner in given}
        rights.parted -= rights.edges
        return
    edge = (customer, str(data.get("partner_id")))
    if name == IMPORTS:
        if edge in rights.parted:
            yield f"{event.name} brings back partner {edge[1]}, whose relationship had ended"
        rights.edges.add(edge)
    elif name == PARTS:
        rights.edges.discard(edge)
        rights.parted.add(edge)
        rights.held = {grant: of for grant, of in rights.held.items() if of != edge}
    elif name == HELD:
        if edge not in rights.edges:
            yield f"{event.name} for partner {edge[1]}, which has no relationship"
        rights.held[str(data["grant_id"])] = edge
    else:
        rights.held.pop(str(data["grant_id"]), None)


def _at_rest(rights: Rights) -> Iterator[tuple[str, Event | None]]:
    for grant, (customer, partner) in rights.held.items():
        if grant in rights.ended_grants:
            yield f"customer {customer} holds grant {grant} of partner {partner}, which has ended", None
    for subject, event in rights.named.items():
        data = event.message["data"]
        provider, reseller = data["provider"], data["reseller"]
        pair = f"{provider['organization_id']}.{reseller['organization_id']}"
        if pair not in rights.partnerships:
            yield f"{subject} names {reseller['partner_id']}, and the partnership has ended", event
        for partner in (provider, reseller):
            if (str(data["customer_id"]), partner["partner_id"]) not in rights.edges:
                yield f"{subject} is of a customer that no longer works with {partner['partner_id']}", event
