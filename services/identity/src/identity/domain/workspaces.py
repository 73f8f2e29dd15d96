"""The workspaces of the portal, as data. A user's permissions open them.

For each closed workspace the answer names the roles that can grant access: those that give a role which opens it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from identity.domain.roles import ROLES, Role, permissions
from kontor_contracts.values import OrganizationKind


@dataclass(frozen=True, slots=True)
class Workspace:
    """``opened_by``: any of these permissions opens it."""

    name: str
    description: str
    opened_by: tuple[str, ...]


WORKSPACES = (
    Workspace("account", "The company: its profile, status and domains.", ("organization:read",)),
    Workspace("people", "The company's users and their roles.", ("users:read",)),
    Workspace("activity", "The activity log: actor, action, subject and time.", ("audit:read",)),
    Workspace("enrollment", "The company's enrollment in the program.", ("enrollment:read",)),
    Workspace(
        "partnerships", "Indirect providers and resellers, and invitations to partnerships.", ("partnerships:read",)
    ),
    Workspace("customers", "Customers, and invitations to them.", ("customers:read",)),
    Workspace(
        "invitations", "Invitations of partners who want to work for this company.", ("invitations:accept-as-customer",)
    ),
    Workspace("reviews", "The program: enrollments to be reviewed, the membership registry.", ("enrollment:review",)),
    Workspace("mails", "The mails about the company, and whether they were delivered.", ("mails:read",)),
)


@dataclass(frozen=True, slots=True)
class Access:
    """``ask``: roles that can give a role which opens the workspace. Empty if it is open."""

    workspace: Workspace
    may_enter: bool
    ask: tuple[str, ...] = ()


def access(roles: Iterable[str], kind: OrganizationKind) -> list[Access]:
    """Every workspace of an organization of this kind."""
    held = permissions(roles, kind)
    found: list[Access] = []
    for workspace in WORKSPACES:
        if keys := _keys(workspace, kind):
            open_ = any(permission in held for permission in workspace.opened_by)
            found.append(Access(workspace, open_, () if open_ else _givers(keys)))
    return found


def _keys(workspace: Workspace, kind: OrganizationKind) -> list[Role]:
    """The roles that open the workspace in an organization of this kind."""
    return [
        role
        for role in ROLES.values()
        if any(kind in role.permissions.get(permission, ()) for permission in workspace.opened_by)
    ]


def _givers(keys: Iterable[Role]) -> tuple[str, ...]:
    givers = {name for role in keys for name in role.given_by}
    return tuple(name for name in ROLES if name in givers)
