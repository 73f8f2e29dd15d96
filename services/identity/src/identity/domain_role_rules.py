"""Who may give which role to whom. Each rule returns a refusal, or None where it has nothing against it."""

from identity.domain_roles import ADMIN_AGENT, PROTECTED, ROLES
from identity.domain_user_state import Granter, User, UserRefused
from kontor_contracts.identity import OrganizationProfile


def not_grantable(added: tuple[str, ...], organization: OrganizationProfile, by: Granter) -> UserRefused | None:
    for role in added:
        if role not in ROLES:
            detail = f"there is no role {role[:40]!r}; GET /v1/roles lists them"
            return UserRefused(reason="unknown-role", detail=detail, field="roles")
        if organization.kind not in ROLES[role].kinds:
            detail = f"{role} is not for a {organization.kind}; GET /v1/roles says which are"
            return UserRefused(reason="role-not-for-kind", detail=detail, field="roles")
        if role in PROTECTED and not by.global_admin:
            detail = f"only a global admin gives {role}; ask one"
            return UserRefused(reason="global-admin-only", detail=detail, field="roles", status=403)
    return None


def not_to_oneself(added: tuple[str, ...], state: User, by: Granter) -> UserRefused | None:
    """A global admin may become admin agent by himself (program.md, enrollment, step 9); nothing else goes."""
    allowed = {ADMIN_AGENT.name} if by.global_admin else set()
    if by.user_id != state.user_id or set(added) <= allowed:
        return None
    detail = "nobody gives himself roles; ask another administrator"
    return UserRefused(reason="own-roles", detail=detail, field="roles", status=403)


def not_touchable(wanted: tuple[str, ...], state: User, by: Granter) -> UserRefused | None:
    removed = set(state.roles) - set(wanted)
    if by.global_admin or not (state.is_global_admin or removed & PROTECTED):
        return None
    detail = "only a global admin changes the roles of a global admin or an owner; ask one"
    return UserRefused(reason="global-admin-only", detail=detail, field="roles", status=403)
