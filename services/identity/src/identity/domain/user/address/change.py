"""Change of a user's mail address: a mail to the new address proves it, the old address gets a notice. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from identity.domain.user.commands import AddressCommand, ConfirmAddressChange, RequestAddressChange
from identity.domain.user.events import AddressChangeKept, AddressFact, Fact, UserRefused
from identity.domain.user.state import AddressChange, User
from kontor_contracts.addresses import address_key
from kontor_contracts.identity import AddressChangeRequested, UserAddressChanged
from kontor_contracts.values import Recipient

OVER = UserRefused(
    reason="address-link-over",
    detail="this link was used, was replaced or has expired; ask for the change again",
)

SAME = UserRefused(reason="same-address", detail="this is your address already; give a different one", field="email")


def decide_address(command: AddressCommand, state: User) -> list[Fact]:
    if state.status != "active" or state.organization is None:
        return [OVER]
    match command:
        case RequestAddressChange():
            return _request(command, state, state.organization.organization_id)
        case ConfirmAddressChange():
            return _confirm(command, state, state.organization.organization_id)
        case _:
            assert_never(command)


def evolve_address(state: User, fact: AddressFact) -> User:
    match fact:
        case AddressChangeKept(change):
            return replace(state, address_change=change)
        case UserAddressChanged(email=email):
            # Links mailed to the old address and all sessions are void.
            return replace(
                state, email=email, address_change=None, reset_links=(), session_epoch=state.session_epoch + 1
            )
        case AddressChangeRequested():
            return state
        case _:
            assert_never(fact)


def open_change(state: User, token_hash: str, at: datetime) -> AddressChange | None:
    """The change that a link with this token confirms, or None."""
    change = state.address_change
    return change if change and change.token_hash == token_hash and at < change.expires_at else None


def _request(command: RequestAddressChange, state: User, organization_id: str) -> list[Fact]:
    if address_key(command.email) == address_key(state.email):
        return [SAME]
    requested = AddressChangeRequested(
        user_id=state.user_id,
        organization_id=organization_id,
        recipient=Recipient(name=state.full_name, email=command.email, culture=state.culture),
        sealed_link=command.sealed_link,
        expires_at=command.expires_at,
    )
    return [requested, AddressChangeKept(AddressChange(command.email, command.token_hash, command.expires_at))]


def _confirm(command: ConfirmAddressChange, state: User, organization_id: str) -> list[Fact]:
    change = open_change(state, command.token_hash, command.at)
    if change is None:
        return [OVER]
    return [
        UserAddressChanged(
            user_id=state.user_id,
            organization_id=organization_id,
            full_name=state.full_name,
            email=change.email,
            previous=Recipient(name=state.full_name, email=state.email, culture=state.culture),
        )
    ]
