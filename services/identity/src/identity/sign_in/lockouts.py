"""Account lockout with exponential back-off, after wrong passwords. The chassis has the rules."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from chassis import Cause, Handler, MongoStore
from chassis.crypto import KeyedHash
from chassis.limits import Lockouts
from identity.credentials.password_policy import normal
from identity.credentials.tokens import opaque
from identity.documents import DOOR
from identity.domain.user.state import User
from kontor_contracts.addresses import address_key

UNKNOWN_ADDRESS_DOCUMENTS = 4096
"""Documents shared by all addresses without a user, so that guessing cannot fill the database."""


@dataclass(frozen=True, slots=True)
class CountedAttempt:
    """A counted attempt. ``known``: from a device that has signed in before. ``until``: the end of the lockout, if locked."""

    key: str
    open: bool
    known: bool
    until: datetime | None


class AccountLockouts:
    def __init__(self, store: MongoStore, handler: Handler, hashes: KeyedHash) -> None:
        self._lockouts = Lockouts(handler, store, DOOR, hashes)

    async def count(
        self, user: User | None, email: str, password: str, device: str | None, cause: Cause
    ) -> CountedAttempt:
        """Count an attempt. ``open`` false: the account is locked, also for the right password. The work is always the same."""
        key = user.user_id if user else _nobody(email)
        attempt = await self._lockouts.count(key, normal(password), device, cause)
        return CountedAttempt(key, open=attempt.open, known=attempt.known, until=attempt.until)

    async def take_back(self, user: User, password: str, device: str | None, cause: Cause) -> None:
        """Uncount the last attempt, whose password was right. Other attempts stay counted."""
        await self._lockouts.take_back(user.user_id, normal(password), device, cause)

    async def succeed(self, user: User, device: str | None, cause: Cause) -> str:
        """The password was right: reset the counter. Returns the device token, a new one for a new device."""
        token = device if device and await self._lockouts.knows(user.user_id, device) else opaque()
        await self._lockouts.succeed(user.user_id, token, cause)
        return token


def _nobody(email: str) -> str:
    number = int.from_bytes(hashlib.blake2b(address_key(email).encode(), digest_size=8).digest())
    return f"nobody-{number % UNKNOWN_ADDRESS_DOCUMENTS}"
