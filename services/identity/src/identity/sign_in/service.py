"""Sign-in: issues tokens for a password or a refresh token.

A refusal reveals nothing: unknown address, wrong password, locked account, expired temporary password and invalid refresh
token get the same answer. The first four cost the same work: one read of the user, one write of the lockout, one password
check. Only after the right password does the answer ask for a second factor.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from chassis import Cause, Handler, MongoStore, ProblemError, RefusedError
from identity.credentials.fair_queue import Share
from identity.credentials.password_hashing import Passwords
from identity.credentials.tokens import RefreshToken, Signer, opaque
from identity.documents import SESSION, USER
from identity.domain.second_factor.state import Factor
from identity.domain.session import RotateSession, Session, StartSession
from identity.domain.user.commands import Rehash
from identity.domain.user.state import User, password_expired
from identity.people.lookup import profile_of, user_by_email, user_by_id
from identity.settings import Settings
from identity.sign_in.access_tokens import AccessToken, AccessTokens, refused
from identity.sign_in.lockouts import AccountLockouts
from identity.sign_in.second_factors import MFA, SecondFactors

log = structlog.get_logger("identity.sign_in.service")

PORTAL = "portal"
"""``client_id`` of the tokens in the portal's cookie."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``refresh_token`` None: the access token is valid only for changing the password."""

    access_token: str
    refresh_token: str | None
    device_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The credentials of a sign-in. ``client``: the program's own name (User-Agent)."""

    email: str
    password: str
    code: str | None = None
    device_token: str | None = None
    client: str = ""


class SignIn:
    """Signs users in. Raises ProblemError 401 for invalid credentials."""

    def __init__(
        self,
        store: MongoStore,
        handler: Handler,
        settings: Settings,
        *,
        passwords: Passwords,
        signer: Signer,
        factors: SecondFactors,
        lockouts: AccountLockouts,
    ) -> None:
        self._store = store
        self._handler = handler
        self._lifetime = timedelta(seconds=settings.session_lifetime)
        self._idle = timedelta(seconds=settings.session_idle)
        self._refresh_grace = timedelta(seconds=settings.refresh_grace)
        self._passwords = passwords
        self._tokens = AccessTokens(store, signer)
        self._factors = factors
        self._lockouts = lockouts

    async def with_password(self, attempt: Attempt, cause: Cause) -> SignedIn:
        user = await self._by_password(attempt, cause)
        if user.must_change_password:
            device = await self._lockouts.succeed(user, attempt.device_token, cause)
            return SignedIn(await self._tokens.for_password_change(user, cause), None, device)
        factor = await self._factors.of(user.user_id)
        methods: tuple[str, ...] = ("pwd",)
        if factor.status == "active":
            await self._prove(user, factor, attempt.code, cause)
            methods = (*methods, *MFA)
        device = await self._lockouts.succeed(user, attempt.device_token, cause)
        return replace(await self.start(user, factor, methods, attempt.client, cause), device_token=device)

    async def start(self, user: User, factor: Factor, methods: tuple[str, ...], client: str, cause: Cause) -> SignedIn:
        """Start a session of a user authenticated by ``methods``."""
        token = RefreshToken.new()
        start = StartSession(
            session_id=token.session_id,
            user_id=user.user_id,
            organization_id=profile_of(user).organization_id,
            epoch=user.session_epoch,
            secret_hash=token.secret_hash,
            methods=methods,
            client=client,
            at=cause.time,
            idle_for=self._idle,
            expires_at=cause.time + self._lifetime,
        )
        factor = await self._factors.note_sign_in(user, factor, cause)
        outcome = await self._handler.handle(SESSION, SESSION.id(token.session_id), start, cause)
        return await self._signed_in(outcome.state, token, factor, cause)

    async def with_refresh_token(self, text: str, cause: Cause, code: str | None = None) -> SignedIn:
        """The next tokens of a session; the same refresh token again within the grace gives the same next one.

        A refresh token used again after that ends its session for everybody who holds a token of it. With a ``code`` of the
        second factor, the session is one with a second factor from now on.
        """
        shown = RefreshToken.parse(text)
        id = SESSION.id(shown.session_id if shown else "none")
        session: Session | None = await self._store.get(SESSION, id)
        found = await user_by_id(self._store, session.user_id) if session else None
        if shown is None or session is None or found is None:
            raise refused()
        user, factor = found[0], await self._factors.of(session.user_id)
        proved = await self._step_up(session, shown, user, code, cause=cause, factor=factor)
        salt = opaque()
        rotated = await self._rotate(shown, salt, proved, user, cause)
        used = rotated.predecessor(shown.secret_hash, cause.time)
        return await self._signed_in(rotated, shown.successor(used.salt if used else salt), factor, cause)

    async def _step_up(
        self, session: Session, shown: RefreshToken, user: User, code: str | None, *, cause: Cause, factor: Factor
    ) -> tuple[str, ...]:
        """What ``code`` proves, if it is the time to ask: a used up token is dealt with whatever code comes with it."""
        if code is None or not session.knows(shown.secret_hash, cause.time):
            return ()
        if _has_stepped_up(session, shown):
            # The request of a client that lost the first answer. Its code has counted once and would not again.
            return MFA
        try:
            await self._prove(user, factor, code, cause)
        except ProblemError:
            now = await self._store.get(SESSION, SESSION.id(session.session_id))
            if now is None or not _has_stepped_up(now, shown):
                raise
        return MFA

    # -- for the sign-in page, which has one step per credential

    async def user_by_password(self, attempt: Attempt, cause: Cause) -> User:
        """The user with this password, which may be a temporary one."""
        return await self._by_password(attempt, cause)

    async def device_token(self, user: User, known: str, cause: Cause) -> str:
        """The device token for the browser: with it, wrong passwords from other devices do not lock out this one."""
        return await self._lockouts.succeed(user, known or None, cause)

    async def access_token(
        self, session: Session, cause: Cause, *, client_id: str, scope: frozenset[str]
    ) -> AccessToken:
        """An access token of a live session for a client. Empty ``scope``: every permission of the user's roles."""
        factor = await self._factors.of(session.user_id)
        return await self._tokens.of_session(session, factor, cause, client_id=client_id, scope=scope)

    async def portal_token(self, session: Session, cause: Cause, lifetime: int) -> str:
        """An access token of a live session for the portal, with every permission of the user's roles."""
        factor = await self._factors.of(session.user_id)
        return (await self._tokens.of_session(session, factor, cause, client_id=PORTAL, lifetime=lifetime)).text

    async def _by_password(self, attempt: Attempt, cause: Cause) -> User:
        user = await user_by_email(self._store, attempt.email)
        user = user if user and user.active else None
        attempted = await self._lockouts.count(user, attempt.email, attempt.password, attempt.device_token, cause)
        share = Share(attempted.key, known=attempted.known)
        matches = await self._passwords.verify(user.password_hash if user else None, attempt.password, share)
        if user is None or not attempted.open or not matches or password_expired(user, cause.time):
            raise refused()
        if self._passwords.outdated(user.password_hash):
            rehash = Rehash(user.password_hash, await self._passwords.hash(attempt.password))
            await self._handler.handle(USER, USER.id(user.user_id), rehash, cause)
        return user

    async def _prove(self, user: User, factor: Factor, code: str | None, cause: Cause) -> None:
        if factor.status != "active":
            raise _code_asked_for("you have no second factor; set one up with POST /v1/me/second-factor")
        if code is None:
            raise _code_asked_for("send the six digits of the authenticator app, or a recovery code, in the field code")
        try:
            counts = await self._factors.use(user.user_id, factor, code, cause)
        except RefusedError as error:
            raise _code_asked_for("too many wrong codes; wait some minutes and try again") from error
        if not counts:
            raise _code_asked_for("this code is wrong or was used; send the code that the app shows now")

    async def _rotate(
        self, shown: RefreshToken, salt: str, proved: tuple[str, ...], user: User, cause: Cause
    ) -> Session:
        rotate = RotateSession(
            presented=shown.secret_hash,
            replacement=shown.successor(salt).secret_hash,
            salt=salt,
            epoch=user.session_epoch,
            at=cause.time,
            grace=self._refresh_grace,
            proved=proved,
        )
        try:
            outcome = await self._handler.handle(SESSION, SESSION.id(shown.session_id), rotate, cause)
        except RefusedError as error:
            raise refused() from error
        if outcome.state.revoked:
            log.warning("refresh_token_reused", user_id=user.user_id)
            raise refused()
        return outcome.state

    async def _signed_in(self, session: Session, token: RefreshToken, factor: Factor, cause: Cause) -> SignedIn:
        issued = await self._tokens.of_session(session, factor, cause)
        return SignedIn(issued.text, token.text)


def _has_stepped_up(session: Session, shown: RefreshToken) -> bool:
    """Whether a concurrent request has rotated this token and added the second factor."""
    return session.secret_hash != shown.secret_hash and set(MFA) <= set(session.methods)


def _code_asked_for(detail: str) -> ProblemError:
    return ProblemError(401, "second-factor-required", detail)
