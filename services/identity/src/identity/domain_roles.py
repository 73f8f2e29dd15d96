"""The roles, as data: what each one is for, in which kinds of organization it exists, and what it permits there.

A user's permissions are the union over the user's roles. The source is the program's own role overview; Kontor keeps
the roles whose work it does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kontor_contracts.values import OrganizationKind

Kinds = tuple[OrganizationKind, ...]

PARTNERS: Kinds = ("provider", "reseller")
COMPANIES: Kinds = ("provider", "reseller", "customer")
PROVIDER: Kinds = ("provider",)
CUSTOMER: Kinds = ("customer",)
OPERATOR: Kinds = ("operator",)


@dataclass(frozen=True, slots=True)
class Role:
    """``permissions`` maps each one to the kinds of organization in which the role gives it."""

    name: str
    description: str
    kinds: Kinds
    permissions: Mapping[str, Kinds]


def _given(kinds: Kinds, *permissions: str) -> dict[str, Kinds]:
    return dict.fromkeys(permissions, kinds)


OWNER = Role(
    "owner",
    "Enrolled the company in the program. A mark of who answers for it; the rights come from the other roles.",
    COMPANIES,
    _given(COMPANIES, "organization:read"),
)
GLOBAL_ADMIN = Role(
    "global-admin",
    "Everything about the account: its people, the enrollment and the agreement, the partnerships.",
    COMPANIES,
    _given(
        COMPANIES,
        "organization:read",
        "users:read",
        "users:write",
        "users:roles",
        "enrollment:read",
        "enrollment:submit",
        "enrollment:sign-agreement",
        "partnerships:read",
        "partnerships:authorize",
        "customers:read",
        "authorizations:check",
    )
    | _given(PROVIDER, "partnerships:invite")
    | _given(CUSTOMER, "invitations:accept-as-customer"),
)
USER_MANAGEMENT_ADMIN = Role(
    "user-management-admin",
    "Adds users and assigns roles, except those that only a global admin may give.",
    COMPANIES,
    _given(COMPANIES, "organization:read", "users:read", "users:write", "users:roles"),
)
ADMIN_AGENT = Role(
    "admin-agent",
    "Works with customers and adds colleagues: customers, their invitations, partnerships.",
    PARTNERS,
    _given(
        PARTNERS,
        "organization:read",
        "users:read",
        "users:write",
        "customers:read",
        "customers:invite",
        "partnerships:read",
        "authorizations:check",
    )
    | _given(PROVIDER, "partnerships:invite"),
)
SALES_AGENT = Role(
    "sales-agent",
    "Finds resellers and customers for a provider.",
    PROVIDER,
    _given(
        PROVIDER,
        "organization:read",
        "customers:read",
        "customers:invite",
        "partnerships:read",
        "partnerships:invite",
        "authorizations:check",
    ),
)
HELPDESK_AGENT = Role(
    "helpdesk-agent",
    "Helps customers: sees them and checks what may be done for them.",
    PARTNERS,
    _given(PARTNERS, "organization:read", "customers:read", "authorizations:check"),
)
BILLING_ADMIN = Role(
    "billing-admin",
    "Invoices and prices; sees no customers.",
    COMPANIES,
    _given(COMPANIES, "organization:read"),
)
PROGRAM_OPERATOR = Role(
    "program-operator",
    "The program's own staff: the membership registry, reviews of enrollments, the mails.",
    OPERATOR,
    _given(
        OPERATOR,
        "organization:read",
        "enrollment:read",
        "enrollment:review",
        "profiles:import",
        "authorizations:check",
        "mails:read",
    ),
)

ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        OWNER,
        GLOBAL_ADMIN,
        USER_MANAGEMENT_ADMIN,
        ADMIN_AGENT,
        SALES_AGENT,
        HELPDESK_AGENT,
        BILLING_ADMIN,
        PROGRAM_OPERATOR,
    )
}

PROTECTED = frozenset({OWNER.name, GLOBAL_ADMIN.name})
"""Only a global admin gives or takes these."""


def permissions(roles: Iterable[str], kind: OrganizationKind) -> tuple[str, ...]:
    """What these roles permit in an organization of this kind, sorted. A role that is not for the kind permits nothing."""
    held = [ROLES[name] for name in roles if name in ROLES]
    return tuple(sorted({p for role in held for p, kinds in role.permissions.items() if kind in kinds}))


def in_order(roles: Iterable[str]) -> tuple[str, ...]:
    """Each role once, in the order of the matrix; what is no role goes last."""
    names = dict.fromkeys(roles)
    return tuple(name for name in ROLES if name in names) + tuple(name for name in names if name not in ROLES)
