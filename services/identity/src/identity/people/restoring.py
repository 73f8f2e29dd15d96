"""An address that a deleted colleague still holds: who adds the colleague again is told the ways."""

from chassis import MongoStore, Principal, ProblemError
from identity.people.lookup import address_in_use, colleague_by_email


def ways_back(user_id: str) -> str:
    return (
        f"a deleted user of your company has this address: POST /v1/users/{user_id}/restore brings the user back, "
        f"POST /v1/users/{user_id}/purge erases the user, after which the address can be added again"
    )


async def taken(store: MongoStore, caller: Principal, email: str) -> ProblemError:
    """409 ``restorable`` for the own deleted colleague; else that a user of the company has the address."""
    user = await colleague_by_email(store, caller.organization_id, email)
    if user is None or user.status != "deleted":
        return address_in_use()
    return ProblemError(409, "restorable", ways_back(user.user_id), field="email")
