"""Access codes of membership accounts: how they are stored, and how often one may be wrong.

The hash is keyed with a secret that is not in the database, so a leaked database does not reveal even short codes. Wrong
codes count for the account, as passwords do at a sign-in. They also count for the organization that tries them, so that it
cannot try a few codes at each of many accounts.
"""

import math
from collections.abc import Iterable
from dataclasses import replace

from chassis import Cause, Handler, MongoStore, ProblemError, derived_id
from chassis.crypto import KeyedHash
from chassis.http.pages import token_hash
from chassis.limits import Lockouts
from enrollment.documents import LOCKOUT, PROFILE
from enrollment.domain.profile import NO_CODE, RegistryEntry, RehashAccessCode

PURPOSE = "access-code"
BARE_LENGTH = 64
"""Hexadecimal digits of SHA-256. Older releases stored this bare hash."""
UNKNOWN_ACCOUNTS = 1024
"""Documents that unknown accounts share, so that guesses cannot fill the database."""


class AccessCodes:
    def __init__(self, store: MongoStore, handler: Handler, hashes: KeyedHash) -> None:
        self._store = store
        self._handler = handler
        self._hashes = hashes
        self._lockouts = Lockouts(handler, store, LOCKOUT, hashes)

    def keyed(self, entry: RegistryEntry) -> RegistryEntry:
        """The entry with a keyed hash of its bare hash."""
        if len(entry.access_code_hash) != BARE_LENGTH:
            return entry
        return replace(
            entry, access_code_hash=self._hashes.of(PURPOSE, entry.membership_account, entry.access_code_hash)
        )

    def opened(self, account: str, entries: Iterable[RegistryEntry], code: str) -> list[RegistryEntry]:
        """The account's entries that have this code."""
        bare = token_hash(code)
        # Bare hashes exist until `migrate` has run.
        stored = {*self._hashes.every(PURPOSE, account, bare), bare}
        return [entry for entry in entries if entry.access_code_hash != NO_CODE and entry.access_code_hash in stored]

    async def count(self, account: str, code: str, organization_id: str, cause: Cause, *, known: bool) -> None:
        """Counts an attempt before the code is checked. Raises ProblemError 429 after too many wrong ones."""
        for key, secret in self._keys(account, code, organization_id, known=known):
            attempt = await self._lockouts.count(key, secret, organization_id, cause)
            if not attempt.open:
                left = (attempt.until - cause.time).total_seconds() if attempt.until else 60
                detail = f"too many wrong access codes; wait {math.ceil(left / 60)} minutes and try again"
                raise ProblemError(429, "too-many-attempts", detail, retry_after=max(1, math.ceil(left)))

    async def succeed(self, account: str, code: str, organization_id: str, cause: Cause) -> None:
        """The code was right. The account now knows the organization, so others cannot lock it out."""
        (key, _), (own, secret) = self._keys(account, code, organization_id, known=True)
        await self._lockouts.succeed(key, organization_id, cause)
        await self._lockouts.take_back(own, secret, None, cause)

    def _keys(self, account: str, code: str, organization_id: str, *, known: bool) -> tuple[tuple[str, str], ...]:
        of_account = derived_id("membership-account", account)
        if not known:
            of_account = f"unknown-{int(of_account[:8], 16) % UNKNOWN_ACCOUNTS}"
        return (of_account, code), (derived_id("membership-caller", organization_id), f"{account} {code}")

    async def wrap_stored(self, cause: Cause) -> None:
        """Replaces stored bare hashes by keyed ones. Idempotent; the codes stay valid."""
        async for id, profile in self._store.find_all(PROFILE, {}):
            if profile.entry and (again := self.keyed(profile.entry)) != profile.entry:
                command = RehashAccessCode(profile.entry.access_code_hash, again.access_code_hash)
                await self._handler.handle(PROFILE, id, command, cause)
