"""A provider and a reseller that work together. One document per pair, in either direction of invitation.

It shares no customers. The provider gets administrator access to the reseller's own work account (program.md, "Connect
with an indirect provider").
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from kontor_contracts.relationships import PartnershipEstablished
from kontor_contracts.values import Partner

Status = Literal["active", "ended"]

# -- state


@dataclass(frozen=True, slots=True, kw_only=True)
class Partnership:
    """``invitation_id``: the invitation whose acceptance established it."""

    partnership_id: str
    provider: Partner
    reseller: Partner
    admin_access: bool
    since: datetime
    invitation_id: str
    status: Status = "active"

    @property
    def active(self) -> bool:
        """Only an active partnership connects the two: in lists, drafts and joint acceptances."""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class State:
    partnership: Partnership | None = None


# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishPartnership:
    """The reseller accepted the provider's invitation."""

    provider: Partner
    reseller: Partner
    invitation_id: str
    at: datetime


Command = EstablishPartnership

# -- events

Fact = PartnershipEstablished

# -- decide, evolve


def decide(command: Command, state: State) -> list[Fact]:
    match command:
        case EstablishPartnership():
            return _establish(command, state)
        case _:
            assert_never(command)


def evolve(state: State, event: Fact) -> State:
    match event:
        case PartnershipEstablished(since=datetime() as since):
            return State(
                Partnership(
                    partnership_id=event.partnership_id,
                    provider=event.provider,
                    reseller=event.reseller,
                    admin_access=event.admin_access,
                    since=since,
                    invitation_id=event.invitation_id,
                )
            )
        case PartnershipEstablished():
            # The field is optional on the wire alone. `decide` always sets it.
            return state
        case _:
            assert_never(event)


# -- questions


def partnership_id(provider_id: str, reseller_id: str) -> str:
    """The id of a pair of organizations. Their ids hold no dot (identity's are UUIDs), so no two pairs share one."""
    return f"{provider_id}.{reseller_id}"


def active_partnership(state: State | None) -> Partnership | None:
    """The partnership while it connects the two; None otherwise."""
    partnership = state.partnership if state else None
    return partnership if partnership and partnership.active else None


def _establish(command: EstablishPartnership, state: State) -> list[Fact]:
    known = state.partnership
    # A repeated acceptance must not revive a partnership that has ended since.
    if known and (known.active or known.invitation_id == command.invitation_id):
        return []
    provider, reseller = command.provider, command.reseller
    return [
        PartnershipEstablished(
            partnership_id=partnership_id(provider.organization_id, reseller.organization_id),
            provider=provider,
            reseller=reseller,
            admin_access=True,
            invitation_id=command.invitation_id,
            since=command.at,
        )
    ]
