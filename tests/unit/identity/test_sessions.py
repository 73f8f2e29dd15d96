"""Sessions: a used refresh token is good for seconds more, a copy used later ends the session, each ends at its time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from identity.documents import SESSION
from identity.domain.session import (
    MOST_PREDECESSORS,
    NO_SUCH,
    OVER,
    Command,
    EndSession,
    ExpireSession,
    Predecessor,
    RotateSession,
    Session,
    SessionExpired,
    SessionProved,
    SessionRefused,
    SessionRotated,
    StartSession,
    decide,
    evolve,
)
from kontor_contracts.identity import SessionRevoked

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
END = NOW + timedelta(days=14)
IDLE = timedelta(days=7)
GRACE = timedelta(seconds=30)
LATER = NOW + GRACE
START = StartSession(
    session_id="s1",
    user_id="zoe",
    organization_id="org",
    epoch=1,
    secret_hash="first",
    client="Portal 1.0",
    at=NOW,
    idle_for=IDLE,
    expires_at=END,
)
COPIED = SessionRevoked(session_id="s1", user_id="zoe", organization_id="org", reason="token-reused")
OUT = EndSession("zoe", "signed-out")


def rotate(
    presented: str, replacement: str, *, epoch: int = 1, at: datetime = NOW, proved: tuple[str, ...] = ()
) -> RotateSession:
    return RotateSession(
        presented=presented,
        replacement=replacement,
        salt=f"salt of {replacement}",
        epoch=epoch,
        at=at,
        grace=GRACE,
        proved=proved,
    )


def rotated(presented: str, replacement: str, at: datetime = NOW) -> SessionRotated:
    return SessionRotated(replacement, Predecessor(presented, f"salt of {replacement}", at + GRACE), at)


def after(*commands: Command) -> Session:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, Session())


def test_each_use_replaces_the_token() -> None:
    assert decide(rotate("first", "second"), after(START)) == [rotated("first", "second")]
    assert after(START, rotate("first", "second"), rotate("second", "third")).secret_hash == "third"


def test_a_used_token_gives_the_same_successor_for_a_while() -> None:
    used = after(START, rotate("first", "second"))
    assert decide(rotate("first", "other"), used) == []
    again = used.predecessor("first", LATER - timedelta(seconds=1))
    assert again is not None and again.salt == "salt of second"
    further = after(START, rotate("first", "second"), rotate("second", "third"))
    assert decide(rotate("first", "other"), further) == [], "its successor may be used by then"


def test_a_used_token_that_comes_later_ends_the_session() -> None:
    used = after(START, rotate("first", "second"))
    assert decide(rotate("first", "other", at=LATER), used) == [COPIED]
    ended = after(START, rotate("first", "second"), rotate("first", "other", at=LATER))
    assert decide(rotate("second", "third"), ended) == [OVER]
    assert decide(rotate("first", "third"), ended) == [OVER]


def test_a_token_of_another_secret_ends_the_session_at_once() -> None:
    assert decide(rotate("never given out", "x"), after(START)) == [COPIED]


def test_a_session_remembers_few_used_tokens_however_many_there_are() -> None:
    uses = [rotate(f"{n}", f"{n + 1}") for n in range(300)]
    old = after(replace(START, secret_hash="0"), *uses)
    assert len(old.predecessors) == MOST_PREDECESSORS
    assert decide(rotate("3", "x"), old) == [COPIED]
    rested = after(START, rotate("first", "second"), rotate("second", "third", at=LATER))
    assert [one.secret_hash for one in rested.predecessors] == ["second"]


def test_a_step_up_with_a_used_token_proves_and_gives_the_successor() -> None:
    used = after(START, rotate("first", "second"))
    step_up = rotate("first", "other", proved=("otp", "mfa"))
    assert decide(step_up, used) == [SessionProved(("otp", "mfa"))]
    stepped = after(START, rotate("first", "second"), step_up)
    assert (stepped.secret_hash, stepped.methods) == ("second", ("pwd", "otp", "mfa"))
    assert decide(step_up, stepped) == []


def test_a_used_token_does_not_outlive_its_session() -> None:
    used = after(START, rotate("first", "second"))
    assert decide(rotate("first", "other", epoch=2), used) == [OVER]
    assert after(START, rotate("first", "second"), OUT).predecessors == ()


def test_a_session_ends_at_its_time_however_it_was_used() -> None:
    daily = [rotate(f"{n}", f"{n + 1}", at=NOW + timedelta(days=n)) for n in range(14)]
    used = after(replace(START, secret_hash="0"), *daily)
    assert used.secret_hash == "14"
    assert decide(rotate("14", "15", at=END), used) == [OVER]


def test_a_session_that_nobody_uses_ends_earlier() -> None:
    late = NOW + IDLE
    assert decide(rotate("first", "second", at=late - timedelta(seconds=1)), after(START))[0] != OVER
    assert decide(rotate("first", "second", at=late), after(START)) == [OVER]


def test_a_session_is_put_away_when_its_time_has_come() -> None:
    began = after(START)
    assert SESSION.due(began) == NOW + IDLE
    assert decide(ExpireSession(NOW + IDLE - timedelta(seconds=1)), began) == []
    assert decide(ExpireSession(NOW + IDLE), began) == [SessionExpired()]
    gone = after(START, ExpireSession(NOW + IDLE))
    assert SESSION.due(gone) is None
    assert (gone.secret_hash, gone.client) == ("", "")
    assert decide(rotate("first", "second"), gone) == [OVER]


def test_its_user_ends_a_session_and_nobody_else() -> None:
    (ended,) = decide(EndSession("zoe", "ended-by-user"), after(START))
    assert isinstance(ended, SessionRevoked) and ended.reason == "ended-by-user"
    assert decide(EndSession("eve", "ended-by-user"), after(START)) == [NO_SUCH]
    assert decide(OUT, Session()) == [NO_SUCH]
    assert decide(OUT, after(START, OUT)) == []
    assert decide(rotate("first", "second"), after(START, OUT)) == [OVER]


def test_a_second_factor_that_was_shown_stays_with_the_session() -> None:
    proved = after(START, rotate("first", "second", proved=("otp", "mfa")), rotate("second", "third"))
    assert proved.methods == ("pwd", "otp", "mfa")


def test_a_session_from_before_the_last_change_of_the_password_is_over() -> None:
    assert decide(rotate("first", "second", epoch=2), after(START)) == [OVER]


def test_a_session_that_never_began_is_over() -> None:
    assert decide(rotate("first", "second"), Session()) == [OVER]


def test_a_session_begins_once() -> None:
    assert decide(START, after(START)) == []
    other = replace(START, user_id="eve", secret_hash="hers")
    assert decide(other, after(START)) == [OVER]


secrets = st.sampled_from(["first", "second", "third"])
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(lambda epoch, secret: replace(START, epoch=epoch, secret_hash=secret), st.integers(0, 1), secrets),
    st.sampled_from([OUT, EndSession("eve", "ended-by-user"), ExpireSession(NOW), ExpireSession(END)]),
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
