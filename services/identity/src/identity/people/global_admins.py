"""A change of whether somebody counts as a global admin: of the user, and of the organization that counts them.

The order of the writes is what keeps the last global admin (see domain_organization).
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

from chassis import Cause, Handler, Outcome
from identity.documents import ORGANIZATION, USER
from identity.domain.organization import NoteStanding, Organization, ReleaseGlobalAdmin, Standing
from identity.domain.user.commands import Command
from identity.domain.user.decide import decide, evolve
from identity.domain.user.state import User
from identity.people.lookup import profile_of


def standing_of(user: User) -> Standing:
    return Standing(user.user_id, user.role_changes, counted=user.counts_as_global_admin)


def matters(user: User, organization: Organization | None) -> bool:
    """Whether news of the user can be news to the organization: they count as a global admin, or did once.

    Of anybody else not even an order is given: what it leaves in the organization's document is there for ever.
    """
    return user.counts_as_global_admin or (organization is not None and organization.knows(user.user_id))


async def change_user(
    handler: Handler, user: User, command: Command, cause: Cause, answer: Callable[[User], Any] | None = None
) -> Outcome[User]:
    """Any command to a user who is there; ``user`` is what the command is based on.

    RefusedError where a rule stands against it; safe to repeat after any failure.
    """
    organization = ORGANIZATION.id(profile_of(user).organization_id)
    if user.counts_as_global_admin and not _afterwards(command, user).counts_as_global_admin:
        release = ReleaseGlobalAdmin(user.user_id, user.role_changes)
        await handler.handle(ORGANIZATION, organization, release, cause)
    outcome = await handler.handle(USER, USER.id(user.user_id), command, cause, answer=answer)
    if outcome.state.counts_as_global_admin and not user.counts_as_global_admin:
        # The user's event says it, too; this way the next request finds it counted.
        await handler.handle(ORGANIZATION, organization, NoteStanding(standing_of(outcome.state)), cause)
    return outcome


def _afterwards(command: Command, user: User) -> User:
    # By the rules themselves: a change that will be refused must not release anybody.
    return reduce(evolve, decide(command, user), user)
