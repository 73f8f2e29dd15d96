"""Lookups of users and organizations. Each returns a typed value or None, or raises the error for the answer."""

from chassis import MongoStore, Principal, ProblemError, UnauthenticatedError, not_found
from identity.documents import DOMAIN, ORGANIZATION, USER
from identity.domain.organization.state import Organization
from identity.domain.user.state import Granter, User
from kontor_contracts.addresses import address_key, mail_domain
from kontor_contracts.identity import OrganizationProfile


async def user_by_email(store: MongoStore, email: str) -> User | None:
    found = await store.find(USER, {"uk.email": address_key(email)}, limit=1)
    return found[0][1] if found else None


async def known_elsewhere(store: MongoStore, email: str, organization_id: str) -> bool:
    """Whether a user of another organization has proved this address. Only mails may say so, never an answer."""
    user = await user_by_email(store, email)
    return user is not None and profile_of(user).organization_id != organization_id


async def colleague_by_email(store: MongoStore, organization_id: str, email: str) -> User | None:
    """The organization's user with this address, proved or not."""
    found = await store.find(USER, {"uk.colleague": f"{organization_id}|{address_key(email)}"}, limit=1)
    return found[0][1] if found else None


def address_in_use() -> ProblemError:
    """About users of the caller's own organization only. Only mails say that another organization has the address."""
    detail = "your organization has a user with this address already; GET /v1/users?q= finds the user"
    return ProblemError(409, "taken", detail, field="email")


async def user_by_id(store: MongoStore, user_id: str) -> tuple[User, int] | None:
    """The active user, and the number of the user's last event, which tokens carry."""
    loaded = await store.load(USER, USER.id(user_id))
    return (loaded.state, loaded.sequence) if loaded.version and loaded.state.active else None


async def owns_domain(store: MongoStore, email: str, organization_id: str) -> bool:
    """Whether the organization has proved the address's domain."""
    proved = await store.find(DOMAIN, {"uk.domain": mail_domain(email)}, limit=1)
    return bool(proved) and proved[0][1].organization_id == organization_id


async def need_free_domain(store: MongoStore, email: str, user_id: str) -> None:
    """ProblemError 409 if an organization proved the address's domain: its administrators add or invite users.

    Not if the user ``user_id`` exists: a repeated sign-up gets its first answer.
    """
    if not await store.find(DOMAIN, {"uk.domain": mail_domain(email)}, limit=1):
        return
    if await store.get(USER, USER.id(user_id)) is None:
        detail = "your company has a work account already; ask one of its administrators to add or invite you"
        raise ProblemError(409, "work-account-exists", detail, field="email")


async def calling_user(store: MongoStore, caller: Principal) -> User:
    """The caller's document, newer than the token. UnauthenticatedError if the user is not active any more."""
    user = await store.get(USER, USER.id(caller.user_id))
    if user is None or not user.active:
        raise UnauthenticatedError("the user of this token is not active any more; ask your administrator")
    return user


async def colleague(store: MongoStore, caller: Principal, user_id: str, *, include_purged: bool = False) -> User:
    """404 for other organizations' users, and for purged ones unless ``include_purged``."""
    user = await store.get(USER, USER.id(user_id))
    if user is None or profile_of(user).organization_id != caller.organization_id:
        raise not_found("user")
    if user.status == "purged" and not include_purged:
        raise not_found("user")
    return user


async def user_and_organization(store: MongoStore, user_id: str, organization_id: str) -> tuple[User, Organization]:
    """Both in one read. Before the organization is registered, its profile is that of its first user."""
    found = await store.get_many((USER, USER.id(user_id)), (ORGANIZATION, ORGANIZATION.id(organization_id)))
    user, organization = found
    if user is None or not user.active:
        raise UnauthenticatedError("the user of this token is not active any more; ask your administrator")
    if organization is None or organization.profile is None:
        organization = Organization(profile=user.organization)
    return user, organization


def profile_of(user: User) -> OrganizationProfile:
    assert user.organization is not None, "every user has an organization"
    return user.organization


def granter(administrator: User, organization: Organization | None = None) -> Granter:
    """The administrator for the rules, with the current roles, not those of the token.

    ``organization``: needed for commands that may give a role.
    """
    return Granter(
        administrator.user_id,
        administrator.is_global_admin,
        administrator.roles,
        admins_full=organization is not None and organization.admins_full,
    )


async def calling_granter(store: MongoStore, caller: Principal) -> Granter:
    """The caller for the rules. UnauthenticatedError if the user is not active any more."""
    user = await calling_user(store, caller)
    return granter(user, await its_organization(store, user))


async def its_organization(store: MongoStore, user: User) -> Organization | None:
    return await store.get(ORGANIZATION, ORGANIZATION.id(profile_of(user).organization_id))


async def organization_of(store: MongoStore, user: User) -> OrganizationProfile:
    """The organization's current profile; the user's document may still have an older one."""
    organization = await its_organization(store, user)
    return organization.profile if organization and organization.profile else profile_of(user)
