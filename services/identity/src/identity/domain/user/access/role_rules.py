"""Rules about giving and taking roles. Each rule returns a refusal, or None if it allows the change."""

from collections.abc import Iterable

from identity.domain.roles import ADMIN_AGENT, GLOBAL_ADMIN, PROTECTED, ROLES, Role
from identity.domain.user.events import UserRefused
from identity.domain.user.state import Granter, User
from kontor_contracts.identity import OrganizationProfile, RoleLocations


def not_addable(
    roles: tuple[str, ...], organization: OrganizationProfile, by: Granter, *, guest: bool
) -> UserRefused | None:
    """Why a new user cannot have these roles."""
    return (
        not_holdable(roles, organization, guest=guest)
        or not_theirs_to_change(roles, by)
        or not_one_admin_more(roles, by)
    )


def not_holdable(roles: tuple[str, ...], organization: OrganizationProfile, *, guest: bool) -> UserRefused | None:
    for role in roles:
        if role not in ROLES:
            detail = f"there is no role {role[:40]!r}; GET /v1/roles lists all roles"
            return UserRefused(reason="unknown-role", detail=detail, field="roles")
        if organization.kind not in ROLES[role].kinds:
            detail = f"the role {role} does not exist in a {organization.kind}; GET /v1/roles says which do"
            return UserRefused(reason="role-not-for-kind", detail=detail, field="roles")
        if guest and not ROLES[role].guests:
            detail = f"guests cannot hold the role {role}; GET /v1/roles says which they can"
            return UserRefused(reason="role-not-for-guests", detail=detail, field="roles")
    return None


def not_theirs_to_change(roles: Iterable[str], by: Granter) -> UserRefused | None:
    """Only a user who may give a role may take it."""
    for role in roles:
        if role in PROTECTED and not by.global_admin:
            detail = f"only a global admin can give or take the role {role}; ask one"
            return UserRefused(reason="global-admin-only", detail=detail, field="roles")
        if role in ROLES and not _gives(by, ROLES[role]):
            detail = f"the role {role} can be given and taken by {', '.join(ROLES[role].given_by)}; ask one of them"
            return UserRefused(reason="not-yours-to-give", detail=detail, field="roles")
    return None


def _gives(by: Granter, role: Role) -> bool:
    held = {*by.roles, GLOBAL_ADMIN.name} if by.global_admin else set(by.roles)
    return not held.isdisjoint(role.given_by)


def not_one_admin_more(gained: Iterable[str], by: Granter) -> UserRefused | None:
    """The organization's document names its global admins, and is to stay small."""
    if not by.admins_full or GLOBAL_ADMIN.name not in gained:
        return None
    detail = "the organization has as many global admins as it may have; take the role from one of them first"
    return UserRefused(reason="too-many-global-admins", detail=detail, field="roles")


def not_to_oneself(added: tuple[str, ...], state: User, by: Granter) -> UserRefused | None:
    """Users cannot give themselves roles. Exception: a global admin may become admin agent."""
    allowed = {ADMIN_AGENT.name} if by.global_admin else set()
    if by.user_id != state.user_id or set(added) <= allowed:
        return None
    detail = "You cannot change your own roles; ask another administrator."
    return UserRefused(reason="own-roles", detail=detail, field="roles")


def not_touchable(state: User, by: Granter) -> UserRefused | None:
    """Only a global admin may change a user with a protected role."""
    if by.global_admin or PROTECTED.isdisjoint(state.roles):
        return None
    detail = "only a global admin can change a global admin or an owner; ask one"
    return UserRefused(reason="global-admin-only", detail=detail, field="roles")


def not_given_up(wanted: tuple[str, ...], state: User, by: Granter, *, confirmed: bool) -> UserRefused | None:
    """Nobody gives up the last of the own highest roles by mistake: it cannot be taken back by oneself."""
    held = PROTECTED.intersection(state.roles)
    if by.user_id != state.user_id or not held or not held.isdisjoint(wanted) or confirmed:
        return None
    detail = f"you would no longer hold {' or '.join(sorted(held))}, and only a global admin can give it back; send confirm: true"
    return UserRefused(reason="confirmation-missing", detail=detail, field="confirm")


def not_for_locations(roles: tuple[str, ...], locations: Iterable[RoleLocations]) -> UserRefused | None:
    """Locations are allowed only for roles that the user will hold and that are not about the whole work account."""
    for each in locations:
        role = ROLES.get(each.role) if each.role in roles else None
        if role is None or role.tenant or not each.locations:
            detail = f"the role {each.role[:40]} cannot be limited to locations; GET /v1/roles says which roles can"
            return UserRefused(reason="role-not-for-locations", detail=detail, field="locations")
    return None
