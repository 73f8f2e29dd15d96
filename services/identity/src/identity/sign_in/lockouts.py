"""Account lockout: see identity.domain.lockout for the rules."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from chassis import Cause, Chassis, KeyedHash, RefusedError
from identity.credentials.password_policy import normal
from identity.credentials.tokens import digest, opaque
from identity.documents import DOOR
from identity.domain.lockout import DoorRefused, Enter, Knock, TakeBack
from identity.domain.user.state import User
from kontor_contracts.addresses import address_key

DOORS_OF_NOBODY = 4096
"""Addresses without a user share so many doors, or guessers could fill the database with them."""
MARK = "wrong-password"


@dataclass(frozen=True, slots=True)
class Knocked:
    """``known``: from a device that has signed in before. ``until``: how long a closed door stays so."""

    key: str
    open: bool
    known: bool = False
    until: datetime | None = None


class Doors:
    """``hashes`` makes the marks of passwords: to find passwords of one mark, or passwords by their marks, takes its secret."""

    def __init__(self, chassis: Chassis, hashes: KeyedHash) -> None:
        self._chassis = chassis
        self._hashes = hashes

    async def knock(self, user: User | None, email: str, password: str, device: str | None, cause: Cause) -> Knocked:
        """Count this attempt. Not open: the account is locked, whatever the password is worth. One write either way."""
        key = user.user_id if user else _nobody(email)
        shown = digest(device) if device else None
        knock = Knock(mark=self._mark(key, password), device=shown, at=cause.time)
        try:
            outcome = await self._chassis.handler.handle(DOOR, DOOR.id(key), knock, replace(cause, key=None))
        except RefusedError as error:
            until = error.refusal.until if isinstance(error.refusal, DoorRefused) else None
            return Knocked(key, open=False, until=until)
        return Knocked(key, open=True, known=outcome.state.knows(shown))

    async def take_back(self, user: User, password: str, device: str | None, cause: Cause) -> None:
        """The password that was counted last is right. Other attempts stay counted."""
        command = TakeBack(self._mark(user.user_id, password), digest(device) if device else None)
        await self._chassis.handler.handle(DOOR, DOOR.id(user.user_id), command, replace(cause, key=None))

    async def enter(self, user: User, device: str | None, cause: Cause) -> str:
        """The password was right: no guess is counted any more. The device token, a new one for a new device."""
        door = await self._chassis.store.get(DOOR, DOOR.id(user.user_id))
        token = device if device and door and door.knows(digest(device)) else opaque()
        enter = Enter(digest(token))
        await self._chassis.handler.handle(DOOR, DOOR.id(user.user_id), enter, replace(cause, key=None))
        return token

    def _mark(self, key: str, password: str) -> str:
        return self._hashes.of(MARK, key, normal(password))


def _nobody(email: str) -> str:
    number = int.from_bytes(hashlib.blake2b(address_key(email).encode(), digest_size=8).digest())
    return f"nobody-{number % DOORS_OF_NOBODY}"
