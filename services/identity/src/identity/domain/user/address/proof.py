"""Proof of a user's address: by a mailed link, or by the directory of the company that proved the domain. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from identity.domain.user.commands import ProveAddress, RenewInvitation
from identity.domain.user.events import UNKNOWN, Fact, ProofFact, ProofKept, ProvedAt, UserRefused
from identity.domain.user.state import User
from kontor_contracts.identity import AddressVerificationRequested, UserAddressProved
from kontor_contracts.values import Recipient

LINK_OVER = UserRefused(
    reason="proof-link-over",
    detail="this link was used, was replaced or has expired; ask your administrator for a new one",
)


def provable(user: User, token_hash: str, at: datetime) -> bool:
    """Whether this link can prove the user's address at this time."""
    in_time = user.proof_until is not None and at < user.proof_until
    return user.status == "active" and user.unproved and user.proof_hash == token_hash and in_time


def decide_proof(command: ProveAddress, state: User) -> list[Fact]:
    if state.organization is None or state.status != "active":
        return [UNKNOWN if command.token_hash is None else LINK_OVER]
    if not state.unproved:
        # A repetition by the same link or the directory.
        return [] if command.token_hash in (None, state.proof_hash) else [LINK_OVER]
    if command.token_hash is not None and not provable(state, command.token_hash, command.at):
        return [LINK_OVER]
    proved = UserAddressProved(
        user_id=state.user_id,
        organization_id=state.organization.organization_id,
        by="issuer" if command.token_hash is None else "mail",
    )
    return [proved, ProvedAt(command.at)]


def evolve_proof(state: User, fact: ProofFact) -> User:
    match fact:
        case ProofKept(token_hash, expires_at):
            return replace(state, proof_hash=token_hash, proof_until=expires_at)
        case ProvedAt(at):
            return replace(state, unproved=False, proof_until=None, proved_at=state.proved_at or at)
        case UserAddressProved():
            # A global admin counts only with a proved address.
            return replace(state, role_changes=state.role_changes + 1)
        case AddressVerificationRequested():
            return state
        case _:
            assert_never(fact)


def renew_proof(command: RenewInvitation, state: User) -> list[Fact]:
    """Send the mail to an added user again, with a new link."""
    assert state.organization is not None
    if state.proof_hash == command.token_hash:
        return []
    again = AddressVerificationRequested(
        user_id=state.user_id,
        organization_id=state.organization.organization_id,
        organization_name=state.organization.name,
        recipient=Recipient(name=state.full_name, email=state.email, culture=state.culture),
        purpose="added",
        sealed_link=command.sealed_link,
        expires_at=command.expires_at,
        sender=command.sender,
    )
    return [again, ProofKept(command.token_hash, command.expires_at)]
