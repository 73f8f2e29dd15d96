"""Password resets by mail: requests a link and redeems it."""

from dataclasses import replace
from datetime import timedelta

from chassis import Cause, Handler, MailBudgets, MongoStore, ProblemError, RefusedError, Sealer
from identity.credentials.password_hashing import Passwords
from identity.credentials.password_policy import Owner
from identity.credentials.tokens import digest, opaque
from identity.documents import USER
from identity.domain.user.commands import RedeemReset, RequestReset
from identity.domain.user.events import LINK_OVER
from identity.domain.user.password import usable
from identity.domain.user.state import User
from identity.people.lookup import profile_of, user_by_email, user_by_id
from identity.settings import Settings
from identity.sign_in.lockouts import AccountLockouts


class Resets:
    def __init__(
        self,
        store: MongoStore,
        handler: Handler,
        settings: Settings,
        *,
        passwords: Passwords,
        lockouts: AccountLockouts,
        budgets: MailBudgets,
    ) -> None:
        self._store = store
        self._handler = handler
        self._passwords = passwords
        self._lockouts = lockouts
        self._budgets = budgets
        self._sealer = Sealer(settings.sealing_key_file)
        self._page = f"{settings.public_url.rstrip('/')}/reset-password"
        self._lifetime = timedelta(seconds=settings.reset_lifetime)

    async def request(self, email: str, cause: Cause) -> None:
        """Have a link mailed, if a user has the address. The work is the same if none has: two writes.

        ProblemError 429 if the address got enough such mails today, known or not.
        """
        await self._budgets.by_addressee(cause, email=email, purpose="reset")
        user = await user_by_email(self._store, email)
        secret = opaque()
        owner = user.user_id if user else "nobody"
        language = f"&lang={user.culture}" if user else ""
        request = RequestReset(
            token_hash=digest(secret),
            sealed_link=self._sealer.seal(f"{self._page}?token={owner}.{secret}{language}"),
            at=cause.time,
            expires_at=cause.time + self._lifetime,
        )
        if user is not None:
            outcome = await self._handler.handle(USER, USER.id(user.user_id), request, cause)
            if outcome.status == "applied":
                return
        await self._lockouts.count(None, email, secret, None, cause)

    async def look(self, token: str, cause: Cause) -> bool:
        """Whether the link is valid. Changes nothing, because mail scanners open links."""
        user, command = await self._find(token, cause)
        return user is not None and usable(user, command)

    async def redeem(self, token: str, new_password: str, cause: Cause) -> str:
        """Set the password, end all sessions and any lockout. Returns a device token.

        A link works once; further uses and invalid links get RefusedError ``reset-link-over``. ProblemError 422 on
        ``new_password`` if it is too weak; the link stays valid then.
        """
        user, command = await self._find(token, cause)
        if user is None:
            raise RefusedError(LINK_OVER)
        # Before the hashing, so that invalid links cost no hash.
        if not usable(user, command):
            # RefusedError, except for the repetition of a request whose answer was lost.
            await self._handler.handle(USER, USER.id(user.user_id), command, cause)
            return await self._lockouts.succeed(user, None, cause)
        if await self._passwords.verify(user.password_hash, new_password):
            detail = "choose a password that differs from the last one"
            raise ProblemError(422, "password-reused", detail, field="new_password")
        owner = Owner(user.email, user.full_name, profile_of(user).name)
        chosen = await self._passwords.choose(new_password, owner, field="new_password")
        redeem = replace(command, password_hash=chosen)
        await self._handler.handle(USER, USER.id(user.user_id), redeem, cause)
        return await self._lockouts.succeed(user, None, cause)

    async def _find(self, token: str, cause: Cause) -> tuple[User | None, RedeemReset]:
        user_id, _, secret = token.partition(".")
        found = await user_by_id(self._store, user_id) if user_id and secret else None
        return (found[0] if found else None), RedeemReset(token_hash=digest(secret), password_hash="", at=cause.time)
