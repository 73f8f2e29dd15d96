"""A fair queue: no client can fill it for the others. Slots are shared by network and by account.

Fair queueing by virtual time: the next slot goes to the network with the least service so far, and within it to the account
with the least. Requests for one account from many networks count as one share. When the queue is full, the network or
account with the most waiting requests loses its newest one. Known devices come first, except for every fourth slot.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

KNOWN_AT_ONCE = 2
"""Requests of one account that come first. A known device with more waits with unknown devices."""
STRANGERS_TURN = 4
"""Every fourth slot goes to an unknown device, if one waits. So stolen accounts cannot keep all others out."""


class QueueFullError(Exception):
    """The queue has no place for this request, or dropped it for another."""


@dataclass(frozen=True, slots=True)
class Share:
    """The account and network of a request. Empty: not known."""

    account: str = ""
    network: str = ""
    known: bool = False

    @property
    def names(self) -> list[str]:
        return [f"{kind}:{name}" for kind, name in (("network", self.network), ("account", self.account)) if name]


@dataclass(eq=False, slots=True)
class _Waiting:
    share: Share
    known: bool
    turn: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class FairQueue:
    """``abreast`` requests run at a time, and at most ``most`` wait. For one event loop."""

    def __init__(self, *, abreast: int, most: int) -> None:
        self._free = abreast
        self._most = most
        self._waiting: list[_Waiting] = []
        self._turns = 0
        self._clock = 0.0
        self._ends: dict[str, float] = {}
        """By network and account: the virtual time up to which it has been served."""

    @asynccontextmanager
    async def turn(self, share: Share) -> AsyncIterator[None]:
        """Wait for a slot and hold it inside the block. Raises QueueFullError."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(share)
        try:
            yield
        finally:
            self._next()

    async def _wait(self, share: Share) -> None:
        ahead = sum(1 for each in self._waiting if each.share.account == share.account)
        me = _Waiting(share, known=share.known and ahead < KNOWN_AT_ONCE)
        self._drop_cancelled()
        if len(self._waiting) >= self._most:
            self._make_room(me)
        self._waiting.append(me)
        try:
            await me.turn
        except asyncio.CancelledError:
            if me in self._waiting:
                self._waiting.remove(me)
            elif me.turn.done() and not me.turn.cancelled() and me.turn.exception() is None:
                self._next()
            raise

    def _make_room(self, newcomer: _Waiting) -> None:
        """Drop the newest request of the largest share, unknown devices first. If that is the newcomer, raise QueueFullError."""
        counts = Counter(name for each in (*self._waiting, newcomer) for name in each.share.names)

        def burden(each: _Waiting) -> tuple[bool, int, int]:
            most = max((counts[name] for name in each.share.names), default=len(self._waiting))
            return not each.known, most, counts[f"account:{each.share.account}"]

        # Reversed, because max returns the first of equals and the newest is to go.
        out = max(reversed(self._waiting), key=burden, default=newcomer)
        if out is newcomer or burden(out) <= burden(newcomer):
            raise QueueFullError
        self._waiting.remove(out)
        out.turn.set_exception(QueueFullError())

    def _drop_cancelled(self) -> None:
        """A slot given to a cancelled task would be lost."""
        self._waiting = [each for each in self._waiting if not each.turn.done()]

    def _next(self) -> None:
        self._drop_cancelled()
        if not self._waiting:
            self._free += 1
            self._ends.clear()
            return
        self._turns += 1
        known_first = self._turns % STRANGERS_TURN != 0
        # min returns the first of equals, which came first.
        chosen = min(self._waiting, key=lambda each: (each.known != known_first, *self._had(each.share)))
        self._clock = max(self._clock, min(self._had(each.share)[0] for each in self._waiting))
        end = self._had(chosen.share)[0] + 1
        self._ends.update(dict.fromkeys(chosen.share.names, end))
        self._ends = {name: end for name, end in self._ends.items() if end > self._clock}
        self._waiting.remove(chosen)
        chosen.turn.set_result(None)

    def _had(self, share: Share) -> tuple[float, float]:
        """Service so far: the larger of network and account; then the account, to order requests of one network."""
        most = max((self._ends.get(name, 0.0) for name in share.names), default=0.0)
        account = self._ends.get(f"account:{share.account}", 0.0)
        return max(self._clock, most), max(self._clock, account)
