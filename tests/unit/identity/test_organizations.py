"""Organizations, and that none loses its last global admin however requests and messages interleave."""

from collections.abc import Callable, Coroutine, Generator
from datetime import UTC, datetime, timedelta
from functools import reduce
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.identity.people import NOW, profile, user

from chassis import Handler
from chassis.aggregate.model import Aggregate, Cause
from chassis.errors import RefusedError
from identity.documents import ORGANIZATION
from identity.domain.organization.commands import (
    ActivateOrganization,
    CloseOrganization,
    Command,
    CorrectOrganization,
    FollowEnrollment,
    FollowLegalName,
    NoteStanding,
    RegisterOrganization,
    ReleaseGlobalAdmin,
    UpdateOrganization,
)
from identity.domain.organization.decide import decide
from identity.domain.organization.events import (
    ACTIVE_PARTNER,
    LAST,
    LEGAL_NAME,
    SUBMITTED,
    OrganizationRefused,
    StandingNoted,
)
from identity.domain.organization.evolve import evolve
from identity.domain.organization.state import MOST_COUNTED, MOST_RELEASED, EnrollmentStatus, Organization, Standing
from identity.domain.user.commands import ChangeRoles, DeleteUser, DisableUser, EnableUser, PurgeUser, RestoreUser
from identity.domain.user.commands import Command as UserCommand
from identity.domain.user.state import Granter
from identity.people.global_admins import change_user, matters, standing_of
from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import OrganizationActivated, OrganizationRegistered, OrganizationUpdated

FIRST = Standing("admin", 0, counted=True)
REGISTER = RegisterOrganization(profile(), "admin", FIRST)
ACTIVATE = ActivateOrganization("org", "enrollment-1", profile().name)


def after(*commands: Command) -> Organization:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, Organization())


def test_an_organization_is_registered_once_and_counts_its_first_admin() -> None:
    registered = OrganizationRegistered(organization=profile(), registered_by="admin")
    assert decide(REGISTER, Organization()) == [registered, StandingNoted(FIRST)]
    assert decide(REGISTER, after(REGISTER)) == []


def test_an_organization_names_a_bounded_number_of_admins() -> None:
    state = after(REGISTER)
    for number in range(600):
        for counted in (True, False):
            facts = decide(NoteStanding(Standing(f"u{number}", 1 + (not counted), counted)), state)
            state = reduce(evolve, facts, state)
    assert len(state.standings) == 1 + MOST_RELEASED
    for number in range(1000, 1600):
        state = reduce(evolve, decide(NoteStanding(Standing(f"u{number}", 1, counted=True)), state), state)
    assert state.global_admins == MOST_COUNTED
    assert len(state.standings) == MOST_COUNTED + MOST_RELEASED
    assert decide(ReleaseGlobalAdmin("admin", 1), state) != [LAST]


def test_an_active_partner_is_renamed_by_enrollment_alone() -> None:
    active = after(REGISTER, ACTIVATE)
    assert decide(UpdateOrganization("Pay Here Ltd", "de"), active) == [LEGAL_NAME]
    same_name = decide(UpdateOrganization(profile().name, "en"), active)
    assert [type(fact) for fact in same_name] == [OrganizationUpdated]
    renamed = after(REGISTER, ACTIVATE, FollowLegalName("Müller Cloud SE"))
    assert renamed.profile and renamed.profile.name == "Müller Cloud SE"
    assert decide(FollowLegalName("Müller Cloud SE"), renamed) == []


def test_an_organization_takes_its_legal_name_when_it_becomes_active() -> None:
    facts = decide(ActivateOrganization("org", "enrollment-1", "Müller Cloud SE"), after(REGISTER))
    assert [type(fact) for fact in facts] == [OrganizationUpdated, OrganizationActivated]
    assert decide(ACTIVATE, after(REGISTER, ACTIVATE)) == []


def test_the_programs_own_organization_has_nobody_to_count() -> None:
    assert after(RegisterOrganization(profile("operator"), "olga", None)).standings == ()


def test_an_organization_becomes_active_once() -> None:
    activated = OrganizationActivated(organization_id="org", enrollment_id="enrollment-1")
    assert decide(ACTIVATE, after(REGISTER)) == [activated]
    assert after(REGISTER, ACTIVATE).status == "active"
    assert decide(ACTIVATE, after(REGISTER, ACTIVATE)) == []


def test_news_may_come_before_the_registration() -> None:
    early = after(NoteStanding(Standing("zoe", 2, counted=True)), ACTIVATE, REGISTER)
    assert (early.profile, early.status) == (profile(), "active")
    assert {standing.user_id for standing in early.standings} == {"admin", "zoe"}


def test_the_last_global_admin_is_not_released() -> None:
    assert decide(ReleaseGlobalAdmin("admin", 0), after(REGISTER)) == [LAST]
    second = NoteStanding(Standing("zoe", 1, counted=True))
    released = after(REGISTER, second, ReleaseGlobalAdmin("admin", 0))
    assert decide(ReleaseGlobalAdmin("zoe", 1), released) == [LAST]
    assert decide(ReleaseGlobalAdmin("admin", 0), released) == []


def test_late_news_does_not_undo_a_release() -> None:
    second = NoteStanding(Standing("zoe", 1, counted=True))
    released = after(REGISTER, second, ReleaseGlobalAdmin("zoe", 1))
    assert decide(second, released) == []
    assert decide(NoteStanding(Standing("zoe", 3, counted=True)), released) != []


def test_a_release_holds_against_older_news_of_the_role() -> None:
    on_the_way = NoteStanding(Standing("zoe", 1, counted=True))
    assert decide(on_the_way, after(REGISTER, ReleaseGlobalAdmin("zoe", 1))) == []


def test_there_is_no_entry_for_who_never_counted() -> None:
    never = NoteStanding(Standing("zoe", 4, counted=False))
    assert decide(never, after(REGISTER)) == []
    assert after(REGISTER, never) == after(REGISTER)
    once = after(REGISTER, NoteStanding(Standing("zoe", 1, counted=True)), ReleaseGlobalAdmin("zoe", 1))
    assert once.knows("zoe")
    assert decide(never, once) == [StandingNoted(never.standing)]


def test_a_new_name_is_told_with_the_old_one() -> None:
    renamed = UpdateOrganization("Müller Holding", "en")
    (updated,) = decide(renamed, after(REGISTER))
    assert isinstance(updated, OrganizationUpdated)
    assert (updated.previous_name, updated.name) == ("Müller & Söhne GmbH", "Müller Holding")
    assert decide(renamed, after(REGISTER, renamed)) == []
    assert isinstance(decide(renamed, Organization())[0], OrganizationRefused)


@pytest.mark.parametrize(
    ("news", "status"),
    [
        (["enrolling"], "enrolling"),
        (["enrolling", "qualified"], "qualified"),
        (["enrolling", "rejected", "enrolling"], "enrolling"),
        (["qualified", "enrolling"], "qualified"),
        (["enrolling", "rejected"], "rejected"),
    ],
)
def test_the_status_follows_the_enrollment_also_before_the_registration(
    news: list[EnrollmentStatus], status: str
) -> None:
    follow = [FollowEnrollment("org", each, "enrollment-1") for each in news]
    assert after(*follow).status == after(REGISTER, *follow).status == after(*follow, REGISTER).status == status
    assert after(REGISTER, *follow, ACTIVATE).status == "active"


def test_another_enrollment_takes_no_company_out_of_the_program() -> None:
    assert after(REGISTER, ACTIVATE, FollowEnrollment("org", "rejected", "enrollment-2")).status == "active"


def test_a_suspended_partner_stays_one_and_is_reinstated() -> None:
    suspended = after(REGISTER, ACTIVATE, FollowEnrollment("org", "suspended", "enrollment-1"))
    assert suspended.status == "suspended"
    assert (
        reduce(evolve, decide(FollowEnrollment("org", "rejected", "enrollment-2"), suspended), suspended) == suspended
    )
    assert (
        reduce(evolve, decide(FollowEnrollment("org", "active", "enrollment-1"), suspended), suspended).status
        == "active"
    )
    refused = [LEGAL_NAME, SUBMITTED, ACTIVE_PARTNER]
    correct = CorrectOrganization("AT", "reseller")
    close = CloseOrganization("staff", staff=True, reopenable_until=datetime(2027, 1, 1, tzinfo=UTC))
    commands: list[Command] = [UpdateOrganization("Another", "de"), correct, close]
    assert [decide(command, suspended)[0] for command in commands] == refused


def test_a_company_that_left_the_program_may_close_or_enroll_again() -> None:
    left = after(REGISTER, ACTIVATE, FollowEnrollment("org", "former", "enrollment-1"))
    assert left.status == "former"
    late = FollowEnrollment("org", "registered", "enrollment-0")
    assert decide(late, left) == [], "an older enrollment that ends says nothing new"
    again = reduce(evolve, decide(FollowEnrollment("org", "enrolling", "enrollment-2"), left), left)
    assert again.status == "enrolling"
    close = CloseOrganization("staff", staff=True, reopenable_until=datetime(2027, 1, 1, tzinfo=UTC))
    assert [type(fact).__name__ for fact in decide(close, left)] == ["OrganizationClosed"]


def test_only_an_active_partner_is_suspended() -> None:
    undecided: tuple[EnrollmentStatus, ...] = ("enrolling", "qualified", "rejected")
    for status in undecided:
        state = after(REGISTER, FollowEnrollment("org", status, "enrollment-1"))
        assert decide(FollowEnrollment("org", "suspended", "enrollment-1"), state) == []


# -- the whole course of a change, with everything that may come in between


class Turn:
    """Where a task gives way to others."""

    def __await__(self) -> Generator[None]:
        yield


Wish = Callable[[int, Granter], UserCommand]


def roles(*names: str) -> Wish:
    return lambda seen, by: ChangeRoles(roles=names, seen=seen, by=by)


WISHES: list[Wish] = [
    roles("global-admin"),
    roles("helpdesk-agent"),
    roles(),
    lambda seen, by: DisableUser(seen=seen, by=by),
    lambda _, by: EnableUser(by=by),
    lambda seen, by: DeleteUser(seen=seen, restorable_until=NOW + timedelta(days=30), by=by),
    lambda _, by: RestoreUser(at=NOW, by=by),
    lambda _, by: PurgeUser(at=NOW, by=by),
]


class World:
    """The two kinds of documents, and the requests and messages under way, each somewhere between two of its writes."""

    def __init__(self) -> None:
        admin, other = user("global-admin", user_id="a"), user("global-admin", user_id="b")
        self.users = {"a": admin, "b": other, "c": user("helpdesk-agent", user_id="c")}
        self.organization = after(*(NoteStanding(standing_of(each)) for each in self.users.values()))
        self.under_way: list[Coroutine[Any, Any, Any]] = []

    async def handle(
        self, aggregate: Aggregate[Any, Any], id: str, command: Any, cause: Cause, *, answer: Any = None
    ) -> SimpleNamespace:
        await Turn()
        state: Any = self.organization if aggregate is ORGANIZATION else self.users[id.partition(":")[2]]
        facts = aggregate.decide(command, state)
        for fact in facts:
            if isinstance(fact, Refusal):
                raise RefusedError(fact)
        state = reduce(aggregate.evolve, facts, state)
        if aggregate is ORGANIZATION:
            self.organization = state
        else:
            changed = state.role_changes != self.users[state.user_id].role_changes
            self.users[state.user_id] = state
            if changed:
                self.under_way.append(self.news(state.user_id))
        return SimpleNamespace(state=state)

    async def request(self, user_id: str, by: str, wish: Wish) -> None:
        seen = self.users[user_id]
        await Turn()
        granter = Granter(by, self.users[by].counts_as_global_admin)
        handler = cast("Handler", self)
        cause = Cause(id="c", time=NOW, correlation_id="c", actor=by)
        await change_user(handler, seen, wish(seen.role_changes, granter), cause)

    async def news(self, user_id: str) -> None:
        await Turn()
        seen = self.users[user_id]
        await Turn()
        if matters(seen, self.organization):
            await self.handle(ORGANIZATION, "organization:org", NoteStanding(standing_of(seen)), cast("Cause", None))

    def step(self, number: int) -> None:
        """One of those under way does its next step."""
        if not self.under_way:
            return
        task = self.under_way[number % len(self.under_way)]
        try:
            task.send(None)
        except (StopIteration, RefusedError):
            self.under_way.remove(task)

    def close(self) -> None:
        for task in self.under_way:
            task.close()


requests = st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.sampled_from(WISHES))


@settings(max_examples=400)
@given(st.lists(requests | st.integers(0, 7), max_size=60))
def test_an_organization_has_a_global_admin_at_every_moment(course: list[Any]) -> None:
    """``course``: a request that arrives, or which of those under way goes on. What never goes on, a crash ended."""
    world = World()
    try:
        for what in course:
            if isinstance(what, int):
                world.step(what)
            else:
                world.under_way.append(world.request(*what))
            admins = {name for name, each in world.users.items() if each.counts_as_global_admin}
            counted = {standing.user_id for standing in world.organization.standings if standing.counted}
            assert admins
            assert counted <= admins
    finally:
        world.close()


@pytest.mark.parametrize("wish", [WISHES[2], WISHES[3], WISHES[5]], ids=["demote", "disable", "delete"])
def test_two_admins_who_end_each_other_at_once_leave_one(wish: Wish) -> None:
    world = World()
    world.under_way = [world.request("a", "b", wish), world.request("b", "a", wish)]
    while world.under_way:
        world.step(0)
        world.step(1)
    assert sum(each.counts_as_global_admin for each in world.users.values()) == 1


def test_a_refused_change_releases_nobody() -> None:
    world = World()
    world.under_way = [world.request("a", "b", roles("emperor"))]
    while world.under_way:
        world.step(0)
    assert world.organization == World().organization


# -- laws

standings = st.builds(Standing, st.sampled_from(["admin", "zoe"]), st.integers(0, 3), st.booleans())
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(RegisterOrganization, st.just(profile()), st.just("admin"), st.none() | standings),
    st.just(ACTIVATE),
    st.builds(NoteStanding, standings),
    st.builds(ReleaseGlobalAdmin, st.sampled_from(["admin", "zoe"]), st.integers(0, 3)),
    st.builds(FollowLegalName, st.sampled_from(["Müller", "Maier"])),
    st.builds(UpdateOrganization, st.sampled_from(["Müller", "Maier"]), st.just("de")),
    st.builds(FollowEnrollment, st.just("org"), st.sampled_from(get_args(EnrollmentStatus)), st.just("e")),
)
states = st.lists(commands, max_size=6).map(lambda given: after(*given))


@given(commands, states)
def test_a_command_decided_again_changes_nothing_more(command: Command, state: Organization) -> None:
    first = decide(command, state)
    again = decide(command, reduce(evolve, first, state))
    refused = [fact for fact in first if isinstance(fact, OrganizationRefused)]
    assert again == refused


@given(states, states, commands)
def test_evolve_takes_every_fact_in_every_state(state: Organization, other: Organization, command: Command) -> None:
    for fact in decide(command, state):
        evolve(other, fact)


@given(states)
def test_an_organization_is_read_as_it_was_written(state: Organization) -> None:
    assert ORGANIZATION.parse(ORGANIZATION.dump(state)) == state
    assert ORGANIZATION.tenant(state) == ("org" if state.profile else None)


def test_the_refusal_says_what_to_do() -> None:
    assert isinstance(LAST, OrganizationRefused)
    assert "first" in LAST.detail


def test_an_organization_with_all_its_admins_says_so() -> None:
    counted = [NoteStanding(Standing(f"u{number}", 1, counted=True)) for number in range(MOST_COUNTED - 1)]
    assert not after(REGISTER, *counted[:-1]).admins_full
    assert after(REGISTER, *counted).admins_full
    zoe = next(iter(after(REGISTER, *counted).standings))
    assert not after(REGISTER, *counted, ReleaseGlobalAdmin(zoe.user_id, 2)).admins_full
