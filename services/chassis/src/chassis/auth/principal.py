"""The caller and what the caller may do."""

from dataclasses import dataclass, field

from kontor_contracts.sign_in import STEP_UP_REMEDY


class UnauthenticatedError(Exception):
    """401: no token, or one that does not hold."""


class StepUpError(Exception):
    """401 (RFC 9470): the caller has the permission, but not from a sign-in with a second factor."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(f"{permission} needs a sign-in with a second factor: {STEP_UP_REMEDY}")


class ForbiddenError(Exception):
    """403: the caller is known and may not do this. ``permission`` names what is missing."""

    def __init__(self, permission: str, detail: str | None = None) -> None:
        self.permission = permission
        super().__init__(detail or f"this needs the permission {permission}")


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a user of one organization, and what the user's roles permit."""

    user_id: str
    organization_id: str
    organization_name: str
    organization_kind: str
    country: str
    name: str
    email: str
    culture: str
    permissions: frozenset[str]
    session_id: str = ""
    """Empty where the token belongs to no session."""
    withheld: frozenset[str] = field(default=frozenset())
    """What the roles permit as well, but only to who signed in with a second factor."""

    @property
    def actor(self) -> str:
        return f"user:{self.user_id}"

    def need(self, permission: str) -> None:
        """Raises ForbiddenError, StepUpError."""
        if permission in self.withheld:
            raise StepUpError(permission)
        if permission not in self.permissions:
            raise ForbiddenError(permission)
