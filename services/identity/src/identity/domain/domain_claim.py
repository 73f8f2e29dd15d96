"""One organization's claim to a domain name, which a TXT record in the DNS proves. Pure.

The claim is a document of its own. That only one organization proves a name is for the store: a proved name is a unique
value, so of two who prove it in the same instant one is refused.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import DomainClaimed, DomainProved, DomainReleased

RECORD = "_kontor-challenge"
"""The label before the domain under which the TXT record is looked for: it needs no change of the domain's own records."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``challenge``: what the TXT record must say. It is no secret: whoever can write the record owns the domain."""

    status: Literal["absent", "claimed", "proved", "released"] = "absent"
    organization_id: str = ""
    domain: str = ""
    challenge: str = ""
    claimed_at: datetime | None = None
    proved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDomain:
    organization_id: str
    domain: str
    challenge: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveDomain:
    """``found``: what the TXT records say."""

    found: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseDomain:
    """Give it up, proved or not."""


Command = ClaimDomain | ProveDomain | ReleaseDomain


@dataclass(frozen=True, slots=True)
class ChallengeSet:
    challenge: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProofKept:
    at: datetime


class DomainRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.identity.domain-refused.v1"
    reason: Literal["unknown-domain", "record-missing"]
    detail: str
    status: int | None = None


UNKNOWN = DomainRefused(reason="unknown-domain", detail="your organization has not claimed this domain", status=404)

Fact = DomainClaimed | DomainProved | DomainReleased | ChallengeSet | ProofKept | DomainRefused


def decide(command: Command, state: Claim) -> list[Fact]:
    match command:
        case ClaimDomain(organization_id=organization_id, domain=domain):
            if state.status in {"claimed", "proved"}:
                return []
            claimed = DomainClaimed(organization_id=organization_id, domain=domain)
            return [claimed, ChallengeSet(command.challenge, command.at)]
        case ProveDomain():
            return _prove(command, state)
        case ReleaseDomain():
            if state.status == "absent":
                return [UNKNOWN]
            released = DomainReleased(organization_id=state.organization_id, domain=state.domain)
            return [] if state.status == "released" else [released]
        case _:
            assert_never(command)


def evolve(state: Claim, fact: Fact) -> Claim:
    match fact:
        case DomainClaimed(organization_id=organization_id, domain=domain):
            return Claim("claimed", organization_id, domain)
        case ChallengeSet(challenge, at):
            return replace(state, challenge=challenge, claimed_at=at)
        case DomainProved():
            return replace(state, status="proved")
        case ProofKept(at):
            return replace(state, proved_at=at)
        case DomainReleased():
            return replace(state, status="released", challenge="", proved_at=None)
        case DomainRefused():
            return state
        case _:
            assert_never(fact)


def _prove(command: ProveDomain, state: Claim) -> list[Fact]:
    if state.status in {"absent", "released"}:
        return [UNKNOWN]
    if state.status == "proved":
        return []
    if state.challenge not in command.found:
        detail = f"the TXT record {RECORD}.{state.domain} does not say {state.challenge} yet; the DNS may take a while"
        return [DomainRefused(reason="record-missing", detail=detail)]
    proved = DomainProved(organization_id=state.organization_id, domain=state.domain)
    return [proved, ProofKept(command.at)]
