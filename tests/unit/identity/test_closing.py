"""A way out for organizations: corrected, closed, opened again, erased; and for users who go with theirs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest

from identity.domain.organization.commands import (
    CloseOrganization,
    CorrectOrganization,
    EraseOrganization,
    FollowEnrollment,
    ReopenOrganization,
)
from identity.domain.organization.decide import decide
from identity.domain.organization.events import ACTIVE_PARTNER, CLOSED, NOT_CLOSED, NOT_THE_LAST, SUBMITTED
from identity.domain.organization.evolve import evolve
from identity.domain.organization.state import Organization, Standing
from identity.domain.user.commands import (
    ChangeRoles,
    DeleteUser,
    EndWithOrganization,
    RestoreUser,
    ReturnWithOrganization,
)
from identity.domain.user.decide import decide as decide_user
from identity.domain.user.evolve import evolve as evolve_user
from identity.domain.user.state import Granter, User
from kontor_contracts.identity import OrganizationProfile

NOW = datetime(2026, 11, 27, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
PROFILE = OrganizationProfile(organization_id="o1", name="Müller", kind="customer", country="DE", culture="de")
OPEN = Organization(profile=PROFILE, standings=(Standing("u1", 0, counted=True),))
CLOSE = CloseOrganization("u1", staff=False, reopenable_until=LATER)
ADMIN = User(
    status="active",
    user_id="u1",
    organization=PROFILE,
    full_name="Jürgen",
    email="a@b.example",
    roles=("global-admin",),
)


def after(state: Organization, *commands: Any) -> Organization:
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def user_after(state: User, *commands: Any) -> User:
    for command in commands:
        state = reduce(evolve_user, decide_user(command, state), state)
    return state


def test_country_and_kind_are_corrected_until_an_enrollment_was_submitted() -> None:
    correct = CorrectOrganization("AT", "reseller")
    state = after(OPEN, FollowEnrollment("o1", "enrolling", "e1"), correct)
    assert state.profile is not None and (state.profile.country, state.profile.kind) == ("AT", "reseller")
    assert decide(correct, state) == []
    submitted = after(OPEN, FollowEnrollment("o1", "enrolling", "e1"), FollowEnrollment("o1", "enrolling", "e1", True))
    assert decide(correct, submitted) == [SUBMITTED]
    assert decide(correct, replace(OPEN, status="active")) == [SUBMITTED]
    assert decide(correct, after(OPEN, CLOSE)) == [CLOSED]


def test_an_organization_is_closed_by_its_last_global_admin_or_by_staff() -> None:
    state = after(OPEN, CLOSE)
    assert state.closed and state.reopenable_until == LATER
    assert decide(CLOSE, state) == []
    two = replace(OPEN, standings=(*OPEN.standings, Standing("u2", 0, counted=True)))
    assert decide(CLOSE, two) == [NOT_THE_LAST]
    assert after(two, replace(CLOSE, staff=True)).closed
    assert decide(CLOSE, replace(OPEN, status="active")) == [ACTIVE_PARTNER]
    assert decide(replace(CLOSE, staff=True), replace(OPEN, status="active")) == [ACTIVE_PARTNER]


def test_a_closed_organization_is_reopened_in_time_and_erased_after_it() -> None:
    closed = after(OPEN, CLOSE)
    assert decide(EraseOrganization(LATER - timedelta(seconds=1)), closed) == []
    assert after(closed, ReopenOrganization("staff", NOW)) == OPEN
    assert decide(ReopenOrganization("staff", NOW), OPEN) == []
    erased = after(closed, EraseOrganization(LATER))
    assert erased.closed and erased.reopenable_until is None
    assert decide(ReopenOrganization("staff", LATER), closed) == [NOT_CLOSED]
    assert decide(ReopenOrganization("staff", LATER), erased) == [NOT_CLOSED]


def test_users_go_and_return_with_their_organization() -> None:
    gone = user_after(ADMIN, EndWithOrganization(LATER))
    assert gone.status == "deleted" and gone.restorable_until == LATER and gone.session_epoch == 1
    back = user_after(gone, ReturnWithOrganization(NOW))
    assert back.status == "active" and back.restorable_until is None and not back.gone_with_organization
    assert decide_user(ReturnWithOrganization(LATER), gone) == []


def test_a_user_deleted_before_does_not_return_with_the_organization() -> None:
    by = Granter("u2", global_admin=True)
    deleted = user_after(ADMIN, DeleteUser(seen=0, restorable_until=NOW + timedelta(days=1), by=by))
    assert decide_user(EndWithOrganization(LATER), deleted) == []
    assert decide_user(ReturnWithOrganization(NOW), deleted) == []
    assert user_after(deleted, RestoreUser(at=NOW, by=by)).status == "active"


@pytest.mark.parametrize("kept", [(), ("helpdesk-agent",)])
def test_nobody_gives_up_the_last_high_role_without_saying_so(kept: tuple[str, ...]) -> None:
    by = Granter("u1", global_admin=True, roles=("global-admin",))
    admin = replace(ADMIN, roles=("global-admin", *kept))
    drop = ChangeRoles(roles=kept, seen=0, by=by)
    (refused,) = decide_user(drop, admin)
    assert (refused.reason, refused.field) == ("confirmation-missing", "confirm")  # type: ignore[union-attr]
    assert user_after(admin, replace(drop, confirmed=True)).roles == kept
    two = replace(admin, roles=("owner", "global-admin", *kept))
    assert user_after(two, ChangeRoles(roles=("owner", *kept), seen=0, by=by)).roles == ("owner", *kept)
    by_another = replace(drop, by=Granter("u2", global_admin=True))
    assert user_after(admin, by_another).roles == kept
