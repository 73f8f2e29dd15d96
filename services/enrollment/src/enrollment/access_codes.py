"""Access codes of membership accounts: how they are stored, and how often one may be wrong.

A leaked database does not give them away, however short the registry made them: the hash is keyed with a secret that is not
in it. Wrong codes count at the account, as passwords do at a sign-in, and at the organization that asks, or one could try a
few codes at each of many accounts.
"""

import math
from collections.abc import Iterable
from dataclasses import replace

from chassis import Cause, Chassis, KeyedHash, Lockouts, ProblemError, derived_id
from enrollment.credentials import digest
from enrollment.documents import LOCKOUT, PROFILE
from enrollment.domain.profile import RegistryEntry, RehashAccessCode

PURPOSE = "access-code"
BARE_LENGTH = 64
"""Hexadecimal digits of SHA-256: how codes were stored before there were keyed hashes."""
UNKNOWN_ACCOUNTS = 1024
"""Accounts that the registry does not have share so many documents, or guessers could fill the database with them."""
PAGE = 200


class AccessCodes:
    def __init__(self, chassis: Chassis, hashes: KeyedHash) -> None:
        self._chassis = chassis
        self._hashes = hashes
        self._lockouts = Lockouts(chassis.handler, chassis.store, LOCKOUT, hashes)

    def keyed(self, entry: RegistryEntry) -> RegistryEntry:
        """The entry with its bare hash inside of a keyed one."""
        if len(entry.access_code_hash) != BARE_LENGTH:
            return entry
        return replace(
            entry, access_code_hash=self._hashes.of(PURPOSE, entry.membership_account, entry.access_code_hash)
        )

    def opened(self, account: str, entries: Iterable[RegistryEntry], code: str) -> list[RegistryEntry]:
        """Those of the account's entries whose code this is."""
        bare = digest(code)
        # The bare hash: until `migrate` has been there.
        stored = {*self._hashes.every(PURPOSE, account, bare), bare}
        return [entry for entry in entries if entry.access_code_hash in stored]

    async def count(self, account: str, code: str, organization_id: str, cause: Cause, *, known: bool) -> None:
        """Count an attempt before the code is checked. ProblemError 429 where there were too many wrong ones."""
        for key, secret in self._keys(account, code, organization_id, known=known):
            attempt = await self._lockouts.count(key, secret, organization_id, cause)
            if not attempt.open:
                left = (attempt.until - cause.time).total_seconds() if attempt.until else 60
                detail = f"too many wrong access codes; wait {math.ceil(left / 60)} minutes and try again"
                raise ProblemError(429, "too-many-attempts", detail, retry_after=max(1, math.ceil(left)))

    async def succeed(self, account: str, code: str, organization_id: str, cause: Cause) -> None:
        """The code was right: the organization is known to the account from now on, and strangers do not lock it out."""
        (key, _), (own, secret) = self._keys(account, code, organization_id, known=True)
        await self._lockouts.succeed(key, organization_id, cause)
        await self._lockouts.take_back(own, secret, None, cause)

    def _keys(self, account: str, code: str, organization_id: str, *, known: bool) -> tuple[tuple[str, str], ...]:
        of_account = derived_id("membership-account", account)
        if not known:
            of_account = f"unknown-{int(of_account[:8], 16) % UNKNOWN_ACCOUNTS}"
        return (of_account, code), (derived_id("membership-caller", organization_id), f"{account} {code}")

    async def wrap_stored(self, cause: Cause) -> None:
        """Put the keyed hash around bare ones that are stored still. Idempotent; codes stay good."""
        after: str | None = None
        while found := await self._chassis.store.find(PROFILE, {}, limit=PAGE, after=after):
            for id, profile in found:
                if profile.entry and (again := self.keyed(profile.entry)) != profile.entry:
                    command = RehashAccessCode(profile.entry.access_code_hash, again.access_code_hash)
                    await self._chassis.handler.handle(PROFILE, id, command, cause)
            after = found[-1][0]
