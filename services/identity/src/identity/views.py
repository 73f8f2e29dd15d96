"""What reads answer."""

from typing import Literal, Self

from pydantic import BaseModel

from identity.domain_organization import Organization
from identity.domain_roles import ROLES, Role, permissions
from identity.domain_user_state import User
from kontor_contracts.identity import OrganizationProfile
from kontor_contracts.values import OrganizationKind


class OrganizationView(BaseModel):
    """``status`` active: the company is in the program."""

    organization_id: str
    name: str
    kind: OrganizationKind
    country: str
    culture: str
    status: Literal["registered", "active"]

    @classmethod
    def of(cls, profile: OrganizationProfile, organization: Organization) -> Self:
        return cls(**profile.model_dump(), status=organization.status)


class UserView(BaseModel):
    """``must_change_password``: the user has not signed in with the temporary password yet."""

    user_id: str
    full_name: str
    email: str
    culture: str
    roles: list[str]
    must_change_password: bool

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            user_id=user.user_id,
            full_name=user.full_name,
            email=user.email,
            culture=user.culture,
            roles=list(user.roles),
            must_change_password=user.must_change_password,
        )


class MeView(BaseModel):
    """``permissions`` as they are now; a token holds those of the moment it was issued."""

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
    role: str
    description: str
    organization_kinds: list[OrganizationKind]
    permissions: list[PermissionView]

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
        )


class RoleMatrix(BaseModel):
    roles: list[RoleView]

    @classmethod
    def whole(cls) -> Self:
        return cls(roles=[RoleView.of(role) for role in ROLES.values()])
