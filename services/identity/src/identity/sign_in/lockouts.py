"""The lockout of accounts after wrong passwords; the chassis has the rules."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from chassis import Cause, Chassis, KeyedHash, Lockouts
from identity.credentials.password_policy import normal
from identity.credentials.tokens import opaque
from identity.documents import DOOR
from identity.domain.user.state import User
from kontor_contracts.addresses import address_key

DOORS_OF_NOBODY = 4096
"""Addresses without a user share so many documents, or guessers could fill the database with them."""


@dataclass(frozen=True, slots=True)
class Knocked:
    """``known``: from a device that has signed in before. ``until``: how long a lockout lasts that stops this attempt."""

    key: str
    open: bool
    known: bool
    until: datetime | None


class Doors:
    def __init__(self, chassis: Chassis, hashes: KeyedHash) -> None:
        self._lockouts = Lockouts(chassis.handler, chassis.store, DOOR, hashes)

    async def knock(self, user: User | None, email: str, password: str, device: str | None, cause: Cause) -> Knocked:
        """Count this attempt. Not open: the account is locked, whatever the password is worth. The same work either way."""
        key = user.user_id if user else _nobody(email)
        attempt = await self._lockouts.count(key, normal(password), device, cause)
        return Knocked(key, open=attempt.open, known=attempt.known, until=attempt.until)

    async def take_back(self, user: User, password: str, device: str | None, cause: Cause) -> None:
        """The password that was counted last is right. Other attempts stay counted."""
        await self._lockouts.take_back(user.user_id, normal(password), device, cause)

    async def enter(self, user: User, device: str | None, cause: Cause) -> str:
        """The password was right: no guess is counted any more. The device token, a new one for a new device."""
        token = device if device and await self._lockouts.knows(user.user_id, device) else opaque()
        await self._lockouts.succeed(user.user_id, token, cause)
        return token


def _nobody(email: str) -> str:
    number = int.from_bytes(hashlib.blake2b(address_key(email).encode(), digest_size=8).digest())
    return f"nobody-{number % DOORS_OF_NOBODY}"
