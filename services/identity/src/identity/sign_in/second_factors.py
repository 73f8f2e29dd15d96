"""Second factors as requests use them: secrets are opened here, and nowhere stored in the clear."""

import base64
from datetime import timedelta

from chassis import Cause, Chassis, ProblemError, Sealer
from identity.credentials import totp
from identity.documents import FACTOR
from identity.domain.second_factor import (
    WITHHELD,
    BeginFactor,
    CodeCounted,
    Command,
    ConfirmFactor,
    Factor,
    NoteSignIn,
    RenewRecovery,
    TurnOff,
    UseCode,
)
from identity.domain.user.state import User
from identity.people.lookup import profile_of
from identity.settings import Settings

MFA = ("otp", "mfa")
"""What a code adds to how the user proved who it is (RFC 8176)."""


class SecondFactors:
    def __init__(self, chassis: Chassis, settings: Settings) -> None:
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
        )
        await self._handle(user.user_id, begin, cause)
        return secret

    async def confirm(self, user_id: str, code: str, cause: Cause) -> list[str]:
        """The recovery codes, in the clear for this once. RefusedError where the code is wrong."""
        factor = await self.of(user_id)
        codes = totp.recovery_codes()
        confirm = ConfirmFactor(
            sealed_secret=factor.sealed_secret, step=self._step(factor, code, cause), recovery=_hashes(codes)
        )
        await self._handle(user_id, confirm, cause)
        return codes

    async def use(self, user_id: str, factor: Factor, code: str, cause: Cause) -> bool:
        """Whether the code counts; it does so once. RefusedError where there is no factor, or it is closed for now."""
        use = UseCode(
            sealed_secret=factor.sealed_secret,
            step=self._step(factor, code, cause),
            recovery=totp.recovery_hash(code),
            at=cause.time,
        )
        outcome = await self._chassis.handler.handle(FACTOR, FACTOR.id(user_id), use, cause)
        return any(isinstance(fact, CodeCounted) for fact in outcome.events)

    async def need(self, user_id: str, code: str, cause: Cause) -> None:
        """ProblemError 422 on ``code`` unless it counts."""
        if not await self.use(user_id, await self.of(user_id), code, cause):
            raise ProblemError(422, "code-wrong", "send the six digits that the app shows now", field="code")

    async def renew(self, user_id: str, cause: Cause) -> list[str]:
        codes = totp.recovery_codes()
        await self._handle(user_id, RenewRecovery(_hashes(codes)), cause)
        return codes

    async def turn_off(self, user_id: str, cause: Cause, *, afresh: bool) -> None:
        await self._handle(user_id, TurnOff(afresh), cause)

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


def _hashes(codes: list[str]) -> tuple[str, ...]:
    return tuple(totp.recovery_hash(code) for code in codes)
