"""Refusals of commands that break the contract. They change nothing but the number of refusals."""

import hashlib
from dataclasses import dataclass

from kontor_contracts.refused_commands import CommandFault, CommandRefused

DOCUMENTS = 16
"""For all sources, so that a flood of bad commands fills no database."""


@dataclass(frozen=True, slots=True)
class State:
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseCommand:
    id: str
    source: str
    type: str | None
    fault: CommandFault
    field: str | None
    detail: str


def refusals_of(source: str) -> str:
    """Which document has the refusals of a source."""
    digest = hashlib.blake2b(source.encode(), digest_size=2).digest()
    return str(int.from_bytes(digest) % DOCUMENTS)


def decide(command: RefuseCommand, state: State) -> list[CommandRefused]:
    del state
    return [
        CommandRefused(
            command_id=command.id,
            command_source=command.source,
            command_type=command.type,
            reason=command.fault,
            field=command.field,
            detail=command.detail,
        )
    ]


def evolve(state: State, fact: CommandRefused) -> State:
    del fact
    return State(state.refused + 1)
