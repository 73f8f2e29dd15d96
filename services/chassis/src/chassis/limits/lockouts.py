"""Counts attempts with a secret, in one document per account; `chassis.limits.lockout` has the rules."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Aggregate, Cause
from chassis.crypto.keyed_hash import KeyedHash
from chassis.errors import RefusedError
from chassis.limits.lockout import Command, CountAttempt, LockedOut, Lockout, Succeed, TakeBack, decide, evolve
from chassis.mongo.store import MongoStore


def lockout_aggregate(kind: str) -> Aggregate[Lockout, Command]:
    return Aggregate(kind, initial=Lockout(), decide=decide, evolve=evolve)


@dataclass(frozen=True, slots=True)
class Attempt:
    """``known``: who tries has succeeded before. ``until``: how long a lockout lasts that stops this attempt."""

    open: bool
    known: bool = False
    until: datetime | None = None


class Lockouts:
    """``hashes`` makes the marks of secrets: to find secrets of one mark, or a secret by its mark, takes the key of them."""

    def __init__(
        self, handler: Handler, store: MongoStore, aggregate: Aggregate[Lockout, Command], hashes: KeyedHash
    ) -> None:
        self._handler = handler
        self._store = store
        self._aggregate = aggregate
        self._hashes = hashes

    async def count(self, key: str, secret: str, device: str | None, cause: Cause) -> Attempt:
        """Count this attempt before its secret is checked. ``device``: what is known of who tries, a token or an id."""
        attempt = CountAttempt(mark=self.mark(key, secret), device=_shown(device), at=cause.time)
        try:
            outcome = await self._handle(key, attempt, cause)
        except RefusedError as error:
            until = error.refusal.until if isinstance(error.refusal, LockedOut) else None
            return Attempt(open=False, until=until)
        return Attempt(open=True, known=outcome.knows(attempt.device))

    async def take_back(self, key: str, secret: str, device: str | None, cause: Cause) -> None:
        """The secret that was counted is right. Other attempts stay counted."""
        await self._handle(key, TakeBack(self.mark(key, secret), _shown(device)), cause)

    async def succeed(self, key: str, device: str, cause: Cause) -> None:
        """The secret is right: what was tried with this device, or without any, is forgiven. The device is known from now on."""
        await self._handle(key, Succeed(_hash(device)), cause)

    async def knows(self, key: str, device: str) -> bool:
        found = await self._store.get(self._aggregate, self._aggregate.id(key))
        return found is not None and found.knows(_hash(device))

    def mark(self, key: str, secret: str) -> str:
        return self._hashes.of(f"wrong-secret:{self._aggregate.kind}", key, secret)

    async def _handle(self, key: str, command: Command, cause: Cause) -> Lockout:
        # Never by an Idempotency-Key: each attempt counts.
        outcome = await self._handler.handle(
            self._aggregate, self._aggregate.id(key), command, replace(cause, key=None)
        )
        return outcome.state


def _shown(device: str | None) -> str | None:
    return _hash(device) if device else None


def _hash(device: str) -> str:
    return hashlib.sha256(device.encode()).hexdigest()
