"""The matrix of roles: what each permits in which kind of organization."""

import pytest

from identity.domain.roles import PROTECTED, ROLES, Role, in_order, permissions
from kontor_contracts.values import OrganizationKind

KNOWN = {
    "organization:read",
    "users:read",
    "users:write",
    "users:roles",
    "users:manage",
    "users:purge",
    "organization:write",
    "organization:close",
    "organization:reopen",
    "domains:write",
    "audit:read",
    "enrollment:read",
    "enrollment:submit",
    "enrollment:sign-agreement",
    "enrollment:review",
    "profiles:import",
    "agreements:publish",
    "partnerships:read",
    "partnerships:invite",
    "partnerships:authorize",
    "partnerships:end",
    "partners:read",
    "directory:publish",
    "partnerships:request",
    "customers:read",
    "customers:invite",
    "customers:end",
    "resellers:end",
    "subscriptions:assign",
    "grants:request",
    "grants:approve",
    "relationships:end",
    "invitations:accept-as-customer",
    "authorizations:check",
    "mails:read",
    "mails:manage",
    "operations:read",
    "operations:replay",
}


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: role.name)
def test_a_role_gives_known_permissions_where_it_exists_and_nowhere_else(role: Role) -> None:
    assert role.description and role.kinds
    for permission, kinds in role.permissions.items():
        assert permission in KNOWN
        assert kinds and set(kinds) <= set(role.kinds)


def test_every_permission_is_given_by_some_role() -> None:
    assert {permission for role in ROLES.values() for permission in role.permissions} == KNOWN


@pytest.mark.parametrize(
    ("role", "kind", "permission", "given"),
    [
        ("global-admin", "provider", "partnerships:invite", True),
        ("global-admin", "reseller", "partnerships:invite", False),
        ("global-admin", "customer", "invitations:accept-as-customer", True),
        ("global-admin", "reseller", "invitations:accept-as-customer", False),
        ("global-admin", "reseller", "customers:invite", False),
        ("admin-agent", "reseller", "customers:invite", True),
        ("admin-agent", "reseller", "customers:end", True),
        ("global-admin", "customer", "resellers:end", True),
        ("global-admin", "customer", "customers:end", False),
        ("helpdesk-agent", "reseller", "customers:end", False),
        ("program-operator", "operator", "relationships:end", True),
        ("admin-agent", "reseller", "users:write", True),
        ("admin-agent", "reseller", "partnerships:invite", False),
        ("admin-agent", "customer", "customers:read", False),
        ("sales-agent", "provider", "partnerships:invite", True),
        ("sales-agent", "reseller", "customers:read", False),
        ("helpdesk-agent", "reseller", "users:read", False),
        ("helpdesk-agent", "reseller", "customers:read", True),
        ("program-operator", "operator", "enrollment:review", True),
        ("program-operator", "reseller", "enrollment:review", False),
        ("global-admin", "operator", "users:write", False),
    ],
)
def test_a_permission_depends_on_the_role_and_the_kind_of_organization(
    role: str, kind: OrganizationKind, permission: str, given: bool
) -> None:
    assert (permission in permissions([role], kind)) is given


def test_permissions_add_up_over_the_roles() -> None:
    both = permissions(["global-admin", "admin-agent"], "reseller")
    assert set(both) == {*permissions(["global-admin"], "reseller"), *permissions(["admin-agent"], "reseller")}
    assert list(both) == sorted(both)


def test_no_role_holds_what_only_a_temporary_password_gives() -> None:
    assert "password:change" not in {permission for role in ROLES.values() for permission in role.permissions}


def test_what_is_no_role_permits_nothing() -> None:
    assert permissions(["emperor"], "reseller") == ()


def test_roles_are_told_once_and_in_the_order_of_the_matrix() -> None:
    assert in_order(["emperor", "admin-agent", "owner", "admin-agent"]) == ("owner", "admin-agent", "emperor")
    assert set(ROLES) >= PROTECTED
