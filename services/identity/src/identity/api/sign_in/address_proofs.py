"""HTTP: proves addresses by their mailed links. Needs no access token. `pages/mailed/verify_address.py` is its page."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints

from chassis import Form, Unkeyed, new_router
from identity.credentials.password_hashing import BUSY, Password
from identity.domain.user.state import User
from identity.people.lookup import profile_of
from identity.sign_in.sign_up.sign_ups import SignUps

OVER: dict[int | str, dict[str, Any]] = {
    409: {"description": "Another user has proved the address, or another organization has proved its domain."},
    410: {"description": "The link was used, was replaced or has expired."},
}


class AddressProof(Form):
    """``token``: from the mailed link. ``password``: that of the sign-up, or the temporary one."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    password: Password


class ProvedAddress(BaseModel):
    user_id: str
    organization_id: str
    email: str


def router(sign_ups: SignUps) -> APIRouter:
    routes = new_router(tags=["sign-in"])

    @routes.post("/v1/address-proofs", responses={**BUSY, **OVER})
    async def prove_address(body: AddressProof, attempt: Unkeyed) -> ProvedAddress:
        """Prove an address by its mailed link and the password. This completes a sign-up; an added user can then sign in."""
        user = await sign_ups.prove(body.token, body.password, attempt.cause(None))
        return _proved(user)

    return routes


def _proved(user: User) -> ProvedAddress:
    return ProvedAddress(user_id=user.user_id, organization_id=profile_of(user).organization_id, email=user.email)
