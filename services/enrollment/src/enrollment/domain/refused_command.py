"""Refusals that no profile has: of commands that break the contract, and about profiles that do not exist.

They change nothing but the number of refusals.
"""

import hashlib
from dataclasses import dataclass
from typing import assert_never

from enrollment.domain.profile import RefusedId
from kontor_contracts.enrollment import PartnerProfileRefused, RegistryCommandRefused
from kontor_contracts.refused_commands import CommandFault

DOCUMENTS = 16
"""For all sources, so that a flood of bad commands fills no database."""


@dataclass(frozen=True, slots=True)
class State:
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseCommand:
    """``source``, ``id`` and ``type`` as the sender wrote them."""

    id: str
    source: str
    type: str | None
    fault: CommandFault
    field: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class RefuseUnknown:
    """There is no profile with this partner id to retire."""

    partner_id: str


Command = RefuseCommand | RefuseUnknown
Refused = RegistryCommandRefused | PartnerProfileRefused


def refusals_of(source: str) -> str:
    """Which document has the refusals of a source."""
    digest = hashlib.blake2b(source.encode(), digest_size=2).digest()
    return str(int.from_bytes(digest) % DOCUMENTS)


def decide(command: Command, _: State) -> list[Refused]:
    match command:
        case RefuseUnknown(partner_id):
            return [PartnerProfileRefused(partner_id=partner_id, reason="profile-unknown")]
        case RefuseCommand():
            refused = RegistryCommandRefused(
                command_id=command.id,
                command_source=command.source,
                command_type=command.type,
                reason=command.fault,
                field=command.field,
                detail=command.detail,
            )
            return [refused]
        case _:
            assert_never(command)


def evolve(state: State, _: Refused) -> State:
    return State(state.refused + 1)


def refuse(command: Command, reason: RefusedId) -> PartnerProfileRefused:
    """Refuse a command that carries an id of its sender."""
    match command:
        case RefuseUnknown(partner_id):
            return PartnerProfileRefused(partner_id=partner_id, reason=reason)
        case _:
            raise AssertionError("the answer to a broken record has an id of its own")
