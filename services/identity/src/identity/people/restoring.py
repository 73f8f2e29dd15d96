"""An address that a deleted colleague still holds: who adds the colleague again is told the ways."""

from chassis import MongoStore, Principal, ProblemError, TakenError
from identity.domain.user.state import User
from identity.people.lookup import profile_of, user_by_email


def restorable_here(user: User | None, organization_id: str) -> bool:
    """Whether this is a deleted user of the organization, who can come back."""
    return user is not None and user.status == "deleted" and profile_of(user).organization_id == organization_id


def ways_back(user_id: str) -> str:
    return (
        f"a deleted user of your company has this address: POST /v1/users/{user_id}/restore brings the user back, "
        f"POST /v1/users/{user_id}/purge erases the user, after which the address can be added again"
    )


async def taken(store: MongoStore, caller: Principal, email: str, error: TakenError) -> Exception:
    """ProblemError 409 ``restorable`` for the own deleted colleague; else the error as it was."""
    user = await user_by_email(store, email)
    if user is None or not restorable_here(user, caller.organization_id):
        return error
    return ProblemError(409, "restorable", ways_back(user.user_id), field="email")
