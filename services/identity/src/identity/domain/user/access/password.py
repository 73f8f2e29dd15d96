"""Passwords: changed, issued, reset by mail, rehashed. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from identity.domain.user.commands import (
    ChangePassword,
    IssueTemporaryPassword,
    RedeemReset,
    Rehash,
    RequestReset,
    ResetCommand,
)
from identity.domain.user.events import (
    LINK_OVER,
    STALE,
    UNKNOWN,
    Fact,
    PasswordSet,
    ProvedAt,
    ResetLinkMade,
    UserRefused,
)
from identity.domain.user.state import MOST_RESET_LINKS, TEMPORARY_FOR, ResetLink, User
from kontor_contracts.identity import PasswordResetRequested, UserPasswordChanged
from kontor_contracts.values import Recipient


def decide_reset(command: ResetCommand, state: User) -> list[Fact]:
    match command:
        case Rehash(verified_hash, password_hash):
            # A password changed in the meantime has a fresh hash already.
            same = state.password_hash == verified_hash
            return [PasswordSet(password_hash, state.temporary_until)] if same else []
        case RequestReset():
            return _request(command, state)
        case RedeemReset():
            return _redeem(command, state)
        case _:
            assert_never(command)


def evolve_password(
    state: User, fact: UserPasswordChanged | PasswordSet | ResetLinkMade | PasswordResetRequested
) -> User:
    match fact:
        case UserPasswordChanged():
            return replace(state, session_epoch=state.session_epoch + 1, reset_links=())
        case PasswordSet(password_hash, temporary_until):
            return replace(state, password_hash=password_hash, temporary_until=temporary_until)
        case ResetLinkMade(link):
            return replace(state, reset_links=(*state.reset_links, link)[-MOST_RESET_LINKS:])
        case PasswordResetRequested():
            return state
        case _:
            assert_never(fact)


def _request(command: RequestReset, state: User) -> list[Fact]:
    """No event if it is not possible, so that nothing is revealed. Earlier links stay valid: requests must not void them."""
    good = [link for link in state.reset_links if command.at < link.expires_at]
    most = 1 if command.sparing else MOST_RESET_LINKS
    if state.status != "active" or state.organization is None or len(good) >= most:
        return []
    if any(link.token_hash == command.token_hash for link in state.reset_links):
        return []
    requested = PasswordResetRequested(
        user_id=state.user_id,
        organization_id=state.organization.organization_id,
        recipient=Recipient(name=state.full_name, email=state.email, culture=state.culture),
        sealed_link=command.sealed_link,
        expires_at=command.expires_at,
    )
    return [requested, ResetLinkMade(ResetLink(command.token_hash, command.expires_at))]


def _redeem(command: RedeemReset, state: User) -> list[Fact]:
    if state.status != "active" or state.organization is None:
        return [LINK_OVER]
    if not usable(state, command):
        return [] if command.password_hash and state.password_hash == command.password_hash else [LINK_OVER]
    # Users from before addresses were proved have proved theirs now.
    proof = [] if state.proved_at else [ProvedAt(command.at)]
    void_before = proof_time(state, command.at) if command.remove_unproved_factor else None
    changed = password_changed(state, notify=True, factor_void_before=void_before)
    return [changed, PasswordSet(command.password_hash, None), *proof]


def proof_time(state: User, reset_at: datetime) -> datetime:
    """When the address was proved: at the latest by this reset, for a user from before addresses were proved."""
    return state.proved_at or reset_at


def password_changed(state: User, *, notify: bool, factor_void_before: datetime | None = None) -> UserPasswordChanged:
    assert state.organization is not None
    return UserPasswordChanged(
        user_id=state.user_id,
        organization_id=state.organization.organization_id,
        organization_name=state.organization.name,
        contact=Recipient(name=state.full_name, email=state.email, culture=state.culture) if notify else None,
        factor_void_before=factor_void_before,
    )


def usable(state: User, command: RedeemReset) -> bool:
    return any(link.token_hash == command.token_hash and command.at < link.expires_at for link in state.reset_links)


def change_password(command: ChangePassword, state: User) -> list[Fact]:
    if state.organization is None or state.status != "active":
        return [UNKNOWN]
    if state.password_hash == command.password_hash:
        return []
    if state.password_hash != command.verified_hash:
        return [STALE]
    # No mail about the first password of the user's own choice.
    return [password_changed(state, notify=not state.must_change_password), PasswordSet(command.password_hash, None)]


def issue_temporary(command: IssueTemporaryPassword, state: User) -> list[Fact]:
    if state.status != "active":
        return [UNKNOWN]
    if state.password_hash == command.password_hash:
        return []
    if not state.must_change_password:
        return [
            UserRefused(
                reason="password-chosen",
                detail="the user has chosen a password already; it stays valid",
            )
        ]
    return [PasswordSet(command.password_hash, command.at + TEMPORARY_FOR)]
