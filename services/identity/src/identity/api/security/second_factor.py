"""HTTP: the caller's second factor."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, StringConstraints

from chassis import Caller, Form, MongoStore, Principal, ProblemError, Unkeyed, new_router, require
from identity.api.sign_in.tokens import Opaque
from identity.credentials import totp
from identity.credentials.password_hashing import BUSY, Password
from identity.people.lookup import calling_user, colleague
from identity.sign_in.own_password import OwnPassword
from identity.sign_in.second_factors import SecondFactors

ISSUER = "Kontor"

Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]
"""Six digits from the app, or a recovery code."""
TOO_MANY: dict[int | str, dict[str, Any]] = {429: {"description": "Too many wrong codes. See Retry-After."}}


class FactorView(BaseModel):
    """``due_at``: after this time, customers can be seen only after a sign-in with a second factor."""

    state: Literal["off", "pending", "active"]
    due_at: datetime | None
    recovery_codes_left: int


class Begin(Form):
    """``device_token``: from the last sign-in. With it, wrong passwords from other devices do not lock out this one."""

    current_password: Password
    device_token: Opaque | None = None


class Begun(BaseModel):
    """``secret`` in base32, and as an ``otpauth`` address for a QR code. Shown only once."""

    secret: str
    address: str


class CodeProof(Form):
    code: Code


class RecoveryCodes(BaseModel):
    """Each code works once instead of a code of the app. Shown only once."""

    recovery_codes: list[str]


def router(store: MongoStore, own_password: OwnPassword, factors: SecondFactors) -> APIRouter:
    routes = new_router("/v1", tags=["second factor"])

    @routes.get("/me/second-factor")
    async def show_second_factor(caller: Caller) -> FactorView:
        factor = await factors.of(caller.user_id)
        return FactorView(state=factor.status, due_at=factor.due_at, recovery_codes_left=len(factor.recovery))

    @routes.post("/me/second-factor", responses=BUSY)
    async def begin_second_factor(body: Begin, caller: Caller, attempt: Unkeyed, response: Response) -> Begun:
        """Create a secret for the authenticator app. It takes effect when it is confirmed with a code."""
        response.headers["cache-control"] = "no-store"
        user = await calling_user(store, caller)
        cause = attempt.cause(caller)
        await own_password.need(user, body.current_password, cause, device=body.device_token)
        secret = await factors.begin(user, cause)
        return Begun(secret=totp.readable(secret), address=totp.address(secret, user.email, ISSUER))

    @routes.post("/me/second-factor/confirm", responses=TOO_MANY)
    async def confirm_second_factor(
        body: CodeProof, caller: Caller, attempt: Unkeyed, response: Response
    ) -> RecoveryCodes:
        """Confirm the second factor with a code. Each sign-in asks for a code then."""
        response.headers["cache-control"] = "no-store"
        user = await calling_user(store, caller)
        return RecoveryCodes(recovery_codes=await factors.confirm(user, body.code, attempt.cause(caller)))

    @routes.post("/me/second-factor/recovery-codes", responses=TOO_MANY)
    async def renew_recovery_codes(
        body: CodeProof, caller: Caller, attempt: Unkeyed, response: Response
    ) -> RecoveryCodes:
        """Create new recovery codes. The old ones are void."""
        response.headers["cache-control"] = "no-store"
        cause = attempt.cause(caller)
        await factors.need(caller.user_id, body.code, cause)
        return RecoveryCodes(recovery_codes=await factors.renew(caller.user_id, cause))

    @routes.post("/me/second-factor/off", status_code=status.HTTP_204_NO_CONTENT, responses=TOO_MANY)
    async def turn_off_second_factor(body: CodeProof, caller: Caller, attempt: Unkeyed) -> None:
        """Turn off the second factor."""
        cause = attempt.cause(caller)
        await factors.need(caller.user_id, body.code, cause)
        await factors.turn_off(await calling_user(store, caller), cause, by_administrator=False)

    @routes.delete("/users/{user_id}/second-factor", status_code=status.HTTP_204_NO_CONTENT)
    async def reset_second_factor(
        user_id: str, caller: Annotated[Principal, require("users:write")], attempt: Unkeyed
    ) -> None:
        """Turn off the second factor of a user who lost app and recovery codes. 409 unless another global admin does it."""
        administrator, user = await calling_user(store, caller), await colleague(store, caller, user_id)
        if not administrator.is_global_admin or user.user_id == administrator.user_id:
            raise ProblemError(
                409, "global-admin-only", "only another global admin can turn off a user's second factor; ask one"
            )
        await factors.turn_off(user, attempt.cause(caller), by_administrator=True)

    return routes
