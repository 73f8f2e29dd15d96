"""Invitations of users: a mail with a personal link to a page on which the user chooses a password. Pure.

The link's token is stored as a hash and valid for one acceptance. A newer invitation voids older links.
"""

from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never

from identity.domain.roles import in_order
from identity.domain.user.access.role_rules import not_addable, not_touchable
from identity.domain.user.address.proof import renew_proof
from identity.domain.user.commands import AcceptInvitation, InvitationCommand, InviteUser, RenewInvitation
from identity.domain.user.events import (
    UNKNOWN,
    Fact,
    InvitationFact,
    InvitationKept,
    OrganizationJoined,
    PasswordSet,
    ProvedAt,
    UserRefused,
)
from identity.domain.user.state import User
from kontor_contracts.addresses import address_key
from kontor_contracts.identity import UserInvited, UserJoined

NOT_INVITED = UserRefused(
    reason="not-invited", detail="this user has no open invitation; see the status in the list of users"
)
NO_INVITATION = UserRefused(
    reason="invitation-unknown", detail="this link is not valid; ask your administrator for a new one"
)
EXPIRED = UserRefused(reason="invitation-expired", detail="this link has expired; ask your administrator for a new one")


LinkState = Literal["valid", "used", "expired", "unknown"]


def link_state(user: User, token_hash: str, at: datetime) -> LinkState:
    """The state of a link. Older links are unknown, and so are those of deleted users."""
    if user.organization is None or not user.invitation_hash or user.invitation_hash != token_hash or user.is_gone:
        return "unknown"
    if user.status != "invited":
        return "used"
    return "valid" if user.invited_until and at < user.invited_until else "expired"


def decide(command: InvitationCommand, state: User) -> list[Fact]:
    match command:
        case InviteUser():
            return _invite(command, state)
        case RenewInvitation():
            return _renew(command, state)
        case AcceptInvitation():
            return _accept(command, state)
        case _:
            assert_never(command)


def evolve(state: User, fact: InvitationFact) -> User:
    match fact:
        case UserInvited():
            return replace(
                state,
                status="invited",
                user_id=fact.user_id,
                full_name=fact.full_name,
                email=fact.email,
                culture=fact.culture,
                roles=fact.roles,
                guest=fact.guest,
                unproved=True,
            )
        case InvitationKept(token_hash, expires_at):
            return replace(state, invitation_hash=token_hash, invited_until=expires_at)
        case UserJoined():
            return replace(state, status="active", role_changes=state.role_changes + 1, invited_until=None)
        case _:
            assert_never(fact)


def _invite(command: InviteUser, state: User) -> list[Fact]:
    if state.status != "absent":
        same = state.organization == command.organization and address_key(state.email) == address_key(command.email)
        return (
            []
            if same
            else [UserRefused(reason="id-in-use", detail="this Idempotency-Key was used already; send a new one")]
        )
    if refused := not_addable(command.roles, command.organization, command.by, guest=command.guest):
        return [refused]
    invited = UserInvited(
        user_id=command.user_id,
        organization_id=command.organization.organization_id,
        organization_name=command.organization.name,
        full_name=command.full_name,
        email=command.email,
        culture=command.culture,
        roles=in_order(command.roles),
        guest=command.guest,
        invited_by=command.by.user_id,
        sealed_link=command.sealed_link,
        expires_at=command.expires_at,
        sender=command.sender,
        address_known=command.known,
    )
    kept = InvitationKept(command.token_hash, command.expires_at)
    return [OrganizationJoined(command.organization), invited, kept]


def _renew(command: RenewInvitation, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    added = state.status == "active" and state.unproved
    if state.status != "invited" and not added:
        return [NOT_INVITED]
    if added:
        refused = not_touchable(state, command.by)
        return [refused] if refused else renew_proof(command, state)
    if state.invitation_hash == command.token_hash:
        return []
    if refused := not_touchable(state, command.by):
        return [refused]
    again = UserInvited(
        user_id=state.user_id,
        organization_id=state.organization.organization_id,
        organization_name=state.organization.name,
        full_name=state.full_name,
        email=state.email,
        culture=state.culture,
        roles=state.roles,
        guest=state.guest,
        invited_by=command.by.user_id,
        sealed_link=command.sealed_link,
        expires_at=command.expires_at,
        sender=command.sender,
        address_known=command.known,
    )
    return [again, InvitationKept(command.token_hash, command.expires_at)]


def _accept(command: AcceptInvitation, state: User) -> list[Fact]:
    match link_state(state, command.token_hash, command.at):
        case "valid":
            assert state.organization is not None
            joined = UserJoined(user_id=state.user_id, organization_id=state.organization.organization_id)
            # Following the mailed link proves the address.
            return [joined, PasswordSet(command.password_hash, None), ProvedAt(command.at)]
        case "expired":
            return [EXPIRED]
        case "used" if state.password_hash == command.password_hash:
            return []
        case _:
            # A used link is answered like an unknown one, so that it reveals nothing.
            return [NO_INVITATION]
