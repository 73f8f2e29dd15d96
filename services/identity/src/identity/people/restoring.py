"""The error when an address belongs to a deleted colleague: it names the ways to free it."""

from chassis import MongoStore, Principal, ProblemError
from identity.people.lookup import address_in_use, colleague_by_email


def ways_back(user_id: str) -> str:
    return (
        f"a deleted user of your company has this address: POST /v1/users/{user_id}/restore restores the user, "
        f"POST /v1/users/{user_id}/purge erases the user, after which the address can be added again"
    )


async def taken(store: MongoStore, caller: Principal, email: str) -> ProblemError:
    """409 ``restorable`` if a deleted user of the company has the address, else 409 ``taken``."""
    user = await colleague_by_email(store, caller.organization_id, email)
    if user is None or user.status != "deleted":
        return address_in_use()
    return ProblemError(409, "restorable", ways_back(user.user_id), field="email")
