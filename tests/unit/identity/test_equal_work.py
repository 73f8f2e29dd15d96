"""Signing in costs the same for every address: the same looks, writes and checks of a password, in the same order.

How long they take is measured by tests/service/sign_in_times.py, not here: a time is no ground for a test to fail.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import reduce
from typing import Any, cast

import pytest
from unit.identity.people import NOW, add, after, sign_up

from chassis.aggregate.model import Aggregate, Cause, Loaded, Outcome
from chassis.crypto import KeyedHash
from chassis.errors import RefusedError
from chassis.http.problems import ProblemError
from chassis.limits.lockout import FREE
from identity.credentials.fair_queue import Share
from identity.documents import DOOR, USER
from identity.domain.user.state import User
from identity.sign_in.lockouts import AccountLockouts
from identity.sign_in.service import Attempt, SignIn
from kontor_contracts import Refusal
from kontor_contracts.addresses import address_key

CAUSE = Cause(id="c", time=NOW, correlation_id="c", actor="anonymous")
KNOWN = replace(after([sign_up()]), password_hash="hash of right")


@dataclass
class Witness:
    """Stands where the database and the hashing are, and writes down what is asked of them."""

    users: dict[str, User]
    states: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    old_hashes: bool = False

    # as a store

    async def find(self, aggregate: Aggregate[Any, Any], where: dict[str, Any], *, limit: int) -> list[Any]:
        self.asked.append(f"find {aggregate.kind}")
        user = self.users.get(where["uk.email"])
        return [(USER.id(user.user_id), user)] if user else []

    async def get(self, aggregate: Aggregate[Any, Any], id: str) -> Any:
        self.asked.append(f"get {aggregate.kind}")
        return self.states.get(id)

    async def get_or_initial(self, aggregate: Aggregate[Any, Any], id: str) -> Any:
        return await self.get(aggregate, id) or aggregate.initial

    async def load(self, aggregate: Aggregate[Any, Any], id: str) -> Loaded[Any]:
        self.asked.append(f"load {aggregate.kind}")
        return Loaded(self.states.get(id, aggregate.initial))

    # as a handler

    async def handle(self, aggregate: Aggregate[Any, Any], id: str, command: Any, cause: Cause) -> Outcome[Any]:
        self.asked.append(f"change {aggregate.kind}")
        state = self.states.get(id, aggregate.initial)
        facts = aggregate.decide(command, state)
        for fact in facts:
            if isinstance(fact, Refusal):
                raise RefusedError(fact)
        self.states[id] = reduce(aggregate.evolve, facts, state)
        return Outcome("applied", self.states[id], 1, tuple(facts))

    # as the passwords

    async def verify(self, hash: str | None, password: str, share: Share) -> bool:
        self.asked.append("check a password")
        return hash == f"hash of {password}"

    async def hash(self, password: str) -> str:
        return f"new hash of {password}"

    def outdated(self, hash: str) -> bool:
        return self.old_hashes


@dataclass(frozen=True)
class Times:
    session_lifetime: int = 3600
    session_idle: int = 3600
    refresh_grace: int = 30


class Readable:
    """Keyed hashes that are none."""

    def of(self, *parts: str) -> str:
        return "|".join(parts)


def sign_in(witness: Witness) -> SignIn:
    every: Any = witness
    doors = AccountLockouts(every, every, cast("KeyedHash", Readable()))
    return SignIn(every, every, Times(), passwords=every, signer=every, factors=every, lockouts=doors)  # type: ignore[arg-type]


async def refused(witness: Witness, email: str, password: str = "wrong") -> tuple[list[str], str]:
    witness.asked.clear()
    with pytest.raises(ProblemError) as caught:
        await sign_in(witness).with_password(Attempt(email=email, password=password), CAUSE)
    return list(witness.asked), f"{caught.value.status} {caught.value.code} {caught.value.detail}"


def expired() -> User:
    return replace(after([add(at=NOW - timedelta(days=8))]), password_hash="hash of right")


def disabled() -> User:
    return replace(KNOWN, status="absent")


async def test_a_wrong_password_and_an_unknown_address_take_the_same_work() -> None:
    witness = Witness({address_key(KNOWN.email): KNOWN})
    known = await refused(witness, KNOWN.email)
    unknown = await refused(witness, "nobody@mueller.example")
    assert known == unknown
    assert known[0] == ["find user", "change door", "check a password"]


@pytest.mark.parametrize("who", [expired, disabled])
async def test_who_may_not_sign_in_with_the_right_password_is_refused_alike(who: Callable[[], User]) -> None:
    witness = Witness({address_key(who().email): who()})
    assert await refused(witness, who().email, "right") == await refused(witness, "nobody@mueller.example")


async def test_a_closed_door_is_a_wrong_password_for_all_that_can_be_seen() -> None:
    witness = Witness({address_key(KNOWN.email): KNOWN})
    open_ = await refused(witness, KNOWN.email)
    for n in range(FREE + 1):
        await refused(witness, KNOWN.email, f"guess {n}")
    assert witness.states[DOOR.id(KNOWN.user_id)].strangers.closed_until
    assert await refused(witness, KNOWN.email, "right") == open_


async def test_a_hash_of_other_parameters_is_renewed_once_its_password_is_known() -> None:
    witness = Witness({address_key(KNOWN.email): KNOWN}, {USER.id(KNOWN.user_id): KNOWN}, old_hashes=True)
    await refused(witness, KNOWN.email)
    assert witness.states[USER.id(KNOWN.user_id)].password_hash == "hash of right"
    with contextlib.suppress(AttributeError):  # what comes after the password is another test's
        await sign_in(witness).with_password(Attempt(email=KNOWN.email, password="right"), CAUSE)
    assert witness.states[USER.id(KNOWN.user_id)].password_hash == "new hash of right"
