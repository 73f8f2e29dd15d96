"""Decides every command on a user: sign-up, roles and passwords here, the others in their modules. Pure."""

from dataclasses import replace
from typing import assert_never

from identity.domain.roles import GLOBAL_ADMIN, in_order
from identity.domain.user.address import decide_address, evolve_address
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
    DELETED,
    STALE,
    UNKNOWN,
    AddressFact,
    Fact,
    InvitationFact,
    LifeFact,
    OrganizationJoined,
    OwnFact,
    PasswordSet,
    ProofFact,
    ProofKept,
    ProvedAt,
    ResetLinkMade,
    UserRefused,
)
from identity.domain.user.invitation import decide as decide_invitation
from identity.domain.user.invitation import evolve as evolve_invitation
from identity.domain.user.lifecycle import decide as decide_life
from identity.domain.user.lifecycle import evolve as evolve_life
from identity.domain.user.password import decide_reset, evolve_password, password_changed
from identity.domain.user.proof import decide_proof, evolve_proof
from identity.domain.user.role_rules import (
    not_addable,
    not_for_locations,
    not_given_up,
    not_holdable,
    not_one_admin_more,
    not_theirs_to_change,
    not_to_oneself,
    not_touchable,
)
from identity.domain.user.state import TEMPORARY_FOR, User
from kontor_contracts.addresses import address_key
from kontor_contracts.identity import (
    OrganizationProfile,
    PasswordResetRequested,
    RoleLocations,
    UserAdded,
    UserPasswordChanged,
    UserRolesChanged,
    UserSignedUp,
)
from kontor_contracts.values import Recipient


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


def evolve(state: User, fact: Fact) -> User:
    if isinstance(fact, InvitationFact):
        return evolve_invitation(state, fact)
    if isinstance(fact, AddressFact):
        return evolve_address(state, fact)
    if isinstance(fact, LifeFact):
        return evolve_life(state, fact)
    if isinstance(fact, ProofFact):
        return evolve_proof(state, fact)
    return _evolve(state, fact)


def _decide(command: OwnCommand, state: User) -> list[Fact]:
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


def _evolve(state: User, fact: OwnFact) -> User:
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
                guest=isinstance(fact, UserAdded) and fact.guest,
                unproved=isinstance(fact, UserAdded),
            )
        case OrganizationJoined(organization):
            return replace(state, organization=organization)
        case UserRolesChanged(roles=roles, locations=locations):
            return replace(state, roles=roles, locations=locations, role_changes=state.role_changes + 1)
        case UserPasswordChanged() | PasswordSet() | ResetLinkMade() | PasswordResetRequested():
            return evolve_password(state, fact)
        case UserRefused():
            return state
        case _:
            assert_never(fact)


def _open(command: SignUp | AddUser, state: User) -> list[Fact]:
    if state.status != "absent":
        same = state.organization == command.organization and address_key(state.email) == address_key(command.email)
        return (
            []
            if same
            else [UserRefused(reason="id-in-use", detail="this Idempotency-Key was used already; send a new one")]
        )
    joined = OrganizationJoined(command.organization)
    if isinstance(command, SignUp):
        return [joined, _signed_up(command), PasswordSet(command.password_hash, None), ProvedAt(command.at)]
    if refused := not_addable(command.roles, command.organization, command.by, guest=command.guest):
        return [refused]
    link = command.link
    proof = ProofKept(link.token_hash, link.expires_at) if link else ProvedAt(command.at)
    return [joined, _added(command), PasswordSet(command.password_hash, command.at + TEMPORARY_FOR), proof]


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
        guest=command.guest,
        sealed_link=command.link.sealed_link if command.link else None,
        expires_at=command.link.expires_at if command.link else None,
        sender=command.sender,
        address_known=command.known,
    )


def _change_roles(command: ChangeRoles, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    wanted = in_order(command.roles)
    locations = _locations(command, state, wanted)
    if set(wanted) == set(state.roles) and locations == state.locations:
        return []
    if state.is_gone:
        return [DELETED]
    if command.seen != state.role_changes:
        return [STALE]
    refused = _refused(command, state, wanted, locations)
    return [refused] if refused else [_changed(state, state.organization, wanted, locations, notify=True)]


def _refused(
    command: ChangeRoles, state: User, wanted: tuple[str, ...], locations: tuple[RoleLocations, ...]
) -> UserRefused | None:
    assert state.organization is not None
    added = tuple(role for role in wanted if role not in state.roles)
    # Users with this permission may give up roles of their own.
    removed = [r for r in state.roles if r not in wanted] if command.by.user_id != state.user_id else []
    moved = [each.role for each in (*locations, *state.locations) if (each in locations) != (each in state.locations)]
    return (
        not_holdable(added, state.organization, guest=state.guest)
        or not_to_oneself((*added, *moved), state, command.by)
        or not_touchable(state, command.by)
        or not_theirs_to_change((*added, *removed, *moved), command.by)
        or not_one_admin_more(added, command.by)
        or not_for_locations(wanted, locations)
        or not_given_up(wanted, state, command.by, confirmed=command.confirmed)
    )


def _locations(command: ChangeRoles, state: User, wanted: tuple[str, ...]) -> tuple[RoleLocations, ...]:
    """Sorted, so that equal requests compare equal. Locations of a removed role are removed with it."""
    given = state.locations if command.locations is None else command.locations
    kept = [each for each in given if command.locations is not None or each.role in wanted]
    return tuple(sorted(kept, key=lambda each: (each.role, each.locations)))


def _set_roles(state: User, roles: tuple[str, ...]) -> list[Fact]:
    if set(roles) == set(state.roles) or state.organization is None:
        return []
    return [_changed(state, state.organization, roles, state.locations, notify=False)]


def _changed(
    state: User,
    organization: OrganizationProfile,
    roles: tuple[str, ...],
    locations: tuple[RoleLocations, ...],
    *,
    notify: bool,
) -> UserRolesChanged:
    contact = Recipient(name=state.full_name, email=state.email, culture=state.culture) if notify else None
    return UserRolesChanged(
        user_id=state.user_id,
        organization_id=organization.organization_id,
        roles=roles,
        added=tuple(role for role in roles if role not in state.roles),
        removed=tuple(role for role in state.roles if role not in roles),
        locations=locations,
        organization_name=organization.name,
        contact=contact,
    )


def _change_password(command: ChangePassword, state: User) -> list[Fact]:
    if state.organization is None or state.status != "active":
        return [UNKNOWN]
    if state.password_hash == command.password_hash:
        return []
    if state.password_hash != command.verified_hash:
        return [STALE]
    # No mail about the first password of the user's own choice.
    return [password_changed(state, notify=not state.must_change_password), PasswordSet(command.password_hash, None)]


def _issue_temporary(command: IssueTemporaryPassword, state: User) -> list[Fact]:
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
