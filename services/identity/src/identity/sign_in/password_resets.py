"""Password resets by mail: requests a link and redeems it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chassis import Cause, Handler, MongoStore, ProblemError, RefusedError
from chassis.crypto import Sealer
from chassis.limits import MailBudgets
from identity.credentials.password_hashing import Passwords
from identity.credentials.password_policy import Owner
from identity.credentials.tokens import digest, opaque
from identity.documents import FACTOR, USER
from identity.domain.user.access.password import proof_time, usable
from identity.domain.user.commands import RedeemReset, RequestReset
from identity.domain.user.events import LINK_OVER
from identity.domain.user.state import User
from identity.people.lookup import profile_of, user_by_email, user_by_id
from identity.settings import Settings
from identity.sign_in.lockouts import AccountLockouts


@dataclass(frozen=True, slots=True)
class Redemption:
    """``remove_unproved_factor``: turn off a second factor that was set up before the user's address was proved."""

    token: str
    new_password: str
    remove_unproved_factor: bool = False


@dataclass(frozen=True, slots=True)
class LinkLook:
    """``unproved_factor``: the user has a second factor that the redemption can remove."""

    usable: bool
    unproved_factor: bool = False


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
        """Have the link mailed, where there is such a user. The work is the same where there is none.

        ProblemError 429 where the client's network has had enough such mails sent to the address today, whether it is known
        or not. Whatever others ask for, the owner has a good link in the mailbox, or gets one.
        """
        await self._budgets.by_network(cause, email=email, purpose="reset")
        sparing = await self._budgets.addressee_spent(cause, email=email, purpose="reset")
        user = await user_by_email(self._store, email)
        secret = opaque()
        owner = user.user_id if user else "nobody"
        language = f"&lang={user.culture}" if user else ""
        request = RequestReset(
            token_hash=digest(secret),
            sealed_link=self._sealer.seal(f"{self._page}?token={owner}.{secret}{language}"),
            at=cause.time,
            expires_at=cause.time + self._lifetime,
            sparing=sparing,
        )
        if user is not None:
            outcome = await self._handler.handle(USER, USER.id(user.user_id), request, cause)
            if outcome.status == "applied":
                return
        await self._lockouts.count(None, email, secret, None, cause)

    async def look(self, token: str, cause: Cause) -> LinkLook:
        """What the link can be used for. Changes nothing: mail scanners open links, too."""
        user, command = await self._find(token, cause)
        if user is None or not usable(user, command):
            return LinkLook(usable=False)
        factor = await self._store.get(FACTOR, FACTOR.id(user.user_id))
        if factor is None or factor.status != "active":
            return LinkLook(usable=True)
        return LinkLook(usable=True, unproved_factor=factor.predates(proof_time(user, cause.time)))

    async def redeem(self, wanted: Redemption, cause: Cause) -> str:
        """Set the password, end all sessions, end a lockout. A device token. The factor is removed by what follows the event.

        A link works once; further uses and invalid links get RefusedError ``reset-link-over``. ProblemError 422 on
        ``new_password`` if it is too weak; the link stays valid then.
        """
        user, command = await self._find(wanted.token, cause)
        if user is None:
            raise RefusedError(LINK_OVER)
        # Before the hashing, so that invalid links cost no hash.
        if not usable(user, command):
            # RefusedError, but for the repetition of a request whose answer was lost.
            await self._handler.handle(USER, USER.id(user.user_id), command, cause)
            return await self._lockouts.succeed(user, None, cause)
        if await self._passwords.verify(user.password_hash, wanted.new_password):
            detail = "choose another password than the last one"
            raise ProblemError(422, "password-reused", detail, field="new_password")
        owner = Owner(user.email, user.full_name, profile_of(user).name)
        chosen = await self._passwords.choose(wanted.new_password, owner, field="new_password")
        redeem = replace(command, password_hash=chosen, remove_unproved_factor=wanted.remove_unproved_factor)
        await self._handler.handle(USER, USER.id(user.user_id), redeem, cause)
        return await self._lockouts.succeed(user, None, cause)

    async def _find(self, token: str, cause: Cause) -> tuple[User | None, RedeemReset]:
        user_id, _, secret = token.partition(".")
        found = await user_by_id(self._store, user_id) if user_id and secret else None
        return (found[0] if found else None), RedeemReset(token_hash=digest(secret), password_hash="", at=cause.time)
