"""Hashes passwords in threads behind a bounded queue, and makes temporary passwords."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from pydantic import StringConstraints

from chassis import ProblemError, client_network
from identity.credentials.fair_queue import FairQueue, QueueFullError, Share
from identity.credentials.password_policy import Owner, fault, normal

T = TypeVar("T")

Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
"""A password in a request. The bound limits the work; ``choose`` judges its quality."""

RETRY_AFTER = 2
"""Seconds. A full queue empties in less."""
NOBODY = Share()

PASSES = 2
LANES = 1

UNAMBIGUOUS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without characters that are easily confused: 0, O and o; 1, l and I."""

TEMPORARY_LENGTH = 20

BUSY: dict[int | str, dict[str, Any]] = {
    429: {
        "description": "Too many passwords to check at once, or too many wrong ones for this account. See Retry-After."
    }
}
"""The OpenAPI response of a route that checks or hashes a password."""


class Passwords:
    """Argon2id (RFC 9106, the OWASP minimum) in as many threads as there are cores, behind a bounded queue.

    Slots are shared by network and account (`identity.credentials.fair_queue`). Every method may raise ProblemError 429
    when the queue is full.
    """

    def __init__(self, *, threads: int, queue: int, memory: int = 19 * 1024) -> None:
        """``memory`` in KiB."""
        self._argon2 = PasswordHasher(time_cost=PASSES, memory_cost=memory, parallelism=LANES)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._queue = FairQueue(abreast=threads, most=queue)
        self._nobodys = self._argon2.hash(secrets.token_urlsafe(32))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._argon2.hash(normal(password)))

    async def choose(self, password: str, owner: Owner, *, field: str, last: str | None = None) -> str:
        """Hash a new password. ProblemError 422 on ``field`` if it is too weak."""
        if found := await self._run(lambda: fault(password, owner, last)):
            raise ProblemError(422, found.code, found.detail, field=field)
        return await self.hash(password)

    async def verify(self, hash: str | None, password: str, share: Share = NOBODY) -> bool:
        """Whether the password has this hash. ``hash`` None (no such user) returns False after the same work."""
        return await self._run(lambda: self._matches(hash or self._nobodys, password), share) and hash is not None

    def outdated(self, hash: str) -> bool:
        """Whether the hash was made with other parameters, so that checking it takes a different time."""
        return self._argon2.check_needs_rehash(hash)

    def _matches(self, hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(hash, normal(password))
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T], share: Share = NOBODY) -> T:
        try:
            async with self._queue.turn(replace(share, network=client_network())):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except QueueFullError:
            detail = f"too many passwords to check at this moment; try again in {RETRY_AFTER} seconds"
            raise ProblemError(429, "busy", detail, retry_after=RETRY_AFTER) from None


def temporary_password() -> str:
    """20 random characters, about 116 bits, without characters that are easily confused."""
    return "".join(secrets.choice(UNAMBIGUOUS) for _ in range(TEMPORARY_LENGTH))
