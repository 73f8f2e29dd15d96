"""Listing and lifting an address."""

from dataclasses import replace
from typing import assert_never

from kontor_contracts.notifications import AddressSuppressed, SuppressionLifted
from notifications.domain.suppression.state import (
    LASTS,
    MOST_ENTRIES,
    SOFT_LIMIT,
    SOFT_WINDOW,
    AddressDelisted,
    AddressListed,
    Command,
    Entry,
    Fact,
    LiftSuppression,
    NoteSoftBounce,
    SoftBounceNoted,
    SuppressAddress,
    Suppression,
    SuppressionRefused,
)


def decide(command: Command, state: Suppression) -> list[Fact]:
    match command:
        case SuppressAddress():
            return _suppress(command, state)
        case NoteSoftBounce():
            return _soft(command, state)
        case LiftSuppression():
            return _lift(command, state)
        case _:
            assert_never(command)


def evolve(state: Suppression, fact: Fact) -> Suppression:
    match fact:
        case AddressListed(address=address, entry=entry, until=until, key=key):
            listed = replace(
                state, address=address, key=key or state.key, reason=entry.reason, since=entry.at, until=until
            )
            return replace(_recorded(listed, entry), soft=0, soft_at=None)
        case SoftBounceNoted(address=address, at=at, count=count):
            return replace(state, address=address, soft=count, soft_at=at)
        case AddressDelisted(entry=entry):
            return replace(_recorded(state, entry), reason=None, since=None, until=None, soft=0, soft_at=None)
        case AddressSuppressed() | SuppressionLifted() | SuppressionRefused():
            return state
        case _:
            assert_never(fact)


def _suppress(command: SuppressAddress, state: Suppression) -> list[Fact]:
    """An objection, or a word of the staff, is not replaced by what a server says: it would end by itself then."""
    holds = state.holds(command.at)
    if holds == command.reason or (holds is not None and LASTS[holds] is None):
        return []
    entry = Entry(at=command.at, by=command.by, reason=command.reason, note=command.note)
    lasts = LASTS[command.reason]
    until = None if lasts is None else command.at + lasts
    told = AddressSuppressed(reason=command.reason, note=command.note, until=until)
    return [AddressListed(address=command.address, entry=entry, until=until, key=command.key), told]


def _lift(command: LiftSuppression, state: Suppression) -> list[Fact]:
    if state.holds(command.at) is None:
        return [SuppressionRefused(reason="not-suppressed", detail="mails go to this address; nothing is to be lifted")]
    entry = Entry(at=command.at, by=command.by, reason=None, note=command.note)
    return [AddressDelisted(entry), SuppressionLifted(note=command.note)]


def _soft(command: NoteSoftBounce, state: Suppression) -> list[Fact]:
    if state.holds(command.at):
        return []
    recent = state.soft_at is not None and command.at - state.soft_at <= SOFT_WINDOW
    count = state.soft + 1 if recent else 1
    noted = SoftBounceNoted(address=command.address, at=command.at, count=count)
    if count < SOFT_LIMIT:
        return [noted]
    bounced = SuppressAddress(
        address=command.address, reason="bounced", at=command.at, by="service:notifications", key=command.key
    )
    return [noted, *_suppress(bounced, state)]


def _recorded(state: Suppression, entry: Entry) -> Suppression:
    return replace(state, entries=(*state.entries, entry)[-MOST_ENTRIES:])
