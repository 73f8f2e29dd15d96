"""Knocking at an account's door: see domain_door for the rules."""

import hashlib
from dataclasses import replace

from chassis import Cause, Chassis, RefusedError
from identity.credentials.password_policy import normal
from identity.credentials.tokens import digest, opaque
from identity.documents import DOOR
from identity.domain.lockout import Enter, Knock
from identity.domain.user.state import User
from kontor_contracts.addresses import address_key

DOORS_OF_NOBODY = 4096
"""Addresses without a user share so many doors, or guessers could fill the database with them."""
MARK_BYTES = 2


class Doors:
    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis

    async def knock(self, user: User | None, email: str, password: str, device: str | None, cause: Cause) -> bool:
        """Count this attempt. False: the door is closed, whatever the password is worth. One write either way."""
        key = user.user_id if user else _nobody(email)
        mark = hashlib.blake2b(normal(password).encode(), digest_size=MARK_BYTES, key=key.encode()[:64]).hexdigest()
        knock = Knock(mark=mark, device=digest(device) if device else None, at=cause.time)
        try:
            await self._chassis.handler.handle(DOOR, DOOR.id(key), knock, replace(cause, key=None))
        except RefusedError:
            return False
        return True

    async def enter(self, user: User, device: str | None, cause: Cause) -> str:
        """The password was right: no guess is counted any more. The device token, a new one for a new device."""
        door = await self._chassis.store.get(DOOR, DOOR.id(user.user_id))
        token = device if device and door and door.knows(digest(device)) else opaque()
        enter = Enter(digest(token))
        await self._chassis.handler.handle(DOOR, DOOR.id(user.user_id), enter, replace(cause, key=None))
        return token


def _nobody(email: str) -> str:
    number = int.from_bytes(hashlib.blake2b(address_key(email).encode(), digest_size=8).digest())
    return f"nobody-{number % DOORS_OF_NOBODY}"
