"""Second factors: opens sealed secrets, checks codes and sends the commands. Stored secrets are never in plain text."""

import base64
from datetime import timedelta

from chassis import Cause, Handler, MongoStore, ProblemError
from chassis.crypto import KeyedHash, Sealer
from identity.credentials import totp
from identity.documents import FACTOR
from identity.domain.second_factor.commands import (
    BeginFactor,
    Command,
    ConfirmFactor,
    NoteSignIn,
    Notified,
    RehashRecovery,
    RenewRecovery,
    TurnOff,
    UseCode,
)
from identity.domain.second_factor.events import CodeCounted, CodeWrong
from identity.domain.second_factor.state import WITHHELD, Factor
from identity.domain.user.state import User
from identity.people.lookup import profile_of
from identity.settings import Settings
from kontor_contracts.values import Recipient

RECOVERY = "recovery-code"

MFA = ("otp", "mfa")
"""The authentication methods that a code adds (RFC 8176)."""


class SecondFactors:
    def __init__(self, store: MongoStore, handler: Handler, settings: Settings, hashes: KeyedHash) -> None:
        self._hashes = hashes
        self._store = store
        self._handler = handler
        self._sealer = Sealer(settings.factor_key_file)
        self._grace = timedelta(seconds=settings.second_factor_grace)

    async def of(self, user_id: str) -> Factor:
        return await self._store.get_or_initial(FACTOR, FACTOR.id(user_id))

    async def note_sign_in(self, user: User, factor: Factor, cause: Cause) -> Factor:
        """Begin the grace period at the first sign-in."""
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
        """A new secret for the user's app. It takes effect when a code confirms it."""
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
        """Confirm the factor; returns the recovery codes, only now in plain text. ProblemError 422 on a wrong ``code``."""
        factor = await self.of(user.user_id)
        codes = totp.recovery_codes()
        confirm = ConfirmFactor(
            sealed_secret=factor.sealed_secret,
            step=self._step(factor, code, cause),
            recovery=self._recovery(user.user_id, codes),
            at=cause.time,
            notify=notified(user),
        )
        outcome = await self._handler.handle(FACTOR, FACTOR.id(user.user_id), confirm, cause)
        if any(isinstance(fact, CodeWrong) for fact in outcome.events):
            raise wrong_code()
        return codes

    async def use(self, user_id: str, factor: Factor, code: str, cause: Cause) -> bool:
        """Whether the code counts. A code counts once. RefusedError if there is no factor or it is locked."""
        use = UseCode(
            sealed_secret=factor.sealed_secret,
            step=self._step(factor, code, cause),
            # Also the bare hash, which older releases stored until `migrate` runs.
            recovery=(*self._hashes.every(RECOVERY, user_id, totp.recovery_hash(code)), totp.recovery_hash(code)),
            at=cause.time,
        )
        outcome = await self._handler.handle(FACTOR, FACTOR.id(user_id), use, cause)
        return any(isinstance(fact, CodeCounted) for fact in outcome.events)

    async def need(self, user_id: str, code: str, cause: Cause) -> None:
        """Use the code. ProblemError 422 on ``code`` unless it counts."""
        if not await self.use(user_id, await self.of(user_id), code, cause):
            raise wrong_code()

    async def renew(self, user_id: str, cause: Cause) -> list[str]:
        codes = totp.recovery_codes()
        await self._handle(user_id, RenewRecovery(self._recovery(user_id, codes)), cause)
        return codes

    async def turn_off(self, user: User, cause: Cause, *, by_administrator: bool) -> None:
        await self._handle(user.user_id, TurnOff(by_administrator, notified(user)), cause)

    async def wrap_stored(self, cause: Cause) -> None:
        """Migration: put the keyed hash around stored bare hashes of recovery codes. Idempotent; codes stay valid."""
        async for id, factor in self._store.find_all(FACTOR, {}):
            if bare := [each for each in factor.recovery if totp.is_bare_hash(each)]:
                again = {each: self._hashes.of(RECOVERY, factor.user_id, each) for each in bare}
                await self._handler.handle(FACTOR, id, RehashRecovery(again), cause)

    def _recovery(self, user_id: str, codes: list[str]) -> tuple[str, ...]:
        return tuple(self._hashes.of(RECOVERY, user_id, totp.recovery_hash(code)) for code in codes)

    def _step(self, factor: Factor, code: str, cause: Cause) -> int | None:
        if not factor.sealed_secret:
            return None
        secret = base64.b64decode(self._sealer.open(factor.sealed_secret))
        return totp.matching_step(secret, code, cause.time)

    async def _handle(self, user_id: str, command: Command, cause: Cause) -> Factor:
        outcome = await self._handler.handle(FACTOR, FACTOR.id(user_id), command, cause)
        return outcome.state


def withheld(factor: Factor, methods: tuple[str, ...], cause: Cause) -> frozenset[str]:
    """The permissions that this sign-in does not get for lack of a second factor."""
    if "mfa" in methods:
        return frozenset()
    over = factor.due_at is not None and cause.time >= factor.due_at
    return WITHHELD if over or factor.status == "active" else frozenset()


def notified(user: User) -> Notified:
    contact = Recipient(name=user.full_name, email=user.email, culture=user.culture)
    return Notified(contact, profile_of(user).name)


def wrong_code() -> ProblemError:
    return ProblemError(
        422, "code-wrong", "wrong or used code; send the six digits that the app shows now", field="code"
    )
