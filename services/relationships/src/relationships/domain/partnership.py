"""A provider and a reseller that work together: one document per pair, whoever invited whom and however often.

It shares no customers. The provider gets administrator access to the reseller's own work account (program.md, "Connect
with an indirect provider").
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from kontor_contracts.relationships import PartnershipEstablished
from kontor_contracts.values import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Partnership:
    partnership_id: str
    provider: Partner
    reseller: Partner
    admin_access: bool
    since: datetime
    invitation_id: str


@dataclass(frozen=True, slots=True)
class State:
    partnership: Partnership | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishPartnership:
    """The reseller accepted the provider's invitation."""

    provider: Partner
    reseller: Partner
    invitation_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PartnershipRecorded:
    partnership: Partnership


Command = EstablishPartnership
Fact = PartnershipRecorded | PartnershipEstablished


def decide(command: Command, state: State) -> list[Fact]:
    match command:
        case EstablishPartnership():
            return [] if state.partnership else _establish(command)
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    match fact:
        case PartnershipRecorded(partnership):
            return State(partnership)
        case PartnershipEstablished():
            return state
        case _:
            assert_never(fact)


def partnership_id(provider_id: str, reseller_id: str) -> str:
    """The id of a pair of organizations. Their ids hold no dot (identity's are UUIDs), so no two pairs share one."""
    return f"{provider_id}.{reseller_id}"


def _establish(command: EstablishPartnership) -> list[Fact]:
    partnership = Partnership(
        partnership_id=partnership_id(command.provider.organization_id, command.reseller.organization_id),
        provider=command.provider,
        reseller=command.reseller,
        admin_access=True,
        since=command.at,
        invitation_id=command.invitation_id,
    )
    announced = PartnershipEstablished(
        partnership_id=partnership.partnership_id,
        provider=partnership.provider,
        reseller=partnership.reseller,
        admin_access=partnership.admin_access,
        invitation_id=partnership.invitation_id,
    )
    return [PartnershipRecorded(partnership), announced]
