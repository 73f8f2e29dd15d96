"""Signing in: a password or a refresh token for tokens.

Who is refused learns nothing: unknown address, wrong password, expired temporary password, used or foreign refresh
token give the same answer, and the first three take the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from chassis.app import Chassis
from chassis.auth import PASSWORD_CHANGE
from chassis.decider import Cause
from chassis.failures import RefusedError
from chassis.http import ProblemError
from identity.accounts import profile_of, user_by_email
from identity.aggregates import SESSION, USER
from identity.domain_roles import permissions
from identity.domain_session import RotateSession, StartSession
from identity.domain_user_state import User, password_expired
from identity.passwords import Passwords
from identity.settings import Settings
from identity.tokens import RefreshToken, Signer

log = structlog.get_logger("identity.sign_in")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``refresh_token`` None: the access token is good for changing the password and for nothing else."""

    access_token: str
    refresh_token: str | None


class SignIn:
    """Raises ProblemError 401 for whatever is wrong with what was shown."""

    def __init__(self, chassis: Chassis, settings: Settings, passwords: Passwords, signer: Signer) -> None:
        self._chassis = chassis
        self._session_lifetime = timedelta(seconds=settings.session_lifetime)
        self._passwords = passwords
        self._signer = signer

    async def with_password(self, email: str, password: str, cause: Cause) -> SignedIn:
        user = await user_by_email(self._chassis.store, email)
        matches = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not matches or password_expired(user, cause.time) or user.status != "active":
            raise _refused()
        if user.must_change_password:
            return SignedIn(self._signer.access_token(user, [PASSWORD_CHANGE], cause.time), None)
        token = RefreshToken.new()
        start = StartSession(
            user_id=user.user_id,
            epoch=user.session_epoch,
            secret_hash=token.secret_hash,
            expires_at=cause.time + self._session_lifetime,
        )
        await self._chassis.handler.handle(SESSION, SESSION.id(token.session_id), start, _without_key(cause))
        return self._signed_in(user, token, cause)

    async def with_refresh_token(self, text: str, cause: Cause) -> SignedIn:
        """Each token works once; one that is used again ends its session for everybody who holds a token of it."""
        shown = RefreshToken.parse(text)
        user = await self._user_of(shown) if shown else None
        if shown is None or user is None:
            raise _refused()
        token = RefreshToken.new(shown.session_id)
        rotate = RotateSession(
            presented=shown.secret_hash, replacement=token.secret_hash, epoch=user.session_epoch, at=cause.time
        )
        try:
            outcome = await self._chassis.handler.handle(
                SESSION, SESSION.id(shown.session_id), rotate, _without_key(cause)
            )
        except RefusedError as error:
            raise _refused() from error
        if outcome.state.revoked:
            log.warning("a used refresh token came again; its session is over", user_id=user.user_id)
            raise _refused()
        return self._signed_in(user, token, cause)

    async def _user_of(self, shown: RefreshToken) -> User | None:
        session = await self._chassis.store.get(SESSION, SESSION.id(shown.session_id))
        if session is None:
            return None
        user = await self._chassis.store.get(USER, USER.id(session.user_id))
        return user if user and user.status == "active" else None

    def _signed_in(self, user: User, token: RefreshToken, cause: Cause) -> SignedIn:
        return SignedIn(self._signer.access_token(user, _scope(user), cause.time), token.text)


def _scope(user: User) -> Sequence[str]:
    return permissions(user.roles, profile_of(user).kind)


def _without_key(cause: Cause) -> Cause:
    """Signing in twice gives two sessions: secrets are not kept to be given out again."""
    return replace(cause, key=None)


def _refused() -> ProblemError:
    return ProblemError(401, "invalid-credentials", "the address and the password do not match, or the session is over")
