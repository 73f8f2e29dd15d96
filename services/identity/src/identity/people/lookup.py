"""Users and organizations as requests look them up."""

from chassis import Chassis, MongoStore, Principal, ProblemError, UnauthenticatedError, not_found
from identity.documents import DOMAIN, ORGANIZATION, USER
from identity.domain.organization import Organization
from identity.domain.user.state import Granter, User
from kontor_contracts.addresses import address_key, mail_domain
from kontor_contracts.identity import OrganizationProfile


async def user_by_email(store: MongoStore, email: str) -> User | None:
    found = await store.find(USER, {"uk.email": address_key(email)}, limit=1)
    return found[0][1] if found else None


async def known_elsewhere(store: MongoStore, email: str, organization_id: str) -> bool:
    """Whether a user of another organization has proved this address. For mails and for nobody else."""
    user = await user_by_email(store, email)
    return user is not None and profile_of(user).organization_id != organization_id


async def colleague_by_email(store: MongoStore, organization_id: str, email: str) -> User | None:
    """The organization's own user with this address, proved or not."""
    found = await store.find(USER, {"uk.colleague": f"{organization_id}|{address_key(email)}"}, limit=1)
    return found[0][1] if found else None


def address_in_use() -> ProblemError:
    """Only of the caller's own organization: whether another one has the address is told by mail alone."""
    detail = "your organization has a user with this address already; look at the list of users"
    return ProblemError(409, "taken", detail, field="email")


async def user_by_id(store: MongoStore, user_id: str) -> tuple[User, int] | None:
    """The user, and the number of the user's last event: a token says which one it knows of."""
    loaded = await store.load(USER, USER.id(user_id))
    return (loaded.state, loaded.sequence) if loaded.version and loaded.state.status == "active" else None


async def owns_domain(chassis: Chassis, email: str, organization_id: str) -> bool:
    """Whether the organization has proved the address's domain."""
    proved = await chassis.store.find(DOMAIN, {"uk.domain": mail_domain(email)}, limit=1)
    return bool(proved) and proved[0][1].organization_id == organization_id


async def need_free_domain(chassis: Chassis, email: str, user_id: str) -> None:
    """ProblemError 409 where an organization proved the address's domain: who works there is added, or invited.

    Not for ``user_id`` who is there already: a repeated sign-up gets its first answer.
    """
    if not await chassis.store.find(DOMAIN, {"uk.domain": mail_domain(email)}, limit=1):
        return
    if await chassis.store.get(USER, USER.id(user_id)) is None:
        detail = "your company has a work account already; ask one of its administrators to add or invite you"
        raise ProblemError(409, "work-account-exists", detail, field="email")


async def calling_user(chassis: Chassis, caller: Principal) -> User:
    """The caller's own document: newer than the token. UnauthenticatedError where it is gone or disabled."""
    user = await chassis.store.get(USER, USER.id(caller.user_id))
    if user is None or user.status != "active":
        raise UnauthenticatedError("the user of this token is gone; sign in again")
    return user


async def colleague(chassis: Chassis, caller: Principal, user_id: str, *, purged: bool = False) -> User:
    """A user of the caller's organization, also a deleted one; 404 for anybody else, and unless ``purged`` for who is that."""
    user = await chassis.store.get(USER, USER.id(user_id))
    if user is None or profile_of(user).organization_id != caller.organization_id:
        raise not_found("user")
    if user.status == "purged" and not purged:
        raise not_found("user")
    return user


async def user_and_organization(chassis: Chassis, user_id: str, organization_id: str) -> tuple[User, Organization]:
    """Both in one look. An organization whose registration is still on its way is as its first user gave it."""
    found = await chassis.store.get_many((USER, USER.id(user_id)), (ORGANIZATION, ORGANIZATION.id(organization_id)))
    user, organization = found
    if user is None or user.status != "active":
        raise UnauthenticatedError("the user of this token is gone; sign in again")
    if organization is None or organization.profile is None:
        organization = Organization(profile=user.organization)
    return user, organization


def profile_of(user: User) -> OrganizationProfile:
    assert user.organization is not None, "a user that is there has an organization"
    return user.organization


def granter(administrator: User, organization: Organization | None = None) -> Granter:
    """The administrator as the rules see one: with the roles of this moment, not those of the token.

    ``organization`` is needed where a role may be given.
    """
    return Granter(
        administrator.user_id,
        administrator.is_global_admin,
        administrator.roles,
        admins_full=organization is not None and organization.admins_full,
    )


async def calling_granter(chassis: Chassis, caller: Principal) -> Granter:
    """The caller as the rules see one. UnauthenticatedError where the user is gone or disabled."""
    user = await calling_user(chassis, caller)
    return granter(user, await its_organization(chassis, user))


async def its_organization(chassis: Chassis, user: User) -> Organization | None:
    return await chassis.store.get(ORGANIZATION, ORGANIZATION.id(profile_of(user).organization_id))


async def organization_of(chassis: Chassis, user: User) -> OrganizationProfile:
    """The organization as it is called now; the user's own document may not have heard of a change yet."""
    organization = await its_organization(chassis, user)
    return organization.profile if organization and organization.profile else profile_of(user)
