"""Users: how they come, who gives them which roles, and their passwords."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.identity.people import ADMIN, AGENT, NOW, PROVE, add, after, change, profile, refusal, sign_up, user

from identity.documents import USER
from identity.domain.roles import ROLES
from identity.domain.user.commands import ChangePassword, Command, GrantRoles, IssueTemporaryPassword
from identity.domain.user.decide import decide
from identity.domain.user.events import OrganizationJoined, PasswordSet, ProvedAt, UserRefused
from identity.domain.user.evolve import evolve
from identity.domain.user.state import ON_ACTIVATION, Granter, User, password_expired
from kontor_contracts.addresses import address_key
from kontor_contracts.envelope import Event
from kontor_contracts.identity import UserAdded, UserPasswordChanged, UserRolesChanged, UserSignedUp
from kontor_contracts.values import OrganizationKind

WEEK = timedelta(days=7)
CHOOSE = ChangePassword(verified_hash="hash-of-a-temporary-one", password_hash="hash-of-her-own")


# -- coming


def test_who_signs_up_is_the_global_admin_of_a_new_organization() -> None:
    joined, signed_up, password, proved = decide(sign_up(), User())
    assert joined == OrganizationJoined(profile())
    assert isinstance(signed_up, UserSignedUp)
    assert (signed_up.organization, signed_up.roles) == (profile(), ("global-admin",))
    assert password == PasswordSet("hash-of-his-own", None)
    assert proved == ProvedAt(NOW)
    assert not after([sign_up()]).must_change_password


def test_who_is_added_has_a_temporary_password_for_seven_days() -> None:
    zoe = after([add()])
    assert zoe.must_change_password
    assert not password_expired(zoe, NOW + WEEK - timedelta(seconds=1))
    assert password_expired(zoe, NOW + WEEK)


def test_adding_says_who_added_whom_to_which_organization_and_no_password() -> None:
    _, added, *_ = decide(add(), User())
    assert isinstance(added, UserAdded)
    assert (added.added_by, added.organization_name, added.roles) == ("admin", profile().name, ("helpdesk-agent",))
    assert "hash" not in added.model_dump_json()


@pytest.mark.parametrize("command", [sign_up(), add()])
def test_the_same_request_again_changes_nothing(command: Any) -> None:
    assert decide(command, after([command])) == []


@pytest.mark.parametrize("command", [sign_up(email="else@mueller.example"), add(organization=profile("provider"))])
def test_an_id_that_belongs_to_somebody_else_is_refused(command: Any) -> None:
    there = after([sign_up() if command.user_id == "admin" else add()])
    assert refusal(command, there).reason == "id-in-use"


def test_spellings_of_one_address_are_one_address() -> None:
    assert address_key(" Zoe@Mueller.EXAMPLE") == address_key("zoe@mueller.example")
    proved = USER.claims(after([add(email="Zoe@Mueller.example"), PROVE]))
    assert proved == {"email": "zoe@mueller.example", "colleague": "org|zoe@mueller.example"}
    assert USER.claims(User()) == {}


# -- roles


@pytest.mark.parametrize(
    ("roles", "by", "kind", "reason", "names"),
    [
        (("emperor",), ADMIN, "reseller", "unknown-role", "emperor"),
        (("helpdesk-agent", "emperor"), ADMIN, "reseller", "unknown-role", "emperor"),
        (("sales-agent",), ADMIN, "reseller", "role-not-for-kind", "sales-agent"),
        (("admin-agent",), ADMIN, "customer", "role-not-for-kind", "admin-agent"),
        (("program-operator",), ADMIN, "provider", "role-not-for-kind", "program-operator"),
        (("helpdesk-agent",), ADMIN, "operator", "role-not-for-kind", "helpdesk-agent"),
        (("global-admin",), AGENT, "reseller", "global-admin-only", "global-admin"),
        (("owner",), AGENT, "reseller", "global-admin-only", "owner"),
        (("user-management-admin",), AGENT, "reseller", "not-yours-to-give", "user-management-admin"),
        (("billing-admin",), AGENT, "reseller", "not-yours-to-give", "global-admin"),
        (("program-operator",), ADMIN, "operator", "not-yours-to-give", "console"),
    ],
)
def test_a_role_that_may_not_be_given_is_refused_by_name(
    roles: tuple[str, ...], by: Granter, kind: Any, reason: str, names: str
) -> None:
    added = refusal(add(roles=roles, by=by, organization=profile(kind)), User())
    changed = refusal(change(*roles, by=by), user(kind=kind))
    for refused in (added, changed):
        assert (refused.reason, refused.field) == (reason, "roles")
        assert names in refused.detail


@pytest.mark.parametrize(
    ("roles", "kind"),
    [
        (("global-admin", "admin-agent"), "reseller"),
        (("sales-agent",), "provider"),
        (("billing-admin",), "customer"),
        (("account-admin", "referrals-user"), "provider"),
        ((), "reseller"),
    ],
)
def test_a_global_admin_gives_every_role_that_fits_the_organization(roles: tuple[str, ...], kind: Any) -> None:
    assert after([add(roles=roles, organization=profile(kind))]).roles == roles


def test_a_change_says_what_came_and_what_went() -> None:
    (changed,) = decide(change("admin-agent", "billing-admin"), user("helpdesk-agent", "billing-admin"))
    assert isinstance(changed, UserRolesChanged)
    assert changed.roles == ("admin-agent", "billing-admin")
    assert (changed.added, changed.removed) == (("admin-agent",), ("helpdesk-agent",))


def test_the_order_and_repetition_of_roles_mean_nothing() -> None:
    assert (
        decide(change("billing-admin", "helpdesk-agent", "billing-admin"), user("helpdesk-agent", "billing-admin"))
        == []
    )


def test_a_change_based_on_an_old_look_is_refused() -> None:
    zoe = after([change("billing-admin")], user("helpdesk-agent"))
    assert refusal(change("admin-agent"), zoe).reason == "changed-meanwhile"
    assert after([change("admin-agent", seen=1)], zoe).roles == ("admin-agent",)


def test_nobody_raises_himself() -> None:
    himself = Granter("zoe", global_admin=False)
    assert refusal(change("helpdesk-agent", "admin-agent", by=himself), user("helpdesk-agent")).reason == "own-roles"
    assert after([change(by=himself)], user("helpdesk-agent")).roles == ()


def test_a_global_admin_makes_himself_admin_agent_and_nothing_else() -> None:
    himself = Granter("zoe", global_admin=True)
    admin = user("global-admin")
    assert after([change("global-admin", "admin-agent", by=himself)], admin).roles == ("global-admin", "admin-agent")
    assert refusal(change("global-admin", "owner", by=himself), admin).reason == "own-roles"
    assert refusal(change("global-admin", "billing-admin", "admin-agent", by=himself), admin).reason == "own-roles"


@pytest.mark.parametrize("held", [("global-admin",), ("owner",), ("owner", "global-admin", "admin-agent")])
def test_only_a_global_admin_takes_roles_from_a_global_admin_or_an_owner(held: tuple[str, ...]) -> None:
    refused = refusal(change(by=AGENT), user(*held))
    assert refused.reason == "global-admin-only"
    assert after([change(by=ADMIN)], user(*held)).roles == ()


def test_only_a_global_admin_adds_roles_to_a_global_admin() -> None:
    assert (
        refusal(change("global-admin", "billing-admin", by=AGENT), user("global-admin")).reason == "global-admin-only"
    )


def test_activation_adds_what_is_missing_and_takes_nothing() -> None:
    enrolled = after([GrantRoles(ON_ACTIVATION)], user("global-admin", "billing-admin"))
    assert enrolled.roles == ("owner", "global-admin", "admin-agent", "billing-admin")
    assert decide(GrantRoles(ON_ACTIVATION), enrolled) == []


# -- passwords


def test_choosing_a_password_ends_the_temporary_one_and_older_sessions() -> None:
    zoe = after([CHOOSE], after([add()]))
    assert not zoe.must_change_password
    assert (zoe.password_hash, zoe.session_epoch) == ("hash-of-her-own", 1)
    assert decide(CHOOSE, zoe) == []


def test_the_announcement_of_a_new_password_holds_none() -> None:
    (announced,) = [fact for fact in decide(CHOOSE, after([add()])) if isinstance(fact, Event)]
    assert isinstance(announced, UserPasswordChanged)
    assert "hash" not in announced.model_dump_json()
    assert announced.contact is None, "the first password of one's own is no news"


def test_a_later_password_is_told_to_the_user() -> None:
    zoe = after([CHOOSE], after([add()]))
    changed, _ = decide(ChangePassword(verified_hash="hash-of-her-own", password_hash="another"), zoe)
    assert isinstance(changed, UserPasswordChanged) and changed.contact is not None
    assert (changed.contact.email, changed.organization_name) == (zoe.email, zoe.organization and zoe.organization.name)


def test_a_password_that_was_checked_against_an_older_one_is_refused() -> None:
    zoe = after([CHOOSE], after([add()]))
    late = ChangePassword(verified_hash="hash-of-a-temporary-one", password_hash="another")
    assert refusal(late, zoe).reason == "changed-meanwhile"


def test_a_temporary_password_is_replaced_until_one_was_chosen() -> None:
    again = IssueTemporaryPassword(password_hash="second", at=NOW + WEEK)
    zoe = after([again], after([add()]))
    assert zoe.password_hash == "second"
    assert not password_expired(zoe, NOW + WEEK)
    assert decide(again, zoe) == []
    chosen = after([CHOOSE], after([add()]))
    assert refusal(again, chosen).reason == "password-chosen"


@pytest.mark.parametrize("command", [change("owner"), CHOOSE, IssueTemporaryPassword(password_hash="x", at=NOW)])
def test_there_is_nothing_to_change_about_a_user_who_is_not_there(command: Any) -> None:
    assert refusal(command, User()).reason == "unknown-user"


# -- laws

roles = st.lists(st.sampled_from([*ROLES, "emperor"]), max_size=4).map(tuple)
kinds: st.SearchStrategy[OrganizationKind] = st.sampled_from(["provider", "reseller", "customer", "operator"])
granters = st.builds(Granter, st.sampled_from(["admin", "zoe"]), st.booleans())
hashes = st.sampled_from(["hash-of-a-temporary-one", "hash-of-her-own", "other"])
moments = st.integers(0, 20).map(lambda days: NOW + timedelta(days=days))
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(sign_up, user_id=st.just("zoe"), email=st.sampled_from(["zoe@mueller.example", "else@mueller.example"])),
    st.builds(add, roles=roles, by=granters, organization=kinds.map(profile)),
    st.builds(lambda roles, seen, by: change(*roles, seen=seen, by=by), roles, st.integers(0, 3), granters),
    st.builds(GrantRoles, roles),
    st.builds(ChangePassword, verified_hash=hashes, password_hash=hashes),
    st.builds(IssueTemporaryPassword, password_hash=hashes, at=moments),
)
states = st.builds(after, st.lists(commands, max_size=6))


@given(commands, states)
def test_a_command_decided_again_changes_nothing_more(command: Command, state: User) -> None:
    first = decide(command, state)
    again = decide(command, after([command], state))
    refused = [fact for fact in first if isinstance(fact, UserRefused)]
    assert again == (first if refused else [])


@given(commands, states)
def test_a_refusal_comes_alone(command: Command, state: User) -> None:
    facts = decide(command, state)
    assert len(facts) == 1 or not any(isinstance(fact, UserRefused) for fact in facts)


@given(commands, states, states)
def test_evolve_takes_every_fact_in_every_state(command: Command, state: User, other: User) -> None:
    for fact in decide(command, state):
        evolve(other, fact)


@given(states)
def test_a_user_is_read_as_it_was_written(state: User) -> None:
    assert USER.parse(USER.dump(state)) == state


@given(commands, states)
def test_no_announcement_holds_a_hash(command: Command, state: User) -> None:
    marked = replace(state, password_hash=f"secret-{state.password_hash}") if state.password_hash else state
    for fact in decide(command, marked):
        assert not isinstance(fact, Event) or "hash" not in fact.model_dump_json()
