"""Decides who counts as a global admin. The package's docstring has the rule. Pure."""

from identity.domain.organization.commands import ReleaseGlobalAdmin
from identity.domain.organization.events import LAST, Fact, StandingNoted
from identity.domain.organization.state import Organization, Standing


def note_standing(standing: Standing, state: Organization) -> list[Fact]:
    known = state.standing_of(standing.user_id)
    # With so many counted, one more cannot change whether a user is the last.
    news = known.as_of < standing.as_of if known else standing.counted and not state.admins_full
    return [StandingNoted(standing)] if news else []


def release(command: ReleaseGlobalAdmin, state: Organization) -> list[Fact]:
    released = Standing(command.user_id, command.as_of, counted=False)
    known = state.standing_of(command.user_id)
    if known and (known == released or known.as_of > command.as_of):
        # The command is based on an old state of the user; the user's document will refuse it.
        return []
    if not any(other.counted for other in state.standings if other.user_id != command.user_id):
        return [LAST]
    # Also if the user is not counted yet: the event of the role may still arrive, and must not count then.
    return [StandingNoted(released)]
