"""An organization's claim to a domain name. A TXT record in the DNS proves it. Pure.

Each claim is a document. The store keeps proved names unique: if two organizations prove one name at the same time, one of
them is refused.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import DomainClaimed, DomainProved, DomainReleased

RECORD = "_kontor-challenge"
"""The label under the domain that holds the TXT record. So the domain's own records need no change."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``challenge``: the value that the TXT record must have. It is no secret: writing the record proves control."""

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
    """``found``: the values of the TXT records."""

    found: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseDomain:
    """Give up the claim, proved or not."""


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


UNKNOWN = DomainRefused(reason="unknown-domain", detail="your organization has not claimed this domain")

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
        detail = f"there is no TXT record {RECORD}.{state.domain} with the value {state.challenge}; add it and try again later"
        return [DomainRefused(reason="record-missing", detail=detail)]
    proved = DomainProved(organization_id=state.organization_id, domain=state.domain)
    return [proved, ProofKept(command.at)]
