"""Changes of a user's mail address: requests the mail to the new address, and confirms by its link."""

from dataclasses import replace
from datetime import timedelta

from chassis import Cause, Handler, MongoStore, RefusedError
from chassis.crypto import Sealer
from chassis.limits import MailBudgets
from identity.credentials.tokens import digest, opaque
from identity.documents import USER
from identity.domain.user.address.change import OVER, open_change
from identity.domain.user.commands import ConfirmAddressChange, RequestAddressChange
from identity.domain.user.state import User
from identity.people.senders import charge_one, inviter_of
from identity.settings import Settings

LINK_FOR = timedelta(hours=1)


class AddressChanges:
    def __init__(self, store: MongoStore, handler: Handler, settings: Settings, budgets: MailBudgets) -> None:
        self._store = store
        self._handler = handler
        self._budgets = budgets
        self._sealer = Sealer(settings.sealing_key_file)
        self._page = f"{settings.public_url.rstrip('/')}/change-address"

    async def request(self, user: User, email: str, cause: Cause) -> dict[str, str]:
        """Have a link mailed to the new address; returns headers. Only the mail says whether the address is in use.

        ProblemError 429 if organization, user or addressee have no mails left today.
        """
        secret = opaque()
        command = RequestAddressChange(
            email=email,
            token_hash=digest(secret),
            sealed_link=self._sealer.seal(f"{self._page}?token={user.user_id}.{secret}&lang={user.culture}"),
            at=cause.time,
            expires_at=cause.time + LINK_FOR,
        )
        id, headers = USER.id(user.user_id), dict[str, str]()
        if await self._handler.would_change(USER, id, command, cause):
            inviter = await inviter_of(self._store, user)
            headers = await charge_one(self._budgets, inviter, cause, email, "address-change")
        await self._handler.handle(USER, id, command, cause)
        return headers

    async def wanted(self, token: str, cause: Cause) -> str | None:
        """The new address that the link confirms. Changes nothing, because mail scanners open links."""
        user, token_hash = await self._find(token)
        change = open_change(user, token_hash, cause.time) if user else None
        return change.email if change else None

    async def confirm(self, token: str, cause: Cause) -> None:
        """RefusedError if the link is not valid, TakenError if another user has the address."""
        user, token_hash = await self._find(token)
        if user is None:
            raise RefusedError(OVER)
        own = replace(cause, actor=f"user:{user.user_id}")
        await self._handler.handle(USER, USER.id(user.user_id), ConfirmAddressChange(token_hash, cause.time), own)

    async def _find(self, token: str) -> tuple[User | None, str]:
        user_id, _, secret = token.partition(".")
        if not user_id or not secret:
            return None, ""
        return await self._store.get(USER, USER.id(user_id)), digest(secret)
