"""The caller of an endpoint: what FastAPI's endpoints and plain routes ask for."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from chassis.auth.principal import ForbiddenError, Principal, UnauthenticatedError
from chassis.auth.tokens import Authenticator
from kontor_contracts.sign_in import PASSWORD_REMEDY

PASSWORD_CHANGE = "password:change"  # noqa: S105  a permission's name
"""The one permission of who signed in with a temporary password. It opens no route of ``Caller`` or ``require``."""


async def authenticated(request: Request, scheme: str, token: str) -> Principal:
    """The caller, whatever the token permits. Raises UnauthenticatedError, UnavailableError."""
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("send an access token: Authorization: Bearer <token>")
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.authenticate(token)


def with_own_password(principal: Principal) -> Principal:
    """Raises ForbiddenError for who has yet to change a temporary password."""
    if PASSWORD_CHANGE in principal.permissions:
        raise ForbiddenError(PASSWORD_CHANGE, PASSWORD_REMEDY)
    return principal


async def permitted(request: Request, permission: str) -> Principal:
    """The caller of a plain Starlette route, who must hold ``permission``: what ``require`` is for FastAPI's routes."""
    caller = with_own_password(await _bearer(request))
    caller.need(permission)
    return caller


async def _bearer(request: Request) -> Principal:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return await authenticated(request, scheme, token.strip())


class _AccessToken(SecurityBase):
    """The caller, by the access token of the request. OpenAPI shows it as the security scheme ``bearer``.

    It is one dependency: FastAPI looks at each one of an endpoint in every request, which takes longer than to verify a token.
    """

    def __init__(self, judge: Callable[[Principal], Principal]) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "bearer"
        self._judge = judge

    async def __call__(self, request: Request) -> Principal:
        return self._judge(await _bearer(request))


SignedIn = Annotated[Principal, Depends(_AccessToken(lambda principal: principal))]
"""The holder of a valid token, also of one that only permits a change of password; 401 without one."""

Caller = Annotated[Principal, Depends(_AccessToken(with_own_password))]
"""The signed-in caller; 401 without one, 403 for a caller who has yet to change a temporary password."""


def require(permission: str) -> Any:
    """A dependency: the caller, who must hold ``permission``; 403 otherwise. OpenAPI names it as the operation's scope."""

    def holder(principal: Principal) -> Principal:
        caller = with_own_password(principal)
        caller.need(permission)
        return caller

    return Security(_AccessToken(holder), scopes=[permission])
