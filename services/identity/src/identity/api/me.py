"""HTTP: what a user sees and changes of oneself."""

from fastapi import APIRouter, status

from chassis import Caller, Chassis, Form, ProblemError, SignedIn, Unkeyed, new_router
from identity.api.views import MeView
from identity.credentials.password_hashing import BUSY, Password, Passwords
from identity.credentials.password_policy import Owner
from identity.documents import USER
from identity.domain.user.state import ChangePassword, password_expired
from identity.people.lookup import calling_user, profile_of, user_and_organization


class NewPassword(Form):
    current_password: Password
    new_password: Password


def router(chassis: Chassis, passwords: Passwords) -> APIRouter:
    routes = new_router("/v1/me", tags=["me"])

    @routes.get("")
    async def show_me(caller: Caller) -> MeView:
        """The caller, with the roles and permissions of this moment."""
        user, organization = await user_and_organization(chassis, caller.user_id, caller.organization_id)
        return MeView.of(user, profile_of(user), organization)

    @routes.put("/password", status_code=status.HTTP_204_NO_CONTENT, responses=BUSY)
    async def change_password(body: NewPassword, caller: SignedIn, attempt: Unkeyed) -> None:
        """Open to who signed in with a temporary password. Ends all sessions: sign in again."""
        user = await calling_user(chassis, caller)
        cause = attempt.cause(caller)
        matches = await passwords.verify(user.password_hash, body.current_password)
        if not matches or password_expired(user, cause.time):
            detail = "this is not your password at present"
            raise ProblemError(422, "wrong-password", detail, field="current_password")
        owner = Owner(user.email, user.full_name, profile_of(user).name)
        chosen = await passwords.choose(body.new_password, owner, field="new_password", last=body.current_password)
        command = ChangePassword(verified_hash=user.password_hash, password_hash=chosen)
        await chassis.handler.handle(USER, USER.id(user.user_id), command, cause)

    return routes
