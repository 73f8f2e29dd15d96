"""Second factors as requests use them: secrets are opened here, and nowhere stored in the clear."""

import base64
from datetime import timedelta

from chassis import Cause, Chassis, KeyedHash, ProblemError, Sealer
from identity.credentials import totp
from identity.documents import FACTOR
from identity.domain.second_factor import (
    WITHHELD,
    BeginFactor,
    CodeCounted,
    CodeWrong,
    Command,
    ConfirmFactor,
    Factor,
    NoteSignIn,
    RehashRecovery,
    RenewRecovery,
    Told,
    TurnOff,
    UseCode,
)
from identity.domain.user.state import User
from identity.people.lookup import profile_of
from identity.settings import Settings
from kontor_contracts.values import Recipient

RECOVERY = "recovery-code"
PAGE = 200

MFA = ("otp", "mfa")
"""What a code adds to how the user proved who it is (RFC 8176)."""


class SecondFactors:
    def __init__(self, chassis: Chassis, settings: Settings, hashes: KeyedHash) -> None:
        self._hashes = hashes
        self._chassis = chassis
        self._sealer = Sealer(settings.factor_key_file)
        self._grace = timedelta(seconds=settings.second_factor_grace)

    async def of(self, user_id: str) -> Factor:
        return await self._chassis.store.get(FACTOR, FACTOR.id(user_id)) or Factor()

    async def note_sign_in(self, user: User, factor: Factor, cause: Cause) -> Factor:
        """The time to set up a second factor begins with the first sign-in."""
        if factor.due_at is not None:
            return factor
        note = NoteSignIn(
            user_id=user.user_id,
            organization_id=profile_of(user).organization_id,
            at=cause.time,
            grace=self._grace,
        )
        return await self._handle(user.user_id, note, cause)

    async def begin(self, user: User, cause: Cause) -> bytes:
        """The new secret, for the user's app. It counts once a code of it was sent."""
        secret = totp.new_secret()
        begin = BeginFactor(
            user_id=user.user_id,
            organization_id=profile_of(user).organization_id,
            sealed_secret=self._sealer.seal(base64.b64encode(secret).decode()),
            at=cause.time,
        )
        await self._handle(user.user_id, begin, cause)
        return secret

    async def confirm(self, user: User, code: str, cause: Cause) -> list[str]:
        """The recovery codes, in plain text this once. ProblemError 422 on ``code`` where it is wrong; it counts."""
        factor = await self.of(user.user_id)
        codes = totp.recovery_codes()
        confirm = ConfirmFactor(
            sealed_secret=factor.sealed_secret,
            step=self._step(factor, code, cause),
            recovery=self._recovery(user.user_id, codes),
            at=cause.time,
            told=told_of(user),
        )
        outcome = await self._chassis.handler.handle(FACTOR, FACTOR.id(user.user_id), confirm, cause)
        if any(isinstance(fact, CodeWrong) for fact in outcome.events):
            raise wrong_code()
        return codes

    async def use(self, user_id: str, factor: Factor, code: str, cause: Cause) -> bool:
        """Whether the code counts; it does so once. RefusedError where there is no factor, or it is closed for now."""
        use = UseCode(
            sealed_secret=factor.sealed_secret,
            step=self._step(factor, code, cause),
            # The bare hash: as it was stored once, until `migrate` has been there.
            recovery=(*self._hashes.every(RECOVERY, user_id, totp.recovery_hash(code)), totp.recovery_hash(code)),
            at=cause.time,
        )
        outcome = await self._chassis.handler.handle(FACTOR, FACTOR.id(user_id), use, cause)
        return any(isinstance(fact, CodeCounted) for fact in outcome.events)

    async def need(self, user_id: str, code: str, cause: Cause) -> None:
        """ProblemError 422 on ``code`` unless it counts."""
        if not await self.use(user_id, await self.of(user_id), code, cause):
            raise wrong_code()

    async def renew(self, user_id: str, cause: Cause) -> list[str]:
        codes = totp.recovery_codes()
        await self._handle(user_id, RenewRecovery(self._recovery(user_id, codes)), cause)
        return codes

    async def turn_off(self, user: User, cause: Cause, *, afresh: bool) -> None:
        await self._handle(user.user_id, TurnOff(afresh, told_of(user)), cause)

    async def wrap_stored(self, cause: Cause) -> None:
        """Put the keyed hash around bare hashes of recovery codes that are stored still. Idempotent; codes stay good."""
        after: str | None = None
        while found := await self._chassis.store.find(FACTOR, {}, limit=PAGE, after=after):
            for id, factor in found:
                bare = [each for each in factor.recovery if totp.is_bare_hash(each)]
                if bare:
                    again = {each: self._hashes.of(RECOVERY, factor.user_id, each) for each in bare}
                    await self._chassis.handler.handle(FACTOR, id, RehashRecovery(again), cause)
            after = found[-1][0]

    def _recovery(self, user_id: str, codes: list[str]) -> tuple[str, ...]:
        return tuple(self._hashes.of(RECOVERY, user_id, totp.recovery_hash(code)) for code in codes)

    def _step(self, factor: Factor, code: str, cause: Cause) -> int | None:
        if not factor.sealed_secret:
            return None
        secret = base64.b64decode(self._sealer.open(factor.sealed_secret))
        return totp.matching_step(secret, code, cause.time)

    async def _handle(self, user_id: str, command: Command, cause: Cause) -> Factor:
        outcome = await self._chassis.handler.handle(FACTOR, FACTOR.id(user_id), command, cause)
        return outcome.state


def withheld(factor: Factor, methods: tuple[str, ...], cause: Cause) -> frozenset[str]:
    """What this sign-in does not get, whatever the user's roles permit."""
    if "mfa" in methods:
        return frozenset()
    over = factor.due_at is not None and cause.time >= factor.due_at
    return WITHHELD if over or factor.status == "active" else frozenset()


def told_of(user: User) -> Told:
    contact = Recipient(name=user.full_name, email=user.email, culture=user.culture)
    return Told(contact, profile_of(user).name)


def wrong_code() -> ProblemError:
    return ProblemError(422, "code-wrong", "send the six digits that the app shows now", field="code")
