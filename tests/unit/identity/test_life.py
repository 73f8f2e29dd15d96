"""Users: invited, changed, disabled, deleted, restored and erased."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.identity.people import ADMIN, AGENT, MANAGER, NOW, PROVE, add, after, change, profile, refusal, user

from identity.documents import USER
from identity.domain.roles import ROLES
from identity.domain.user.commands import (
    AcceptInvitation,
    Command,
    DeleteUser,
    DisableUser,
    EnableUser,
    GrantRoles,
    InviteUser,
    JoinOrganization,
    PurgeUser,
    RenewInvitation,
    RestoreUser,
    UpdateUser,
)
from identity.domain.user.decide import decide
from identity.domain.user.events import UserRefused
from identity.domain.user.evolve import evolve
from identity.domain.user.invitation import link_state
from identity.domain.user.state import Granter, User
from identity.settings import Settings
from kontor_contracts.identity import RoleLocations, UserInvited, UserJoined, UserPurged, UserRestored, UserUpdated
from kontor_contracts.topics import TOPICS

DAY = timedelta(days=1)
SEALED = "eyJhbGciOiJFQ0RILUVTIn0..48V1_ALb6US04U3b.5eym8TW_c8SuK0"
ZOE = Granter("zoe", global_admin=True, roles=("global-admin",))


def invite(**changes: Any) -> InviteUser:
    facts: dict[str, Any] = {
        "user_id": "zoe",
        "organization": profile(),
        "full_name": "Zoë Brown",
        "email": "zoe@mueller.example",
        "culture": "en",
        "roles": ("helpdesk-agent",),
        "guest": False,
        "token_hash": "first",
        "sealed_link": SEALED,
        "expires_at": NOW + 7 * DAY,
        "by": ADMIN,
    }
    return InviteUser(**facts | changes)


def renew(token_hash: str = "second") -> RenewInvitation:
    return RenewInvitation(token_hash=token_hash, sealed_link=SEALED, expires_at=NOW + 9 * DAY, by=ADMIN)


def accept(token_hash: str = "first", at: Any = NOW) -> AcceptInvitation:
    return AcceptInvitation(token_hash=token_hash, password_hash="hash-of-her-own", at=at)


def disable(seen: int = 0, by: Granter = ADMIN) -> DisableUser:
    return DisableUser(seen=seen, by=by)


def delete(seen: int = 0, by: Granter = ADMIN) -> DeleteUser:
    return DeleteUser(seen=seen, restorable_until=NOW + 30 * DAY, by=by)


def restore(at: Any = NOW, by: Granter = ADMIN) -> RestoreUser:
    return RestoreUser(at=at, by=by)


# -- invitations


def test_who_is_invited_joins_with_a_password_and_counts_from_then_on() -> None:
    invited = after([invite(roles=("global-admin",))])
    assert (invited.status, invited.password_hash, invited.counts_as_global_admin) == ("invited", "", False)
    joined = after([accept()], invited)
    assert (joined.status, joined.password_hash, joined.must_change_password) == ("active", "hash-of-her-own", False)
    assert joined.counts_as_global_admin
    assert joined.role_changes == 1


def test_an_invitation_names_both_people_and_holds_only_a_sealed_link() -> None:
    _, invited, _ = decide(invite(), User())
    assert isinstance(invited, UserInvited)
    assert (invited.invited_by, invited.organization_name, invited.sealed_link) == ("admin", profile().name, SEALED)
    assert "first" not in invited.model_dump_json()


@pytest.mark.parametrize(
    ("commands", "token_hash", "at", "state"),
    [
        ([invite()], "first", NOW, "valid"),
        ([invite()], "other", NOW, "unknown"),
        ([invite()], "first", NOW + 7 * DAY, "expired"),
        ([invite(), renew()], "first", NOW, "unknown"),
        ([invite(), renew()], "second", NOW + 8 * DAY, "valid"),
        ([invite(), accept()], "first", NOW, "used"),
        ([invite(), delete()], "first", NOW, "unknown"),
        ([add()], "", NOW, "unknown"),
        ([], "", NOW, "unknown"),
    ],
)
def test_a_link_is_good_once_for_a_week_and_until_a_newer_one(
    commands: list[Command], token_hash: str, at: Any, state: str
) -> None:
    zoe = after(commands)
    assert link_state(zoe, token_hash, at) == state
    joins = any(isinstance(fact, UserJoined) for fact in decide(accept(token_hash, at), zoe))
    assert joins is (state == "valid")


def test_somebody_elses_password_does_not_come_in_by_a_used_link() -> None:
    joined = after([invite(), accept()])
    late = AcceptInvitation(token_hash="first", password_hash="hash-of-a-stranger", at=NOW)
    assert refusal(late, joined).reason == "invitation-unknown"
    assert decide(accept(), joined) == []


def test_only_an_open_invitation_is_renewed() -> None:
    assert refusal(renew(), after([add(), PROVE])).reason == "not-invited"


# -- guests and locations


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: role.name)
def test_a_guest_holds_three_roles_only(role: Any) -> None:
    guest_roles = {"membership-admin", "business-profile-admin", "referrals-admin"}
    kind = role.kinds[0]
    by = Granter("admin", global_admin=True, roles=("console",))
    facts = decide(invite(roles=(role.name,), guest=True, organization=profile(kind), by=by), User())
    changed = decide(change(role.name, by=by), after([invite(roles=(), guest=True, organization=profile(kind))]))
    for decided in (facts, changed):
        refused = [fact.reason for fact in decided if isinstance(fact, UserRefused)]
        assert refused == ([] if role.name in guest_roles else ["role-not-for-guests"])


def test_additional_roles_count_for_the_locations_they_name() -> None:
    wish = change("referrals-user")
    here = (RoleLocations(role="referrals-user", locations=("4711001",)),)
    located = after([type(wish)(roles=wish.roles, seen=0, by=ADMIN, locations=here)], user())
    assert located.locations == here
    # Another role says nothing of the locations; taking the role takes them along.
    assert after([change("referrals-user", "billing-admin", seen=1)], located).locations == here
    assert after([change(seen=1)], located).locations == ()
    for role, held in (("helpdesk-agent", ("helpdesk-agent",)), ("referrals-user", ())):
        named = (RoleLocations(role=role, locations=("4711001",)),)
        refused = refusal(type(wish)(roles=held, seen=0, by=ADMIN, locations=named), user(*held))
        assert (refused.reason, refused.field) == ("role-not-for-locations", "locations")


def test_nobody_widens_his_own_role() -> None:
    here = (RoleLocations(role="referrals-user", locations=("4711001",)),)
    located = after([type(change())(roles=("referrals-user",), seen=0, by=ADMIN, locations=here)], user())
    himself = Granter("zoe", global_admin=False, roles=("referrals-user", "account-admin"))
    wider = type(change())(roles=("referrals-user",), seen=1, by=himself, locations=())
    assert refusal(wider, located).reason == "own-roles"


@pytest.mark.parametrize(
    ("giver", "role", "may"),
    [
        ("account-admin", "referrals-user", True),
        ("account-admin", "helpdesk-agent", False),
        ("account-admin", "account-admin", False),
        ("admin-agent", "helpdesk-agent", True),
        ("admin-agent", "user-management-admin", False),
        ("user-management-admin", "user-management-admin", True),
        ("user-management-admin", "global-admin", False),
        ("helpdesk-agent", "helpdesk-agent", False),
    ],
)
def test_who_gives_a_role_takes_it_and_nobody_else(giver: str, role: str, may: bool) -> None:
    by = Granter("giver", global_admin=False, roles=(giver,))
    assert (after([change(role, by=by)], user()).roles == (role,)) is may
    assert (after([change(by=by)], user(role)).roles == ()) is may


# -- changing, disabling, deleting


def test_an_update_says_what_was_before() -> None:
    (updated,) = decide(UpdateUser(full_name="Zoë Green", culture="de", by=MANAGER), after([add()]))
    assert isinstance(updated, UserUpdated)
    assert (updated.previous_full_name, updated.full_name) == ("Zoë Brown", "Zoë Green")
    assert (updated.previous_culture, updated.culture) == ("en", "de")


ENDS: list[Any] = [disable, delete]


@pytest.mark.parametrize("end", ENDS)
def test_who_is_disabled_or_deleted_has_no_session_left(end: Any) -> None:
    assert after([end()], after([add()])).session_epoch == 1


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("by", [AGENT, MANAGER])
def test_only_a_global_admin_ends_the_access_of_one(end: Any, by: Granter) -> None:
    refused = refusal(end(by=by), user("global-admin"))
    assert refused.reason == "global-admin-only"
    assert after([end()], user("global-admin")).status in {"disabled", "deleted"}


@pytest.mark.parametrize("end", ENDS)
def test_nobody_ends_the_own_access_and_no_old_look_does(end: Any) -> None:
    assert refusal(end(by=ZOE), user("global-admin")).reason == "own-account"
    assert refusal(end(seen=3), user()).reason == "changed-meanwhile"


def test_who_is_enabled_again_has_the_same_roles() -> None:
    zoe = after([disable(), EnableUser(by=ADMIN)], user("helpdesk-agent"))
    assert (zoe.status, zoe.roles) == ("active", ("helpdesk-agent",))


@pytest.mark.parametrize(
    ("before", "status"), [([add()], "active"), ([add(), disable()], "disabled"), ([invite()], "invited")]
)
def test_who_is_restored_is_as_before(before: list[Command], status: str) -> None:
    alive = after(before)
    gone = after([delete(seen=alive.role_changes)], alive)
    assert gone.status == "deleted"
    assert USER.due(gone) == NOW + 30 * DAY
    (restored,) = decide(restore(at=NOW + 29 * DAY), gone)
    assert isinstance(restored, UserRestored)
    back = evolve(gone, restored)
    assert (back.status, USER.due(back), back.full_name) == (status, None, "Zoë Brown")


def test_after_thirty_days_a_deleted_user_is_erased_and_not_before() -> None:
    gone = after([add(), delete()])
    assert decide(PurgeUser(at=NOW + 30 * DAY - timedelta(seconds=1)), gone) == []
    assert refusal(restore(at=NOW + 30 * DAY), gone).reason == "not-restorable"
    assert isinstance(decide(PurgeUser(at=NOW + 30 * DAY), gone)[0], UserPurged)


def test_nothing_personal_is_left_of_who_is_purged() -> None:
    gone = after([add(), change("referrals-user"), delete(seen=1), PurgeUser(at=NOW, by=ADMIN)])
    left = json.dumps(USER.dump(gone), ensure_ascii=False)
    for personal in ("Zo", "Brown", "zoe@", "hash-of"):
        assert personal not in left
    assert (gone.status, gone.user_id, USER.tenant(gone)) == ("purged", "zoe", "org")
    assert (USER.claims(gone), USER.due(gone), USER.forget(gone)) == ({}, None, True)


def test_no_topic_remembers_a_user_longer_than_he_can_be_restored() -> None:
    """What ADR 13 promises of a purge by the timer."""
    default = Settings.model_fields["restorable_for"].default
    assert max(topic.retention_ms for topic in TOPICS) <= default * 1000 == 30 * DAY / timedelta(milliseconds=1)
    for topic in TOPICS:
        # What is compacted is kept for good, so it names nobody.
        assert topic.cleanup == "delete" or topic.personal_data == "ids"


def test_an_administrator_purges_who_is_deleted_and_nobody_else() -> None:
    assert refusal(PurgeUser(at=NOW, by=ADMIN), after([add()])).reason == "not-deleted"
    admin = after([delete()], user("global-admin"))
    assert refusal(PurgeUser(at=NOW, by=MANAGER), admin).reason == "global-admin-only"


@pytest.mark.parametrize(
    "command",
    [change("billing-admin", seen=1), UpdateUser(full_name="Else", culture="de", by=ADMIN), disable(seen=1)],
)
def test_who_is_deleted_is_restored_before_anything_else(command: Command) -> None:
    assert refusal(command, after([add(), delete()])).reason == "user-deleted"


def test_the_program_gives_nothing_to_who_cannot_sign_in() -> None:
    befores: list[list[Command]] = [[invite()], [add(), disable()], [add(), delete()]]
    for before in befores:
        assert decide(GrantRoles(("owner",)), after(before)) == []


def test_a_new_name_of_the_organization_reaches_its_users() -> None:
    renamed = profile().model_copy(update={"name": "Müller Holding"})
    assert after([JoinOrganization(renamed)], after([add()])).organization == renamed
    assert decide(JoinOrganization(renamed), User()) == []


# -- laws

granters = st.sampled_from([ADMIN, AGENT, MANAGER, ZOE])
moments = st.integers(0, 40).map(lambda days: NOW + days * DAY)
seen = st.integers(0, 4)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(add, by=granters),
    st.builds(invite, by=granters, guest=st.booleans(), roles=st.sampled_from([(), ("global-admin",)])),
    st.builds(renew, st.sampled_from(["first", "second"])),
    st.builds(accept, st.sampled_from(["first", "second"]), moments),
    st.builds(lambda seen, by: change("global-admin", seen=seen, by=by), seen, granters),
    st.builds(UpdateUser, full_name=st.sampled_from(["Zoë", "Zoë Brown"]), culture=st.just("en"), by=granters),
    st.builds(disable, seen, granters),
    st.builds(EnableUser, by=granters),
    st.builds(delete, seen, granters),
    st.builds(restore, moments, granters),
    st.builds(PurgeUser, at=moments, by=st.none() | granters),
    st.builds(JoinOrganization, st.sampled_from([profile(), profile("provider")])),
)
states = st.builds(after, st.lists(commands, max_size=8))


@given(commands, states)
def test_a_command_decided_again_changes_nothing_more(command: Command, state: User) -> None:
    first = decide(command, state)
    again = decide(command, after([command], state))
    refused = [fact for fact in first if isinstance(fact, UserRefused)]
    assert [fact for fact in again if not isinstance(fact, UserRefused)] == []
    assert again == first if refused else True


@given(commands, states, states)
def test_evolve_takes_every_fact_in_every_state(command: Command, state: User, other: User) -> None:
    for fact in decide(command, state):
        evolve(other, fact)


@given(states)
def test_a_user_is_read_as_it_was_written(state: User) -> None:
    assert USER.parse(USER.dump(state)) == state


@given(commands, states)
def test_every_change_of_standing_is_counted(command: Command, state: User) -> None:
    later = after([command], state)
    if state.status != "absent" and (later.status, later.roles) != (state.status, state.roles):
        assert later.role_changes == state.role_changes + 1


@given(st.lists(commands, max_size=8))
def test_who_is_purged_stays_so(given_commands: list[Command]) -> None:
    purged = after([add(), delete(), PurgeUser(at=NOW, by=ADMIN)])
    assert after([c for c in given_commands if not isinstance(c, JoinOrganization)], purged) == purged


FULL = replace(ADMIN, admins_full=True)


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (add(roles=("global-admin",), by=FULL), User()),
        (invite(roles=("helpdesk-agent", "global-admin"), by=FULL), User()),
        (change("global-admin", "helpdesk-agent", by=FULL), user("helpdesk-agent")),
        (EnableUser(by=FULL), after([disable()], user("global-admin"))),
        (restore(by=FULL), after([delete()], user("global-admin"))),
    ],
    ids=lambda it: type(it).__name__,
)
def test_one_global_admin_too_many_is_refused(command: Command, state: User) -> None:
    refused = refusal(command, state)
    assert (refused.reason, refused.field) == ("too-many-global-admins", "roles")


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (add(by=FULL), User()),
        (change("global-admin", "helpdesk-agent", by=FULL), user("global-admin")),
        (change(by=FULL), user("global-admin")),
        (EnableUser(by=FULL), after([disable()], user("helpdesk-agent"))),
        # They are disabled still, and enabling is refused then.
        (restore(by=FULL), after([disable(), delete(seen=1)], user("global-admin"))),
    ],
    ids=lambda it: type(it).__name__,
)
def test_with_as_many_global_admins_as_may_be_the_rest_goes_on(command: Command, state: User) -> None:
    facts = decide(command, state)
    assert facts and not [fact for fact in facts if isinstance(fact, UserRefused)]
