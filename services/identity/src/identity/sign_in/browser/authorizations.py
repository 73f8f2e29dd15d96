"""Issues authorization codes and redeems them for access tokens."""

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from chassis import Cause, Handler, MongoStore, RefusedError
from identity.credentials.tokens import digest, opaque
from identity.documents import AUTHORIZATION, SESSION
from identity.domain.authorization import Code, CodeRedeemed, CodeRefused, IssueCode, RedeemCode
from identity.domain.session import Session
from identity.domain.user.state import User
from identity.people.lookup import user_by_id
from identity.sign_in.access_tokens import AccessToken
from identity.sign_in.browser.requests import Request, led_back
from identity.sign_in.service import SignIn

CODE_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """A token request (RFC 6749, 4.1.3; RFC 7636, 4.5)."""

    code: str
    client_id: str
    redirect_uri: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """``scope``: as the request asked for it. ``nonce``: of the request."""

    token: AccessToken
    user: User
    session: Session
    scope: frozenset[str]
    nonce: str


class Authorizations:
    def __init__(self, store: MongoStore, handler: Handler, sign_in: SignIn, issuer: str) -> None:
        self._store = store
        self._handler = handler
        self._sign_in = sign_in
        self._issuer = issuer

    async def address(self, request: Request, session: Session, cause: Cause) -> str:
        """The return address with a new code, valid for a minute."""
        secret = opaque()
        code = Code(
            code_hash=digest(secret),
            client_id=request.client_id,
            redirect_uri=request.redirect_uri,
            challenge=request.challenge,
            scope=request.scope,
            nonce=request.nonce,
            expires_at=cause.time + CODE_FOR,
        )
        id = AUTHORIZATION.id(session.session_id)
        await self._handler.handle(AUTHORIZATION, id, IssueCode(code, cause.time), replace(cause, key=None))
        return self.answer(request, code=f"{session.session_id}.{secret}")

    def answer(self, request: Request, **said: str) -> str:
        """The return address with an answer and the issuer (RFC 9207)."""
        return led_back(request, iss=self._issuer, **said)

    async def redeem(self, redemption: Redemption, cause: Cause) -> Redeemed:
        """An access token for a code. RefusedError for every fault. A code is valid once."""
        session_id, _, secret = redemption.code.partition(".")
        command = RedeemCode(
            code_hash=digest(secret),
            client_id=redemption.client_id,
            redirect_uri=redemption.redirect_uri,
            challenge=challenge_of(redemption.verifier),
            at=cause.time,
        )
        cause = replace(cause, key=None)
        live = await self._live(session_id, cause)
        if live is None:
            raise RefusedError(CodeRefused())
        user, session = live
        id = AUTHORIZATION.id(session_id)
        outcome = await self._handler.handle(AUTHORIZATION, id, command, cause)
        (redeemed,) = [fact for fact in outcome.events if isinstance(fact, CodeRedeemed)]
        scope = frozenset(redeemed.scope)
        token = await self._sign_in.access_token(session, cause, client_id=redemption.client_id, scope=scope)
        return Redeemed(token=token, user=user, session=session, scope=scope, nonce=redeemed.nonce)

    async def _live(self, session_id: str, cause: Cause) -> tuple[User, Session] | None:
        session = await self._store.get(SESSION, SESSION.id(session_id))
        found = await user_by_id(self._store, session.user_id) if session else None
        if session is None or found is None or not session.live(found[0].session_epoch, cause.time):
            return None
        return found[0], session


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
