"""Account lockout: it grows with each wrong secret, and never locks out the owner's own devices."""

from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from chassis.limits import lockout_aggregate
from chassis.limits.lockout import (
    FORGIVEN_AFTER,
    FREE,
    LONGEST,
    MOST_DEVICES,
    SHORTEST,
    Command,
    CountAttempt,
    LockedOut,
    Lockout,
    Succeed,
    TakeBack,
    decide,
    evolve,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def knock(mark: object, *, at: datetime = NOW, device: str | None = None) -> CountAttempt:
    return CountAttempt(mark=str(mark), device=device, at=at)


def after(*commands: Command, lockout: Lockout | None = None) -> Lockout:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, lockout or Lockout())


def shut(lockout: Lockout, *, at: datetime = NOW, device: str | None = None) -> bool:
    (fact,) = decide(knock("yet another", at=at, device=device), lockout)
    return isinstance(fact, LockedOut) and fact.until == lockout.count(device).closed_until


GUESSES = [knock(n) for n in range(FREE + 1)]
CLOSED = after(*GUESSES)


def test_ten_wrong_passwords_close_the_door_for_a_minute() -> None:
    assert not shut(after(*GUESSES[:-1]))
    assert shut(CLOSED)
    assert shut(CLOSED, at=NOW + SHORTEST - timedelta(seconds=1))
    assert not shut(CLOSED, at=NOW + SHORTEST)


def test_each_further_one_closes_it_for_twice_as_long_up_to_a_bound() -> None:
    lockout, at, pauses = CLOSED, NOW, []
    for n in range(100, 108):
        assert lockout.strangers.closed_until is not None
        pauses.append(lockout.strangers.closed_until - at)
        at = lockout.strangers.closed_until
        lockout = after(knock(n, at=at), lockout=lockout)
    assert pauses[:4] == [SHORTEST, 2 * SHORTEST, 4 * SHORTEST, 8 * SHORTEST]
    assert pauses[-1] == LONGEST


def test_knocking_at_a_closed_door_does_not_keep_it_closed() -> None:
    assert after(*(knock(n) for n in range(50, 90)), lockout=CLOSED) == CLOSED


def test_the_same_wrong_password_is_counted_once() -> None:
    assert not shut(after(*(knock("old password") for _ in range(1000))))


def test_the_right_password_takes_the_count_back() -> None:
    entered = after(*GUESSES[:-1], Succeed("phone"))
    assert entered.strangers.wrong == 0
    assert entered.knows("phone")


def test_a_right_password_of_a_signed_in_user_is_no_guess() -> None:
    nine = after(*GUESSES[:-1])
    tenth = after(knock("right"), TakeBack("right", None), lockout=nine)
    assert (tenth.strangers.wrong, tenth.strangers.closed_until) == (9, None)
    assert shut(after(knock("wrong"), lockout=tenth)), "it takes back nothing but itself"
    assert decide(TakeBack("never counted", None), nine) == []


def test_nobody_is_shut_out_of_a_device_of_ones_own() -> None:
    known = after(Succeed("phone"), *GUESSES)
    assert shut(known)
    assert not shut(known, device="phone")
    at_home = after(knock("right", device="phone"), Succeed("phone"), lockout=known)
    assert shut(at_home), "the owner's sign-ins give guessers no new tries"
    assert not shut(at_home, device="phone")


def test_a_stolen_device_is_shut_out_too_and_alone() -> None:
    stolen = after(Succeed("phone"), *(knock(n, device="phone") for n in range(FREE + 1)))
    assert shut(stolen, device="phone")
    assert not shut(stolen)


def test_a_made_up_device_is_a_stranger() -> None:
    assert shut(CLOSED, device="made up")


def test_a_quiet_half_day_is_forgiven() -> None:
    later = after(knock("one more", at=NOW + FORGIVEN_AFTER), lockout=CLOSED)
    assert later.strangers.wrong == 1


def test_the_devices_used_last_are_remembered() -> None:
    many = after(*(Succeed(f"device {n}") for n in range(MOST_DEVICES + 5)))
    assert len(many.devices) == MOST_DEVICES
    assert not many.knows("device 0") and many.knows(f"device {MOST_DEVICES + 4}")


DEVICES = st.sampled_from([None, "phone", "laptop"])
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        knock,
        st.integers(0, 20),
        at=st.integers(0, 10_000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        device=DEVICES,
    ),
    st.builds(Succeed, st.sampled_from(["phone", "laptop"])),
    st.builds(TakeBack, st.integers(0, 20).map(str), DEVICES),
)
states = st.lists(commands, max_size=40).map(lambda given: after(*given))


@given(states)
def test_no_door_is_closed_for_longer_than_the_bound(lockout: Lockout) -> None:
    for count in (lockout.strangers, *(device.count for device in lockout.devices)):
        assert count.closed_until is None or (count.at and count.closed_until <= count.at + LONGEST)


@given(states)
def test_a_door_is_read_as_it_was_written_and_stays_small(lockout: Lockout) -> None:
    assert lockout_aggregate("lockout").parse(lockout_aggregate("lockout").dump(lockout)) == lockout
    assert len(lockout.devices) <= MOST_DEVICES


@given(states, states, commands)
def test_evolve_takes_every_fact_in_every_state(lockout: Lockout, other: Lockout, command: Command) -> None:
    for fact in decide(command, lockout):
        evolve(other, fact)
