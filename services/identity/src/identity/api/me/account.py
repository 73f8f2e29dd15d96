"""HTTP: the caller's own account."""

from fastapi import APIRouter, Response, status
from pydantic import BaseModel

from chassis import Caller, Form, Handler, MongoStore, ProblemError, SignedIn, Unkeyed, new_router
from chassis.http.addresses import Address
from chassis.limits import SPENT
from identity.api.sign_in.tokens import Opaque
from identity.api.views import MeView
from identity.credentials.password_hashing import BUSY, Password, Passwords
from identity.credentials.password_policy import Owner
from identity.documents import USER
from identity.domain.user.commands import ChangePassword
from identity.domain.user.state import password_expired
from identity.people.address_changes import AddressChanges
from identity.people.lookup import calling_user, profile_of, user_and_organization
from identity.sign_in.own_password import OwnPassword


class NewPassword(Form):
    """``device_token``: of the last sign-in; with it, strangers who guess at the account do not lock the user out here."""

    current_password: Password
    new_password: Password
    device_token: Opaque | None = None


class NewAddress(Form):
    """``device_token``: as for a new password."""

    email: Address
    current_password: Password
    device_token: Opaque | None = None


class AddressRequested(BaseModel):
    """The same for every address. The mail says whether it can be used."""

    accepted: bool = True


def router(
    store: MongoStore,
    handler: Handler,
    passwords: Passwords,
    own_password: OwnPassword,
    address_changes: AddressChanges,
) -> APIRouter:
    routes = new_router("/v1/me", tags=["me"])

    @routes.get("")
    async def show_me(caller: Caller) -> MeView:
        """The caller, with the roles and permissions of this moment."""
        user, organization = await user_and_organization(store, caller.user_id, caller.organization_id)
        return MeView.of(user, profile_of(user), organization)

    @routes.put("/password", status_code=status.HTTP_204_NO_CONTENT, responses=BUSY)
    async def change_password(body: NewPassword, caller: SignedIn, attempt: Unkeyed) -> None:
        """Open to who signed in with a temporary password. Ends all sessions: sign in again."""
        user = await calling_user(store, caller)
        cause = attempt.cause(caller)
        await own_password.need(user, body.current_password, cause, device=body.device_token)
        if password_expired(user, cause.time):
            detail = "this temporary password has expired; ask an administrator for a new one"
            raise ProblemError(422, "wrong-password", detail, field="current_password")
        owner = Owner(user.email, user.full_name, profile_of(user).name)
        chosen = await passwords.choose(body.new_password, owner, field="new_password", last=body.current_password)
        command = ChangePassword(verified_hash=user.password_hash, password_hash=chosen)
        await handler.handle(USER, USER.id(user.user_id), command, cause)

    @routes.post("/address", status_code=status.HTTP_202_ACCEPTED, responses={**BUSY, **SPENT})
    async def change_address(
        body: NewAddress, caller: Caller, attempt: Unkeyed, response: Response
    ) -> AddressRequested:
        """Change the mail address. It takes effect when its mailed link is followed, which ends all sessions."""
        user = await calling_user(store, caller)
        cause = attempt.cause(caller)
        await own_password.need(user, body.current_password, cause, device=body.device_token)
        response.headers.update(await address_changes.request(user, body.email, cause))
        return AddressRequested()

    return routes
