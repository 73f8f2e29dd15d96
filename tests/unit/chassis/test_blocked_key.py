"""Blocked keys: records behind a parked one wait for it, through crashes, repeated reads and replays in any order."""

from dataclasses import dataclass, field
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.consumer.dead_letters.blocked_key import (
    BLOCKED_KEY,
    Block,
    BlockedKey,
    BlockedKeyCommand,
    Settle,
    Standing,
    Wait,
    decide,
    evolve,
    standing,
)

LIMIT = 5


def run(blocked_key: BlockedKey, *commands: BlockedKeyCommand) -> BlockedKey:
    for command in commands:
        blocked_key = reduce(evolve, decide(command, blocked_key), blocked_key)
    return blocked_key


def block(offset: int, limit: int = LIMIT) -> Block:
    return Block("meter.events", 3, "bWV0ZXI6YQ==", offset, limit)


@pytest.mark.parametrize(
    ("offset", "expected"), [(4, "free"), (5, "first"), (6, "behind"), (7, "waiting"), (8, "behind")]
)
def test_a_record_stands_before_on_or_behind_what_is_open(offset: int, expected: Standing) -> None:
    assert standing(run(BlockedKey(), block(5), Wait(7, LIMIT)), offset) == expected


def test_nothing_waits_in_a_lane_where_nothing_is_open() -> None:
    assert decide(Wait(7, LIMIT), BlockedKey()) == []


def test_what_comes_before_the_first_open_record_does_not_wait() -> None:
    blocked_key = run(BlockedKey(), block(5))
    assert decide(Wait(4, LIMIT), blocked_key) == decide(Wait(5, LIMIT), blocked_key) == []


def test_a_record_is_opened_once() -> None:
    blocked_key = run(BlockedKey(), block(5), Wait(6, LIMIT))
    assert run(blocked_key, block(5), Wait(6, LIMIT), block(6)) == blocked_key


def test_a_full_lane_takes_no_more_and_takes_again_when_one_is_settled() -> None:
    full = run(BlockedKey(), block(1), *(Wait(offset, LIMIT) for offset in range(2, 2 + LIMIT - 1)))
    assert len(full.open) == LIMIT
    assert decide(Wait(99, LIMIT), full) == decide(block(99), full) == []
    assert decide(Wait(99, LIMIT), run(full, Settle(1))) != []


def test_a_lane_is_free_when_all_that_was_open_is_settled() -> None:
    blocked_key = run(BlockedKey(), block(5), Wait(6, LIMIT), Settle(6), Settle(5), Settle(5))
    assert (blocked_key.open, blocked_key.blocked) == ((), False)


@given(st.lists(st.tuples(st.sampled_from([block, Settle, Wait]), st.integers(0, 12)), max_size=40))
def test_open_records_are_ordered_unique_and_survive_the_store(commands: list[tuple[type, int]]) -> None:
    blocked_key = run(BlockedKey(), *(make(at) if make is Settle else make(at, LIMIT) for make, at in commands))
    assert list(blocked_key.open) == sorted(set(blocked_key.open))
    assert len(blocked_key.open) <= LIMIT
    assert blocked_key.blocked == bool(blocked_key.open)
    assert BLOCKED_KEY.parse(BLOCKED_KEY.dump(blocked_key)) == blocked_key


@dataclass
class Group:
    """A consumer group and one key of it, in the order of actions of `blocked_keys`, `parking` and `replay`."""

    blocked_key: BlockedKey = field(default_factory=BlockedKey)
    letters: list[int] = field(default_factory=list)
    applied: list[int] = field(default_factory=list)
    watermark: int = -1
    committed: int = 0
    position: int = 0
    known: bool = False

    def apply(self, offset: int) -> None:
        if offset > self.watermark:
            self.applied.append(offset)
            self.watermark = offset

    def assigned(self) -> None:
        """Another owner, or the same one after a crash."""
        self.position = self.committed
        self.known = self.blocked_key.blocked


class Parking(RuleBasedStateMachine):
    """Every third record is poison until the fault is mended."""

    EVENTS = 12

    def __init__(self) -> None:
        super().__init__()
        self.group = Group()
        self.mended = False

    def fails(self, offset: int) -> bool:
        return not self.mended and offset % 3 == 1

    @precondition(lambda self: self.group.position < self.EVENTS)
    @rule(crash=st.sampled_from(["no", "no", "lane", "letter"]))
    def read(self, crash: str) -> None:
        group, offset = self.group, self.group.position
        found: Standing = "free"
        if group.known:
            group.blocked_key = run(group.blocked_key, Wait(offset, 100))
            group.known = group.blocked_key.blocked
            found = standing(group.blocked_key, offset)
        if found == "waiting" or self.fails(offset):
            if found != "waiting":
                group.blocked_key = run(group.blocked_key, block(offset, 100))
                group.known = True
            if crash == "lane":
                return group.assigned()
            group.letters.append(offset)
        else:
            group.apply(offset)
            if found == "first":
                group.blocked_key = run(group.blocked_key, Settle(offset))
        if crash == "letter":
            return group.assigned()
        group.position += 1
        return None

    @rule()
    def commit(self) -> None:
        self.group.committed = self.group.position

    @rule()
    def rebalance(self) -> None:
        self.group.assigned()

    @rule()
    def rewind(self) -> None:
        self.group.committed = 0
        self.group.assigned()

    @rule()
    def mend(self) -> None:
        self.mended = True

    @precondition(lambda self: self.group.letters)
    @rule(data=st.data(), crash=st.sampled_from(["no", "no", "applied"]))
    def replay(self, data: st.DataObject, crash: str) -> None:
        group = self.group
        offset = data.draw(st.sampled_from(group.letters))
        if standing(group.blocked_key, offset) != "first" or self.fails(offset):
            return
        group.apply(offset)
        if crash == "no":
            group.blocked_key = run(group.blocked_key, Settle(offset))

    @invariant()
    def every_event_was_applied_once_and_in_order(self) -> None:
        assert self.group.applied == list(range(len(self.group.applied)))

    def teardown(self) -> None:
        """When the fault is gone, reading on and replaying what is open brings everything through."""
        self.mended = True
        while self.group.position < self.EVENTS:
            self.read("no")
        for offset in self.group.blocked_key.open:
            assert offset in self.group.letters
            assert standing(self.group.blocked_key, offset) == "first"
            self.group.apply(offset)
            self.group.blocked_key = run(self.group.blocked_key, Settle(offset))
        assert self.group.applied == list(range(self.EVENTS))


TestParking = Parking.TestCase
TestParking.settings = settings(max_examples=150, stateful_step_count=40)
