"""The roles, as data: purpose, kinds of organization, permissions, and the roles that may give it.

A user's permissions are the union over the user's roles. The matrix follows the program's role overview. Some roles are
about work outside Kontor (benefits, incentives, reports): they permit reading here, and other systems learn from the
events which user holds them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kontor_contracts.values import OrganizationKind

Kinds = tuple[OrganizationKind, ...]

PARTNERS: Kinds = ("provider", "reseller")
COMPANIES: Kinds = ("provider", "reseller", "customer")
PROVIDER: Kinds = ("provider",)
RESELLER: Kinds = ("reseller",)
CUSTOMER: Kinds = ("customer",)
OPERATOR: Kinds = ("operator",)
EVERYWHERE: Kinds = (*COMPANIES, *OPERATOR)

CONSOLE_ROLE = "console"
"""The command line of the installation. It gives the one role that cannot be given over HTTP."""


@dataclass(frozen=True, slots=True)
class Role:
    """``permissions`` maps each permission to the kinds of organization in which the role gives it.

    ``given_by``: holders of one of these roles may give and take this one. ``tenant``: it is about the whole work account;
    other roles can be given for some locations of the company. ``guests``: a guest may hold it.
    """

    name: str
    description: str
    kinds: Kinds
    permissions: Mapping[str, Kinds]
    given_by: tuple[str, ...] = ()
    tenant: bool = True
    guests: bool = False


def _given(kinds: Kinds, *permissions: str) -> dict[str, Kinds]:
    return dict.fromkeys(permissions, kinds)


BY_GLOBAL_ADMINS = ("global-admin",)
BY_USER_ADMINS = ("global-admin", "user-management-admin")
BY_AGENTS = ("global-admin", "user-management-admin", "admin-agent")
BY_ACCOUNT_ADMINS = ("global-admin", "user-management-admin", "account-admin")

OWNER = Role(
    "owner",
    "Enrolled the company in the program and is responsible for it. The permissions come from the other roles.",
    COMPANIES,
    _given(COMPANIES, "organization:read"),
    BY_GLOBAL_ADMINS,
)
GLOBAL_ADMIN = Role(
    "global-admin",
    "Everything about the account: its people, the enrollment and the agreement, the partnerships.",
    COMPANIES,
    _given(
        COMPANIES,
        "organization:read",
        "organization:write",
        "organization:close",
        "domains:write",
        "users:read",
        "users:write",
        "users:roles",
        "users:manage",
        "users:purge",
        "audit:read",
        "mails:read",
        "enrollment:read",
        "enrollment:submit",
        "enrollment:sign-agreement",
        "partnerships:read",
        "partnerships:authorize",
        "customers:read",
        "authorizations:check",
    )
    | _given(PARTNERS, "customers:end", "partnerships:end")
    | _given(PROVIDER, "partnerships:invite", "directory:publish")
    | _given(RESELLER, "partnerships:request")
    | _given(CUSTOMER, "invitations:accept-as-customer", "resellers:end", "grants:approve"),
    BY_GLOBAL_ADMINS,
)
USER_MANAGEMENT_ADMIN = Role(
    "user-management-admin",
    "Adds users, manages them and assigns roles, except those that only a global admin may give.",
    COMPANIES,
    _given(COMPANIES, "organization:read", "users:read", "users:write", "users:roles", "users:manage"),
    BY_USER_ADMINS,
)
ACCOUNT_ADMIN = Role(
    "account-admin",
    "Maintains the company's profile and gives the roles that are not about the work account.",
    PARTNERS,
    _given(PARTNERS, "organization:read", "organization:write", "users:read", "users:roles", "enrollment:read"),
    BY_USER_ADMINS,
    tenant=False,
)
ADMIN_AGENT = Role(
    "admin-agent",
    "Works with customers and adds colleagues: customers, their invitations, partnerships, the activity log.",
    PARTNERS,
    _given(
        PARTNERS,
        "organization:read",
        "users:read",
        "users:write",
        "audit:read",
        "customers:read",
        "customers:invite",
        "customers:end",
        "grants:request",
        "partnerships:read",
        "authorizations:check",
    )
    | _given(PROVIDER, "partnerships:invite", "partnerships:end", "subscriptions:assign")
    | _given(RESELLER, "partnerships:request"),
    BY_AGENTS,
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
        "subscriptions:assign",
        "authorizations:check",
    ),
    BY_AGENTS,
)
HELPDESK_AGENT = Role(
    "helpdesk-agent",
    "Helps customers: sees them and checks what is authorized for them.",
    PARTNERS,
    _given(PARTNERS, "organization:read", "customers:read", "authorizations:check"),
    BY_AGENTS,
)
BILLING_ADMIN = Role(
    "billing-admin",
    "Invoices and prices; sees no customers.",
    COMPANIES,
    _given(COMPANIES, "organization:read"),
    BY_USER_ADMINS,
)
MEMBERSHIP_ADMIN = Role(
    "membership-admin",
    "Memberships, designations and benefits; sees the profile, the enrollment and the users' roles.",
    PARTNERS,
    _given(PARTNERS, "organization:read", "users:read", "enrollment:read"),
    BY_ACCOUNT_ADMINS,
    tenant=False,
    guests=True,
)


def _beside(name: str, description: str, *, guests: bool = False) -> Role:
    """A role for work outside Kontor. Here it permits reading the organization."""
    given = _given(PARTNERS, "organization:read")
    return Role(name, description, PARTNERS, given, BY_ACCOUNT_ADMINS, tenant=False, guests=guests)


BUSINESS_PROFILE_ADMIN = Role(
    "business-profile-admin",
    "The public business profile: a provider's entry in the directory.",
    PARTNERS,
    _given(PARTNERS, "organization:read") | _given(PROVIDER, "directory:publish", "partnerships:read"),
    BY_ACCOUNT_ADMINS,
    tenant=False,
    guests=True,
)
REFERRALS_ADMIN = _beside("referrals-admin", "All leads and deals, and their teams.", guests=True)
REFERRALS_USER = _beside("referrals-user", "Leads and deals of the user's teams.")
INCENTIVES_ADMIN = _beside("incentives-admin", "Incentives: enrolling, bank and tax details, disputes.")
INCENTIVES_USER = _beside("incentives-user", "Incentives: viewing them, starting claims.")
SOLUTION_ADMIN = _beside("solution-admin", "Publishes and edits solutions for joint selling.")
REPORT_VIEWER = _beside("report-viewer", "Reports without revenue and personal data.")
EXECUTIVE_REPORT_VIEWER = _beside("executive-report-viewer", "Reports with revenue and personal data.")
PROGRAM_OPERATOR = Role(
    "program-operator",
    "The program's own staff: the membership registry, reviews of enrollments, the partners, the mails.",
    OPERATOR,
    _given(
        OPERATOR,
        "organization:read",
        "organization:close",
        "organization:reopen",
        "audit:read",
        "enrollment:read",
        "enrollment:review",
        "profiles:import",
        "agreements:publish",
        "relationships:end",
        "authorizations:check",
        "partners:read",
        "mails:read",
        "mails:manage",
        "operations:read",
    ),
    (CONSOLE_ROLE,),
)
PLATFORM_OPERATOR = Role(
    "platform-operator",
    "Operates the installation: sees topics and dead letters in the console, and replays these.",
    OPERATOR,
    _given(OPERATOR, "organization:read", "operations:read", "operations:replay"),
    (CONSOLE_ROLE,),
)
STAFF_ROLES = (PROGRAM_OPERATOR.name, PLATFORM_OPERATOR.name)
"""Of the program's own organization."""

ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        OWNER,
        GLOBAL_ADMIN,
        USER_MANAGEMENT_ADMIN,
        ACCOUNT_ADMIN,
        ADMIN_AGENT,
        SALES_AGENT,
        HELPDESK_AGENT,
        BILLING_ADMIN,
        MEMBERSHIP_ADMIN,
        BUSINESS_PROFILE_ADMIN,
        REFERRALS_ADMIN,
        REFERRALS_USER,
        INCENTIVES_ADMIN,
        INCENTIVES_USER,
        SOLUTION_ADMIN,
        REPORT_VIEWER,
        EXECUTIVE_REPORT_VIEWER,
        PROGRAM_OPERATOR,
        PLATFORM_OPERATOR,
    )
}
"""A user without a role sees and changes only the own profile."""

PROTECTED = frozenset(role.name for role in ROLES.values() if role.given_by == BY_GLOBAL_ADMINS)
"""Only a global admin gives or takes these roles."""


def permissions(roles: Iterable[str], kind: OrganizationKind) -> tuple[str, ...]:
    """The permissions of these roles in an organization of this kind, sorted. Roles of other kinds permit nothing."""
    held = [ROLES[name] for name in roles if name in ROLES]
    return tuple(sorted({p for role in held for p, kinds in role.permissions.items() if kind in kinds}))


def in_order(roles: Iterable[str]) -> tuple[str, ...]:
    """Each role once, in the order of the matrix; unknown names last."""
    names = dict.fromkeys(roles)
    return tuple(name for name in ROLES if name in names) + tuple(name for name in names if name not in ROLES)
