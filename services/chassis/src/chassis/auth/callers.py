"""The caller of an endpoint: what FastAPI's endpoints and plain routes ask for."""

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.auth.principal import ForbiddenError, Principal, UnauthenticatedError
from chassis.auth.tokens import Authenticator
from kontor_contracts.sign_in import PASSWORD_REMEDY

PASSWORD_CHANGE = "password:change"  # noqa: S105  a permission's name
"""The one permission of who signed in with a temporary password. It opens no route of ``Caller`` or ``require``."""

BEARER = HTTPBearer(scheme_name="bearer", bearerFormat="JWT", auto_error=False)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


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
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    caller = with_own_password(await authenticated(request, scheme, token))
    caller.need(permission)
    return caller


async def _signed_in(request: Request, sent: Credentials) -> Principal:
    return await authenticated(request, sent.scheme if sent else "", sent.credentials if sent else "")


SignedIn = Annotated[Principal, Depends(_signed_in)]
"""The holder of a valid token, also of one that only permits a change of password; 401 without one."""


async def _caller(signed_in: SignedIn) -> Principal:
    return with_own_password(signed_in)


Caller = Annotated[Principal, Depends(_caller)]
"""The signed-in caller; 401 without one, 403 for a caller who has yet to change a temporary password."""


def require(permission: str) -> Any:
    """A dependency: the caller, who must hold ``permission``; 403 otherwise. OpenAPI names it as the operation's scope."""

    async def holder(request: Request, sent: Credentials) -> Principal:
        caller = with_own_password(await _signed_in(request, sent))
        caller.need(permission)
        return caller

    return Security(holder, scopes=[permission])
