"""The second factor: codes as RFC 6238 makes them, each good once; recovery codes; the time to set one up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.credentials import totp
from identity.documents import FACTOR
from identity.domain.second_factor.codes import FREE, LONGEST, SHORTEST
from identity.domain.second_factor.commands import (
    BeginFactor,
    Command,
    ConfirmFactor,
    NoteSignIn,
    Notified,
    RehashRecovery,
    RemoveUnproved,
    RenewRecovery,
    TurnOff,
    UseCode,
)
from identity.domain.second_factor.decide import decide
from identity.domain.second_factor.events import NOT_ACTIVE, CodeCounted, CodeWrong, FactorRefused
from identity.domain.second_factor.evolve import evolve
from identity.domain.second_factor.state import Factor
from kontor_contracts.identity import SecondFactorChanged
from kontor_contracts.values import Recipient

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SIGN_IN = NoteSignIn(user_id="zoe", organization_id="org", at=NOW, grace=timedelta(days=14))
BEGIN = BeginFactor(user_id="zoe", organization_id="org", sealed_secret="sealed", at=NOW)
CONFIRM = ConfirmFactor(sealed_secret="sealed", step=100, recovery=("a", "b"), at=NOW)
SEED = b"12345678901234567890"


def use(step: int | None, recovery: str = "", at: datetime = NOW) -> UseCode:
    return UseCode(sealed_secret="sealed", step=step, recovery=(recovery,), at=at)


def after(*commands: Command, state: Factor | None = None) -> Factor:
    return reduce(lambda factor, command: reduce(evolve, decide(command, factor), factor), commands, state or Factor())


ACTIVE = after(SIGN_IN, BEGIN, CONFIRM)


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, eight_digits: str) -> None:
    # Appendix B of RFC 6238; six digits are the last six of its eight.
    assert totp.code(SEED, seconds // totp.STEP_SECONDS) == eight_digits[-6:]


@pytest.mark.parametrize(("drift", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_be_one_step_apart(drift: int, found: bool) -> None:
    step = totp.step_at(NOW) + drift
    assert totp.matching_step(SEED, totp.code(SEED, step), NOW) == (step if found else None)


def test_codes_may_be_written_in_groups() -> None:
    code = totp.code(SEED, totp.step_at(NOW))
    assert totp.matching_step(SEED, f"{code[:3]} {code[3:]}", NOW) is not None
    written = totp.recovery_codes()[0]
    assert totp.recovery_hash(written.upper().replace("-", " ")) == totp.recovery_hash(written)


def test_recovery_codes_differ() -> None:
    assert len(set(totp.recovery_codes())) == totp.RECOVERY_CODES


def test_the_address_for_the_app_names_account_and_issuer() -> None:
    address = totp.address(SEED, "zoe@mueller.example", "Kontor")
    assert address.startswith("otpauth://totp/Kontor:zoe%40mueller.example?secret=GEZDGNBVGY3TQOJQ")


def test_a_factor_counts_once_it_was_confirmed() -> None:
    begun = after(SIGN_IN, BEGIN)
    assert begun.status == "pending"
    assert decide(use(100), begun) == [NOT_ACTIVE]
    assert decide(replace(CONFIRM, step=None), begun) == [CodeWrong(1, None)]
    announced = [fact for fact in decide(CONFIRM, begun) if isinstance(fact, SecondFactorChanged)]
    assert [event.state for event in announced] == ["active"]
    assert (ACTIVE.status, ACTIVE.recovery) == ("active", ("a", "b"))


def test_an_active_factor_is_not_replaced_by_another() -> None:
    (refused,) = decide(replace(BEGIN, sealed_secret="other"), ACTIVE)
    assert isinstance(refused, FactorRefused) and refused.reason == "already-active"


def test_a_code_counts_once() -> None:
    assert decide(use(100), ACTIVE) == [CodeWrong(1, None)], "the one that confirmed"
    assert decide(use(101), ACTIVE) == [CodeCounted(101, NOW)]
    used = after(use(101), state=ACTIVE)
    for step in (101, 100, 99):
        assert isinstance(decide(use(step), used)[0], CodeWrong)


def test_a_recovery_code_counts_once() -> None:
    used = after(use(None, "a"), state=ACTIVE)
    assert used.recovery == ("b",)
    assert isinstance(decide(use(None, "a"), used)[0], CodeWrong)


def test_wrong_codes_close_the_factor_for_a_while_that_grows() -> None:
    closed = after(*(use(None) for _ in range(FREE + 1)), state=ACTIVE)
    (refused,) = decide(use(101), closed)
    assert isinstance(refused, FactorRefused)
    assert (refused.reason, refused.retry_after) == ("codes-closed", 60)
    assert decide(use(101, at=NOW + SHORTEST), closed) == [CodeCounted(101, NOW + SHORTEST)]
    at = NOW
    for _ in range(20):
        closed = after(use(None, at=at), state=closed)
        assert closed.closed_until is not None
        assert closed.closed_until <= at + LONGEST
        at = closed.closed_until


def test_wrong_codes_while_it_is_set_up_are_counted_too() -> None:
    wrong = replace(CONFIRM, step=None)
    closed = after(SIGN_IN, BEGIN, *(wrong for _ in range(FREE + 1)))
    (refused,) = decide(CONFIRM, closed)
    assert isinstance(refused, FactorRefused) and refused.reason == "codes-closed"
    assert after(replace(CONFIRM, at=NOW + SHORTEST), state=closed).status == "active"
    begun_again = after(replace(BEGIN, sealed_secret="another"), state=closed)
    assert begun_again.closed_until == closed.closed_until, "another secret gives no further tries"


def test_recovery_codes_are_rehashed_without_reviving_used_ones() -> None:
    used = after(use(None, "a"), RehashRecovery({"a": "A", "b": "B"}), state=ACTIVE)
    assert used.recovery == ("B",)
    assert decide(RehashRecovery({"a": "A", "b": "B"}), used) == []
    either_way = replace(use(None), recovery=("B", "b"))
    assert after(either_way, state=used).recovery == ()


def test_the_first_sign_in_begins_the_time_to_set_one_up() -> None:
    assert after(SIGN_IN).due_at == NOW + timedelta(days=14)
    assert decide(replace(SIGN_IN, at=NOW + timedelta(days=3)), after(SIGN_IN)) == []


def test_turning_it_off_gains_no_time_but_an_administrators_reset_does() -> None:
    assert after(TurnOff(by_administrator=False), state=ACTIVE) == Factor("zoe", "org", due_at=ACTIVE.due_at)
    assert after(TurnOff(by_administrator=True), state=ACTIVE) == Factor("zoe", "org")
    assert decide(TurnOff(by_administrator=False), Factor()) == []


def test_a_factor_from_before_the_proof_of_the_address_can_be_removed() -> None:
    notify = Notified(Recipient(name="Zoë", email="zoe@mueller.example", culture="de"), "Müller & Söhne")
    remove = RemoveUnproved(NOW + SHORTEST, notify)
    off = decide(remove, ACTIVE)[0]
    assert isinstance(off, SecondFactorChanged) and (off.state, off.contact) == ("off", notify.contact)
    assert after(remove, state=ACTIVE) == Factor("zoe", "org")
    assert decide(remove, after(remove, state=ACTIVE)) == []
    of_old = replace(ACTIVE, set_up_at=None, used_at=None)
    assert after(remove, state=of_old).status == "off", "factors from before the rule have no time"
    assert after(remove, state=after(BEGIN)).status == "off", "one that waits for its first code, too"


def test_a_factor_that_counted_after_the_proof_stays() -> None:
    remove = RemoveUnproved(NOW)
    assert decide(remove, ACTIVE) == []
    older = replace(ACTIVE, set_up_at=NOW - SHORTEST, used_at=NOW - SHORTEST)
    assert decide(remove, older) != []
    assert decide(remove, after(use(101), state=older)) == []
    assert decide(remove, after(use(None, "a"), state=older)) == []


def test_new_recovery_codes_void_the_old_ones() -> None:
    assert after(RenewRecovery(("c",)), state=ACTIVE).recovery == ("c",)
    assert decide(RenewRecovery(("c",)), Factor()) == [NOT_ACTIVE]


commands: st.SearchStrategy[Command] = st.one_of(
    st.sampled_from([SIGN_IN, BEGIN, CONFIRM, replace(CONFIRM, step=None), replace(BEGIN, sealed_secret="x")]),
    st.sampled_from([TurnOff(by_administrator=True), TurnOff(by_administrator=False), RenewRecovery(("c",))]),
    st.sampled_from([RehashRecovery({"a": "A", "c": "C"}), RemoveUnproved(NOW), RemoveUnproved(NOW + SHORTEST)]),
    st.builds(use, st.one_of(st.none(), st.integers(99, 103)), st.sampled_from(["", "a", "c"])),
)
states = st.lists(commands, max_size=12).map(lambda given: after(*given))


@given(states, states, commands)
def test_evolve_takes_every_fact_in_every_state(state: Factor, other: Factor, command: Command) -> None:
    for fact in decide(command, state):
        evolve(other, fact)


@given(states)
def test_a_factor_is_read_as_it_was_written(state: Factor) -> None:
    assert FACTOR.parse(FACTOR.dump(state)) == state


@given(states, st.integers(99, 103))
def test_no_code_counts_twice(state: Factor, step: int) -> None:
    once = after(use(step), state=state)
    assert not any(isinstance(fact, CodeCounted) for fact in decide(use(step), once))


def test_the_user_is_told_of_a_factor_that_counted_alone() -> None:
    told = Notified(Recipient(name="Zoë", email="zoe@mueller.example", culture="de"), "Müller & Söhne")
    on = [fact for fact in decide(replace(CONFIRM, notify=told), after(BEGIN)) if isinstance(fact, SecondFactorChanged)]
    assert [(fact.contact, fact.organization_name, fact.by) for fact in on] == [
        (told.contact, "Müller & Söhne", "user")
    ]
    off = decide(TurnOff(by_administrator=True, notify=told), ACTIVE)[0]
    assert isinstance(off, SecondFactorChanged)
    assert (off.contact, off.by) == (told.contact, "administrator")
    never_active = decide(TurnOff(by_administrator=False, notify=told), after(BEGIN))[0]
    assert isinstance(never_active, SecondFactorChanged) and never_active.contact is None
