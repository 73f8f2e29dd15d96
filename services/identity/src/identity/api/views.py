"""Response bodies."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel

from identity.domain.organization.state import FEW, Organization
from identity.domain.roles import ROLES, Role, permissions
from identity.domain.user.state import Status, User
from kontor_contracts.identity import OrganizationProfile, OrganizationStatus
from kontor_contracts.values import OrganizationKind


class OrganizationView(BaseModel):
    """``status`` active: the company is in the program."""

    organization_id: str
    name: str
    kind: OrganizationKind
    country: str
    culture: str
    status: OrganizationStatus

    @classmethod
    def of(cls, profile: OrganizationProfile, organization: Organization) -> Self:
        current = organization.profile or profile
        return cls(**current.model_dump(), status=organization.status)


class OrganizationDetails(OrganizationView):
    """``global_admins``: their number. Fewer than two gives a warning."""

    global_admins: int
    warnings: list["Notice"]

    @classmethod
    def of(cls, profile: OrganizationProfile, organization: Organization) -> Self:
        return cls(
            **OrganizationView.of(profile, organization).model_dump(),
            global_admins=organization.global_admins,
            warnings=Notice.about(organization),
        )


class UserView(BaseModel):
    """``must_change_password``: the user still has a temporary password.

    ``address_proved``: false until the user follows the mailed link; the user cannot sign in before.
    ``locations``: roles limited to locations, each with the partner ids of its locations.
    """

    user_id: str
    full_name: str
    email: str
    culture: str
    roles: list[str]
    must_change_password: bool
    address_proved: bool
    status: Status
    guest: bool
    locations: dict[str, list[str]]
    invited_until: datetime | None
    restorable_until: datetime | None

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            user_id=user.user_id,
            full_name=user.full_name,
            email=user.email,
            culture=user.culture,
            roles=list(user.roles),
            must_change_password=user.must_change_password,
            address_proved=not user.unproved,
            status=user.status,
            guest=user.guest,
            locations={each.role: list(each.locations) for each in user.locations},
            invited_until=user.invited_until,
            restorable_until=user.restorable_until,
        )


class Notice(BaseModel):
    """A warning: the request succeeded, and something needs attention."""

    code: str
    detail: str

    @classmethod
    def about(cls, organization: Organization | None) -> list[Self]:
        """The warnings about an organization. The program's own organization needs no global admins."""
        profile = organization.profile if organization else None
        if organization is None or profile is None or profile.kind == "operator" or organization.global_admins >= FEW:
            return []
        detail = f"the organization has fewer than {FEW} global admins; give another user this role"
        return [cls(code="few-global-admins", detail=detail)]


class ChangedUser(UserView):
    warnings: list[Notice]

    @classmethod
    def after(cls, user: User, organization: Organization | None) -> Self:
        return cls(**UserView.of(user).model_dump(), warnings=Notice.about(organization))


class UserStatus(BaseModel):
    """The user's new status. Without personal data, because answers are stored for repetitions."""

    user_id: str
    status: Status
    restorable_until: datetime | None
    warnings: list[Notice]


class MeView(BaseModel):
    """``permissions``: the current ones. A token has those of the time at which it was issued."""

    user_id: str
    full_name: str
    email: str
    culture: str
    roles: list[str]
    permissions: list[str]
    organization: OrganizationView

    @classmethod
    def of(cls, user: User, profile: OrganizationProfile, organization: Organization) -> Self:
        return cls(
            user_id=user.user_id,
            full_name=user.full_name,
            email=user.email,
            culture=user.culture,
            roles=list(user.roles),
            permissions=list(permissions(user.roles, profile.kind)),
            organization=OrganizationView.of(profile, organization),
        )


class PermissionView(BaseModel):
    """A permission of a role, and the kinds of organization in which the role gives it."""

    permission: str
    organization_kinds: list[OrganizationKind]


class RoleView(BaseModel):
    """``given_by``: holders of one of these roles may give and take it. ``scopes``: for what it can be given.

    ``tenant``: it is about the whole work account. ``guests``: a guest may hold it.
    """

    role: str
    description: str
    organization_kinds: list[OrganizationKind]
    permissions: list[PermissionView]
    given_by: list[str]
    tenant: bool
    scopes: list[Literal["company", "locations"]]
    guests: bool

    @classmethod
    def of(cls, role: Role) -> Self:
        return cls(
            role=role.name,
            description=role.description,
            organization_kinds=list(role.kinds),
            permissions=[
                PermissionView(permission=permission, organization_kinds=list(kinds))
                for permission, kinds in role.permissions.items()
            ],
            given_by=list(role.given_by),
            tenant=role.tenant,
            scopes=["company"] if role.tenant else ["company", "locations"],
            guests=role.guests,
        )


class RoleMatrix(BaseModel):
    """All roles. A user without a role sees and changes only the own profile."""

    roles: list[RoleView]

    @classmethod
    def whole(cls) -> Self:
        return cls(roles=[RoleView.of(role) for role in ROLES.values()])
