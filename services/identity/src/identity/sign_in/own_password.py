"""The current password of a signed-in user, asked for again before something important changes.

Wrong ones count at the account's lockout, as at a sign-in: a stolen session gives nobody more guesses.
"""

import math

from chassis import Cause, ProblemError
from identity.credentials.fair_queue import Share
from identity.credentials.password_hashing import Passwords
from identity.domain.user.state import User
from identity.sign_in.lockouts import Doors


class OwnPassword:
    def __init__(self, passwords: Passwords, doors: Doors) -> None:
        self._passwords = passwords
        self._doors = doors

    async def need(
        self, user: User, given: str, cause: Cause, *, device: str | None = None, field: str = "current_password"
    ) -> None:
        """ProblemError 422 on ``field`` where it is wrong, 429 where there were too many wrong ones.

        ``device``: the device token of an earlier sign-in, where strangers who guess do not lock the user out.
        """
        knocked = await self._doors.knock(user, user.email, given, device, cause)
        if not knocked.open:
            left = (knocked.until - cause.time).total_seconds() if knocked.until else 60
            detail = f"too many wrong passwords for this account; wait {math.ceil(left / 60)} minutes and try again"
            raise ProblemError(429, "too-many-attempts", detail, retry_after=max(1, math.ceil(left)))
        share = Share(user.user_id, known=knocked.known)
        if not await self._passwords.verify(user.password_hash, given, share):
            detail = "this is not your password at present; after ten wrong ones the account is locked for some minutes"
            raise ProblemError(422, "wrong-password", detail, field=field)
        await self._doors.take_back(user, given, device, cause)
