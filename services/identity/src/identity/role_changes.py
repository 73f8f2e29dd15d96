"""A change of roles over the two documents it may concern: the user, and the organization that counts global admins.

The order of the writes is what keeps the last global admin (see domain_organization).
"""

from chassis.app import Chassis
from chassis.decider import Cause
from identity.accounts import profile_of
from identity.aggregates import ORGANIZATION, USER
from identity.domain_organization import NoteStanding, ReleaseGlobalAdmin, Standing
from identity.domain_roles import GLOBAL_ADMIN
from identity.domain_user import decide
from identity.domain_user_state import ChangeRoles, Granter, User
from kontor_contracts.identity import UserRolesChanged


def standing_of(user: User) -> Standing:
    return Standing(user.user_id, user.role_changes, counted=user.is_global_admin)


async def change_roles(chassis: Chassis, user: User, roles: tuple[str, ...], by: Granter, cause: Cause) -> User:
    """The user afterwards. RefusedError where a rule stands against it; safe to repeat after any failure."""
    organization = ORGANIZATION.id(profile_of(user).organization_id)
    command = ChangeRoles(roles=roles, seen=user.role_changes, by=by)
    if _loses_global_admin(command, user):
        release = ReleaseGlobalAdmin(user.user_id, user.role_changes)
        await chassis.handler.handle(ORGANIZATION, organization, release, cause)
    outcome = await chassis.handler.handle(USER, USER.id(user.user_id), command, cause)
    if outcome.state.is_global_admin and not user.is_global_admin:
        # The user's event says it, too; this way the next request finds it counted.
        await chassis.handler.handle(ORGANIZATION, organization, NoteStanding(standing_of(outcome.state)), cause)
    return outcome.state


def _loses_global_admin(command: ChangeRoles, user: User) -> bool:
    # By the rules themselves: a change that will be refused must not release anybody.
    facts = decide(command, user)
    return any(isinstance(fact, UserRolesChanged) and GLOBAL_ADMIN.name in fact.removed for fact in facts)
