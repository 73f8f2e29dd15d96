"""A mail domain, and the organization that has proved it. Identity announces the proofs; this announces nothing.

The domain of a primary contact is compared with the organization's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never


@dataclass(frozen=True, slots=True)
class State:
    """``organization_id`` None: nobody has proved the domain now. ``at``: of the newest fact."""

    organization_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoteProof:
    organization_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteRelease:
    organization_id: str
    at: datetime


Command = NoteProof | NoteRelease


@dataclass(frozen=True, slots=True)
class HolderChanged:
    state: State


def decide(command: Command, state: State) -> list[HolderChanged]:
    """Facts of two organizations come in any order: a newer proof stays, and only the holder gives the domain up."""
    if state.at is not None and command.at < state.at:
        return []
    match command:
        case NoteProof(organization_id, at):
            changed = State(organization_id, at)
        case NoteRelease(organization_id, at):
            changed = State(None, at) if state.organization_id == organization_id else state
        case _:
            assert_never(command)
    return [] if changed == state else [HolderChanged(changed)]


def evolve(_state: State, fact: HolderChanged) -> State:
    return fact.state


def proved_by(state: State | None, organization_id: str) -> bool:
    """Whether the organization has proved the domain and still holds it."""
    return state is not None and state.organization_id == organization_id
