"""Decides every command on a user. Pure."""

from typing import assert_never

from identity.domain.roles import in_order
from identity.domain.user.access.lifecycle import decide as decide_life
from identity.domain.user.access.password import change_password, decide_reset, issue_temporary
from identity.domain.user.access.role_changes import change_roles, set_roles
from identity.domain.user.address.change import decide_address
from identity.domain.user.address.proof import decide_proof
from identity.domain.user.commands import (
    AddressCommand,
    AddUser,
    ChangePassword,
    ChangeRoles,
    Command,
    GrantRoles,
    InvitationCommand,
    IssueTemporaryPassword,
    LifeCommand,
    OwnCommand,
    ProofCommand,
    RedeemReset,
    Rehash,
    RequestReset,
    SignUp,
)
from identity.domain.user.events import (
    Fact,
)
from identity.domain.user.invitation import decide as decide_invitation
from identity.domain.user.opening import open_user
from identity.domain.user.state import User


def decide(command: Command, state: User) -> list[Fact]:
    if isinstance(command, InvitationCommand):
        return decide_invitation(command, state)
    if isinstance(command, AddressCommand):
        return decide_address(command, state)
    if isinstance(command, LifeCommand):
        return decide_life(command, state)
    if isinstance(command, ProofCommand):
        return decide_proof(command, state)
    return _decide(command, state)


def _decide(command: OwnCommand, state: User) -> list[Fact]:
    match command:
        case SignUp() | AddUser():
            return open_user(command, state)
        case ChangeRoles():
            return change_roles(command, state)
        case GrantRoles(roles):
            return set_roles(state, in_order((*state.roles, *roles))) if state.status == "active" else []
        case ChangePassword():
            return change_password(command, state)
        case IssueTemporaryPassword():
            return issue_temporary(command, state)
        case Rehash() | RequestReset() | RedeemReset():
            return decide_reset(command, state)
        case _:
            assert_never(command)
