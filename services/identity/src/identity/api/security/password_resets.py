"""HTTP: password resets by mail. `pages/mailed/reset_password.py` is the page of the mailed link."""

from typing import Annotated, Any

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, StringConstraints

from chassis import Change, Form, new_router
from chassis.limits import SPENT
from identity.credentials.password_hashing import BUSY, Password
from identity.sign_in.password_resets import Redemption, Resets
from kontor_contracts.addresses import address_key

OVER: dict[int | str, dict[str, Any]] = {410: {"description": "The link was used, has expired or was never sent."}}


class ResetRequest(Form):
    email: Annotated[str, StringConstraints(min_length=1, max_length=320)]


class ResetRequested(BaseModel):
    """The same for every address. If a user has the address, a mail with a link is sent."""

    accepted: bool = True


class RedemptionForm(Form):
    """``token``: from the mailed link.

    ``remove_unproved_factor``: also turn off a second factor that was set up before the address was proved and not used
    since. Another person may have set it up. A newer factor stays.
    """

    token: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    new_password: Password
    remove_unproved_factor: bool = False


class Redeemed(BaseModel):
    """``device_token``: send it with the next sign-in. Then wrong passwords from other devices do not lock out this one."""

    device_token: str


def router(resets: Resets) -> APIRouter:
    routes = new_router(tags=["password"])

    @routes.post("/v1/password-resets", status_code=status.HTTP_202_ACCEPTED, responses=SPENT)
    async def request_reset(body: ResetRequest, attempt: Change) -> ResetRequested:
        """Have a link for a new password mailed. The answer does not reveal whether the address is known."""
        await resets.request(body.email, attempt.cause(None, address_key(body.email)))
        return ResetRequested()

    @routes.post("/v1/password-resets/redeem", responses={**BUSY, **OVER})
    async def redeem_reset(body: RedemptionForm, attempt: Change, response: Response) -> Redeemed:
        """Set a new password by the link, once. Ends all sessions and does not sign in.

        A second factor stays, unless `remove_unproved_factor` removes one from before the proof of the address.
        """
        response.headers["cache-control"] = "no-store"
        wanted = Redemption(**body.model_dump())
        return Redeemed(device_token=await resets.redeem(wanted, attempt.cause(None)))

    return routes
