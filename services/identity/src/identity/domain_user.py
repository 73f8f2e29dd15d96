"""One user of an organization: the name, the roles and the password. Pure."""

from dataclasses import replace
from typing import assert_never

from identity.domain_role_rules import not_grantable, not_to_oneself, not_touchable
from identity.domain_roles import GLOBAL_ADMIN, in_order
from identity.domain_user_reset import decide_reset, evolve_password
from identity.domain_user_state import (
    STALE,
    TEMPORARY_FOR,
    UNKNOWN,
    AddUser,
    ChangePassword,
    ChangeRoles,
    Command,
    Fact,
    GrantRoles,
    IssueTemporaryPassword,
    OrganizationJoined,
    PasswordSet,
    RedeemReset,
    Rehash,
    RequestReset,
    ResetLinkMade,
    SignUp,
    User,
    UserRefused,
    email_key,
)
from kontor_contracts.identity import (
    PasswordResetRequested,
    UserAdded,
    UserPasswordChanged,
    UserRolesChanged,
    UserSignedUp,
)


def decide(command: Command, state: User) -> list[Fact]:
    match command:
        case SignUp() | AddUser():
            return _open(command, state)
        case ChangeRoles():
            return _change_roles(command, state)
        case GrantRoles(roles):
            return _set_roles(state, in_order((*state.roles, *roles))) if state.status == "active" else []
        case ChangePassword():
            return _change_password(command, state)
        case IssueTemporaryPassword():
            return _issue_temporary(command, state)
        case Rehash() | RequestReset() | RedeemReset():
            return decide_reset(command, state)
        case _:
            assert_never(command)


def evolve(state: User, fact: Fact) -> User:
    match fact:
        case UserSignedUp() | UserAdded():
            return replace(
                state,
                status="active",
                user_id=fact.user_id,
                full_name=fact.full_name,
                email=fact.email,
                culture=fact.culture,
                roles=fact.roles,
            )
        case OrganizationJoined(organization):
            return replace(state, organization=organization)
        case UserRolesChanged(roles=roles):
            return replace(state, roles=roles, role_changes=state.role_changes + 1)
        case UserPasswordChanged() | PasswordSet() | ResetLinkMade() | PasswordResetRequested():
            return evolve_password(state, fact)
        case UserRefused():
            return state
        case _:
            assert_never(fact)


def _open(command: SignUp | AddUser, state: User) -> list[Fact]:
    if state.status == "active":
        same = state.organization == command.organization and email_key(state.email) == email_key(command.email)
        return [] if same else [UserRefused(reason="id-in-use", detail="send another Idempotency-Key")]
    joined = OrganizationJoined(command.organization)
    if isinstance(command, SignUp):
        return [joined, _signed_up(command), PasswordSet(command.password_hash, None)]
    if refused := not_grantable(command.roles, command.organization, command.by):
        return [refused]
    return [joined, _added(command), PasswordSet(command.password_hash, command.at + TEMPORARY_FOR)]


def _signed_up(command: SignUp) -> UserSignedUp:
    return UserSignedUp(
        user_id=command.user_id,
        organization=command.organization,
        full_name=command.full_name,
        email=command.email,
        culture=command.culture,
        roles=(GLOBAL_ADMIN.name,),
    )


def _added(command: AddUser) -> UserAdded:
    return UserAdded(
        user_id=command.user_id,
        organization_id=command.organization.organization_id,
        organization_name=command.organization.name,
        full_name=command.full_name,
        email=command.email,
        culture=command.culture,
        roles=in_order(command.roles),
        added_by=command.by.user_id,
    )


def _change_roles(command: ChangeRoles, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if set(command.roles) == set(state.roles):
        return []
    if command.seen != state.role_changes:
        return [STALE]
    wanted = in_order(command.roles)
    added = tuple(role for role in wanted if role not in state.roles)
    refused = (
        not_grantable(added, state.organization, command.by)
        or not_to_oneself(added, state, command.by)
        or not_touchable(wanted, state, command.by)
    )
    return [refused] if refused else _set_roles(state, wanted)


def _set_roles(state: User, roles: tuple[str, ...]) -> list[Fact]:
    if set(roles) == set(state.roles) or state.organization is None:
        return []
    return [
        UserRolesChanged(
            user_id=state.user_id,
            organization_id=state.organization.organization_id,
            roles=roles,
            added=tuple(role for role in roles if role not in state.roles),
            removed=tuple(role for role in state.roles if role not in roles),
        )
    ]


def _change_password(command: ChangePassword, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if state.password_hash == command.password_hash:
        return []
    if state.password_hash != command.verified_hash:
        return [STALE]
    changed = UserPasswordChanged(user_id=state.user_id, organization_id=state.organization.organization_id)
    return [changed, PasswordSet(command.password_hash, None)]


def _issue_temporary(command: IssueTemporaryPassword, state: User) -> list[Fact]:
    if state.status == "absent":
        return [UNKNOWN]
    if state.password_hash == command.password_hash:
        return []
    if not state.must_change_password:
        return [UserRefused(reason="password-chosen", detail="the user has chosen a password of their own; it stays")]
    return [PasswordSet(command.password_hash, command.at + TEMPORARY_FOR)]
