"""Commands on a user, with the organization's count of global admins kept true.

The order of the two writes keeps the last global admin (see `identity.domain.organization`).
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

from chassis import Cause, Handler, Outcome
from identity.documents import ORGANIZATION, USER
from identity.domain.organization.commands import NoteStanding, ReleaseGlobalAdmin
from identity.domain.organization.state import Organization, Standing
from identity.domain.user.commands import Command
from identity.domain.user.decide import decide
from identity.domain.user.evolve import evolve
from identity.domain.user.state import User
from identity.people.lookup import profile_of


def standing_of(user: User) -> Standing:
    return Standing(user.user_id, user.role_changes, counted=user.counts_as_global_admin)


def matters(user: User, organization: Organization | None) -> bool:
    """Whether the organization must know the user's state: the user counts as a global admin, or counted once.

    For other users no command is sent, because each one would leave an entry in the organization's document.
    """
    return user.counts_as_global_admin or (organization is not None and organization.knows(user.user_id))


async def change_user(
    handler: Handler, user: User, command: Command, cause: Cause, answer: Callable[[User], Any] | None = None
) -> Outcome[User]:
    """Handle a command on an existing user. ``user``: the state on which the command is based.

    Raises RefusedError. Safe to repeat after any failure.
    """
    organization = ORGANIZATION.id(profile_of(user).organization_id)
    if user.counts_as_global_admin and not _afterwards(command, user).counts_as_global_admin:
        release = ReleaseGlobalAdmin(user.user_id, user.role_changes)
        await handler.handle(ORGANIZATION, organization, release, cause)
    outcome = await handler.handle(USER, USER.id(user.user_id), command, cause, answer=answer)
    if outcome.state.counts_as_global_admin and not user.counts_as_global_admin:
        # The user's event does the same later; with this the next request finds the user counted.
        await handler.handle(ORGANIZATION, organization, NoteStanding(standing_of(outcome.state)), cause)
    return outcome


def _afterwards(command: Command, user: User) -> User:
    # By the rules themselves: a command that will be refused must not release the user.
    return reduce(evolve, decide(command, user), user)
