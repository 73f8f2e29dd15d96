"""Sessions: a refresh token works once, a copy of it ends the session."""

from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from identity.aggregates import SESSION
from identity.domain_session import (
    OVER,
    Command,
    RotateSession,
    Session,
    SessionRefused,
    SessionRevoked,
    SessionRotated,
    StartSession,
    decide,
    evolve,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
END = NOW + timedelta(days=14)
START = StartSession(user_id="zoe", epoch=1, secret_hash="first", expires_at=END)


def rotate(presented: str, replacement: str, *, epoch: int = 1, at: datetime = NOW) -> RotateSession:
    return RotateSession(presented=presented, replacement=replacement, epoch=epoch, at=at)


def after(*commands: Command) -> Session:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, Session())


def test_each_use_replaces_the_token() -> None:
    assert decide(rotate("first", "second"), after(START)) == [SessionRotated("second")]
    assert after(START, rotate("first", "second"), rotate("second", "third")).secret_hash == "third"


def test_a_used_token_that_comes_again_ends_the_session() -> None:
    used = after(START, rotate("first", "second"))
    assert decide(rotate("first", "other"), used) == [SessionRevoked()]
    ended = after(START, rotate("first", "second"), rotate("first", "other"))
    assert decide(rotate("second", "third"), ended) == [OVER]
    assert decide(rotate("first", "third"), ended) == [OVER]


def test_a_token_that_was_used_long_ago_ends_the_session_too() -> None:
    uses = [rotate(f"{n}", f"{n + 1}") for n in range(300)]
    old = after(StartSession(user_id="zoe", epoch=1, secret_hash="0", expires_at=END), *uses)
    assert decide(rotate("3", "x"), old) == [SessionRevoked()]


def test_two_uses_at_the_same_moment_are_one_use_and_a_copy() -> None:
    assert after(START, rotate("first", "second"), rotate("first", "also second")).revoked


def test_a_session_ends_at_its_time_however_it_was_used() -> None:
    used = after(START, rotate("first", "second", at=END - timedelta(seconds=1)))
    assert decide(rotate("second", "third", at=END), used) == [OVER]


def test_a_session_from_before_the_last_change_of_the_password_is_over() -> None:
    assert decide(rotate("first", "second", epoch=2), after(START)) == [OVER]


def test_a_session_that_never_began_is_over() -> None:
    assert decide(rotate("first", "second"), Session()) == [OVER]


def test_a_session_begins_once() -> None:
    assert decide(START, after(START)) == []
    other = StartSession(user_id="eve", epoch=1, secret_hash="hers", expires_at=END)
    assert decide(other, after(START)) == [OVER]


secrets = st.sampled_from(["first", "second", "third"])
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        StartSession, user_id=st.just("zoe"), epoch=st.integers(0, 1), secret_hash=secrets, expires_at=st.just(END)
    ),
    st.builds(
        rotate,
        secrets,
        secrets,
        epoch=st.integers(0, 1),
        at=st.sampled_from([NOW, END]),
    ),
)
states = st.lists(commands, max_size=6).map(lambda given: after(*given))


@given(commands, states)
def test_a_command_decided_again_changes_nothing_more(command: Command, state: Session) -> None:
    after_first = reduce(evolve, decide(command, state), state)
    assert all(isinstance(fact, SessionRefused) for fact in decide(command, after_first))


@given(states, states, commands)
def test_evolve_takes_every_fact_in_every_state(state: Session, other: Session, command: Command) -> None:
    for fact in decide(command, state):
        evolve(other, fact)


@given(states)
def test_a_session_is_read_as_it_was_written(state: Session) -> None:
    assert SESSION.parse(SESSION.dump(state)) == state
