"""Which tokens are void: those of an ended session, and those older than what voids a user's tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.auth.revocation import Voided
from kontor_contracts import Event, new_envelope
from kontor_contracts.identity import (
    OrganizationActivated,
    SessionRevoked,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserPasswordChanged,
    UserPurged,
    UserRolesChanged,
    voids_tokens,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CHANGED = UserPasswordChanged(user_id="zoe", organization_id="org")
ENDED = SessionRevoked(session_id="s1", user_id="zoe", organization_id="org", reason="signed-out")


def roles(*removed: str) -> UserRolesChanged:
    return UserRolesChanged(user_id="zoe", organization_id="org", roles=(), added=(), removed=removed)


def knowing(*events: tuple[Event, str, int]) -> Voided:
    voided = Voided()
    for event, subject, sequence in events:
        voided.note(
            new_envelope(
                event,
                id=f"{subject}-{sequence}",
                source="/kontor/identity",
                subject=subject,
                time=NOW,
                sequence=sequence,
                correlationid="c",
            ),
            NOW,
        )
    return voided


def token(**claims: Any) -> dict[str, Any]:
    return {"sub": "zoe", "sid": "s1", "ver": 3, "iat": int(NOW.timestamp()), **claims}


@pytest.mark.parametrize(
    ("event", "voids"),
    [
        (CHANGED, True),
        (ENDED, True),
        (roles("admin-agent"), True),
        (roles(), False),
        (UserDisabled(user_id="zoe", organization_id="org"), True),
        (UserDeleted(user_id="zoe", organization_id="org", restorable_until=NOW), True),
        (UserPurged(user_id="zoe", organization_id="org"), True),
        (UserEnabled(user_id="zoe", organization_id="org"), False),
        (OrganizationActivated(organization_id="org", enrollment_id="e"), False),
    ],
)
def test_what_voids_tokens(event: Event, voids: bool) -> None:
    assert voids_tokens(event) is voids


def test_an_ended_session_takes_its_tokens_with_it_and_no_others() -> None:
    voided = knowing((ENDED, "session:s1", 1))
    assert voided.covers(token())
    assert not voided.covers(token(sid="s2"))
    assert not voided.covers({name: value for name, value in token().items() if name != "sid"})


def test_a_token_that_knows_of_the_event_is_good() -> None:
    voided = knowing((CHANGED, "user:zoe", 4))
    assert voided.covers(token(ver=3))
    assert not voided.covers(token(ver=4))
    assert not voided.covers(token(sub="eve"))


def test_events_may_come_again_and_in_any_order() -> None:
    voided = knowing((CHANGED, "user:zoe", 5), (CHANGED, "user:zoe", 4), (CHANGED, "user:zoe", 5))
    assert voided.covers(token(ver=4))
    assert not voided.covers(token(ver=5))


@pytest.mark.parametrize(("age", "void"), [(-1, True), (0, True), (1, False)])
def test_a_token_without_a_count_is_judged_by_its_age(age: int, void: bool) -> None:
    voided = knowing((CHANGED, "user:zoe", 4))
    assert voided.covers(token(ver=None, iat=int(NOW.timestamp()) + age)) is void


def test_what_no_living_token_can_meet_is_forgotten() -> None:
    voided = knowing((CHANGED, "user:zoe", 4), (ENDED, "session:s1", 1))
    voided.forget(NOW)
    assert voided.count == 2
    voided.forget(NOW + timedelta(seconds=1))
    assert voided.count == 0
    assert not voided.covers(token())


def test_knowing_nothing_yet_it_is_still_the_one_that_will_know() -> None:
    # An empty one once counted as none at all, and nobody was ever refused.
    assert bool(Voided())


# -- what is not believed


def noting(voided: Voided, sequence: int, at: datetime = NOW) -> bool:
    event = new_envelope(
        CHANGED, id="f", source="/kontor/identity", subject="user:zoe", time=at, sequence=sequence, correlationid="c"
    )
    return voided.note(event, NOW)


def test_a_number_out_of_all_reason_voids_no_token() -> None:
    voided = knowing((CHANGED, "user:zoe", 2))
    assert not noting(voided, 2**63 - 1)
    assert not noting(Voided(), 2**63 - 1)
    assert not voided.covers(token(ver=3))
    assert noting(voided, 4)
    assert voided.covers(token(ver=3))


def test_an_event_of_the_future_voids_no_token() -> None:
    voided = Voided()
    assert not noting(voided, 4, NOW + timedelta(hours=1))
    assert not voided.covers(token())


def test_a_token_issued_well_after_an_event_that_it_does_not_know_is_good() -> None:
    voided = knowing((CHANGED, "user:zoe", 900_000))
    issued = int((NOW + timedelta(minutes=6)).timestamp())
    assert not voided.covers(token(ver=3, iat=issued))
    assert voided.covers(token(ver=3, iat=int((NOW + timedelta(minutes=4)).timestamp())))
