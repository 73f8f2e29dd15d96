"""Checks the current password of a signed-in user before an important change.

Wrong passwords count for the account lockout, as at sign-in: a stolen session gives no further guesses.
"""

import math

from chassis import Cause, ProblemError
from identity.credentials.fair_queue import Share
from identity.credentials.password_hashing import Passwords
from identity.domain.user.state import User
from identity.sign_in.lockouts import AccountLockouts


class OwnPassword:
    def __init__(self, passwords: Passwords, lockouts: AccountLockouts) -> None:
        self._passwords = passwords
        self._lockouts = lockouts

    async def need(
        self, user: User, given: str, cause: Cause, *, device: str | None = None, field: str = "current_password"
    ) -> None:
        """ProblemError 422 on ``field`` if it is wrong, 429 while the account is locked.

        ``device``: the device token of an earlier sign-in; wrong passwords from other devices do not lock it out.
        """
        attempted = await self._lockouts.count(user, user.email, given, device, cause)
        if not attempted.open:
            left = (attempted.until - cause.time).total_seconds() if attempted.until else 60
            detail = f"too many wrong passwords for this account; wait {math.ceil(left / 60)} minutes and try again"
            raise ProblemError(429, "too-many-attempts", detail, retry_after=max(1, math.ceil(left)))
        share = Share(user.user_id, known=attempted.known)
        if not await self._passwords.verify(user.password_hash, given, share):
            detail = "this is not your current password; after ten wrong ones the account is locked for some minutes"
            raise ProblemError(422, "wrong-password", detail, field=field)
        await self._lockouts.take_back(user, given, device, cause)
