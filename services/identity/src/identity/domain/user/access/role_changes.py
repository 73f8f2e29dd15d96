"""Decides changes of roles, by the rules of `role_rules`. Pure."""

from identity.domain.roles import in_order
from identity.domain.user.access.role_rules import (
    not_for_locations,
    not_given_up,
    not_holdable,
    not_one_admin_more,
    not_theirs_to_change,
    not_to_oneself,
    not_touchable,
)
from identity.domain.user.commands import (
    ChangeRoles,
)
from identity.domain.user.events import (
    DELETED,
    STALE,
    UNKNOWN,
    Fact,
    UserRefused,
)
from identity.domain.user.state import User
from kontor_contracts.identity import (
    OrganizationProfile,
    RoleLocations,
    UserRolesChanged,
)
from kontor_contracts.values import Recipient


def change_roles(command: ChangeRoles, state: User) -> list[Fact]:
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


def set_roles(state: User, roles: tuple[str, ...]) -> list[Fact]:
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
