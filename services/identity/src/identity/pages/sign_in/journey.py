"""The sign-in page's flow: which page or redirect follows each step."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fastapi import Request as HttpRequest
from fastapi import Response
from fastapi.responses import RedirectResponse

from chassis import Cause, Handler, Language, MongoStore
from chassis.crypto import Sealer
from chassis.http.pages import Cookies
from identity.configuration.sign_in_clients import origin
from identity.credentials.tokens import RefreshToken
from identity.documents import SESSION
from identity.domain.session import Session
from identity.domain.user.state import User
from identity.pages.sign_in.rendering import PageName, SignInPages
from identity.settings import Settings
from identity.sign_in.browser.authorizations import Authorizations
from identity.sign_in.browser.portal import Held, PortalCookies
from identity.sign_in.browser.requests import Carrier, Proof, Request, led_back
from identity.sign_in.browser.sessions import BrowserSessions
from identity.sign_in.second_factors import MFA, SecondFactors
from identity.sign_in.service import SignIn

SEE_OTHER = 303
AGENT_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """The context of a step: browser, sign-in request and cause.

    ``device``: the device token of an earlier sign-in. ``portal``: what this browser holds of it.
    """

    browser: str
    request: Request
    cause: Cause
    device: str = ""
    client: str = ""
    portal: Held = field(default_factory=Held)


def leads_on(at: At | None) -> list[str]:
    """The origins that a form may end up at which leads back to where the person was."""
    return [origin(at.request.redirect_uri)] if at and at.request.redirect_uri else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a client asks of the sign-in (OpenID Connect Core, 3.1.2.1).

    ``again``: ask also if a user is signed in. ``silent``: show no page. ``oldest``: how long ago the sign-in may have been.
    ``factor``: a second factor, of a user who has one. ``user_id``: this user and no other. ``email``: for the form.
    """

    again: bool = False
    silent: bool = False
    oldest: timedelta | None = None
    factor: bool = False
    user_id: str = ""
    email: str = ""


class SignInJourney:
    def __init__(
        self,
        store: MongoStore,
        handler: Handler,
        settings: Settings,
        *,
        sign_in: SignIn,
        factors: SecondFactors,
        directories: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.sessions = BrowserSessions(store, handler, Cookies(settings.public_url), settings.now)
        self.authorizations = Authorizations(store, handler, sign_in, settings.issuer)
        self.portal = PortalCookies(sign_in, Cookies(settings.public_url), settings.portal_token_lifetime)
        self._store = store
        self._sign_in = sign_in
        self._factors = factors
        self._carrier = Carrier(Sealer(settings.factor_key_file))
        self._pages = SignInPages()
        self._directories = directories

    def at(self, http: HttpRequest, request: Request, cause: Cause) -> At:
        agent = "".join(each for each in http.headers.get("user-agent", "") if each.isprintable())
        return At(
            browser=self.sessions.browser(http),
            request=request,
            cause=replace(cause, key=None),
            device=self.sessions.device(http),
            client=agent[:AGENT_LENGTH],
            portal=self.portal.held(http),
        )

    def found(self, http: HttpRequest, sealed: str, cause: Cause) -> At | None:
        """The context of a submitted page. None if it was shown in another browser or too long ago."""
        request = self._carrier.request(sealed, self.sessions.browser(http), cause.time)
        return None if request is None else self.at(http, request, cause)

    def begun(self, http: HttpRequest, sealed: str, language: Language, cause: Cause) -> At | None:
        """The context of a link to a page: in the language that the link names, else in that of its request.

        None if the request has expired or belongs to another browser.
        """
        if not sealed:
            return self.at(http, Request(language=language), cause)
        at = self.found(http, sealed, cause)
        if at is None or not http.query_params.get("lang"):
            return at
        return replace(at, request=replace(at.request, language=language))

    def resumed(self, http: HttpRequest, cause: Cause) -> At | None:
        """Where the person was when the browser left this page to fetch a mail. None: nowhere, or too long ago."""
        return self.found(http, self.sessions.going_on(http), cause)

    def sealed(self, at: At) -> str:
        return self._carrier.seal(at.request, at.browser, at.cause.time)

    def proof(self, at: At, sealed: str) -> Proof | None:
        return self._carrier.proof(sealed, at.browser, at.cause.time)

    def page(self, name: PageName, at: At, *, user: User | None = None, email: str = "", wrong: str = "") -> Response:
        """Render a page of the flow. ``user``: the user whose password was right, for the steps after it."""
        answer = self._pages.render(
            name,
            at.request.language,
            request=self.sealed(at),
            proof=self._carrier.seal(Proof.of(user), at.browser, at.cause.time) if user else "",
            email=email,
            wrong=wrong,
            directories=self._directories,
            leads_to=leads_on(at),
        )
        self.sessions.keep_browser(answer, at.browser)
        return answer

    def lost(self, name: PageName, language: Language) -> Response:
        """A page without a sign-in request."""
        return self._pages.render(name, language)

    async def begin(self, http: HttpRequest, at: At, demands: Demands) -> Response:
        """The answer to an authorization request: a code where the browser's session is enough, else the next page."""
        held = None if demands.again else await self.sessions.current(http)
        if held is None or not _fits(*held, demands, at.cause.time):
            return self.error("login_required", at) if demands.silent else self.page("sign-in", at, email=demands.email)
        user, session = held
        if demands.factor and not set(MFA) <= set(session.methods):
            factor = await self._factors.of(user.user_id)
            if factor.status == "active":
                return self._step_up(user, session, at, demands)
        return await self.go_on(user, session, at)

    def _step_up(self, user: User, session: Session, at: At, demands: Demands) -> Response:
        if demands.silent:
            return self.error("interaction_required", at)
        # The code page is for who gave the password; the companies' directories did not see one.
        return self.page("code", at, user=user) if "pwd" in session.methods else self.page("sign-in", at)

    def error(self, code: str, at: At) -> Response:
        """Back to the client with an error (RFC 6749, 4.1.2.1)."""
        address = self.authorizations.answer(at.request, error=code)
        return RedirectResponse(address, SEE_OTHER, headers={"cache-control": "no-store"})

    async def after_password(self, user: User, at: At) -> Response:
        """The next step after the right password."""
        if user.must_change_password:
            return self.page("new-password", at, user=user)
        factor = await self._factors.of(user.user_id)
        if factor.status == "active":
            return self.page("code", at, user=user)
        return await self.signed_in(user, ("pwd",), at)

    async def after_code(self, user: User, at: At) -> Response:
        return await self.signed_in(user, ("pwd", *MFA), at)

    async def signed_in(self, user: User, methods: tuple[str, ...], at: At) -> Response:
        """Start a session in this browser and continue to the client."""
        device = await self._sign_in.device_token(user, at.device, at.cause) if "pwd" in methods else ""
        factor = await self._factors.of(user.user_id)
        started = await self._sign_in.start(user, factor, methods, at.client, at.cause)
        token = RefreshToken.parse(started.refresh_token or "")
        assert token is not None, "a session starts with a refresh token"
        session = await self._store.get(SESSION, SESSION.id(token.session_id))
        assert session is not None, "it was just written"
        answer = await self.go_on(user, session, at)
        self.sessions.keep(answer, token.text, device)
        return answer

    async def go_on(self, user: User, session: Session, at: At) -> Response:
        if at.request.portal:
            return await self.portal.lead_to(at.request.portal, session, at.portal, at.cause)
        if not at.request.redirect_uri:
            return self.page("signed-in", at, email=user.email)
        address = await self.authorizations.address(at.request, session, at.cause)
        answer = RedirectResponse(
            address, SEE_OTHER, headers={"cache-control": "no-store", "referrer-policy": "no-referrer"}
        )
        self.sessions.keep_browser(answer, at.browser)
        return answer

    async def end(self, http: HttpRequest, at: At, *, sure_of: str) -> Response:
        """Sign out, if nobody is signed in but the user ``sure_of``; else ask."""
        held = await self.sessions.current(http)
        if held is None or held[0].user_id == sure_of:
            return await self.sign_out(http, at)
        return self.page("sign-out", at, email=held[0].email)

    async def sign_out(self, http: HttpRequest, at: At) -> Response:
        """End the browser's session, and go where the client asked for it, if one did."""
        answer: Response = self.page("signed-out", at)
        if at.request.ends and at.request.redirect_uri:
            answer = RedirectResponse(led_back(at.request), SEE_OTHER, headers={"cache-control": "no-store"})
        await self.sessions.end(http, answer, at.cause)
        self.portal.forget(answer)
        return answer


def _fits(user: User, session: Session, demands: Demands, at: datetime) -> bool:
    """Whether this user's session is what the client asks for, but for the second factor."""
    if demands.user_id and demands.user_id != user.user_id:
        return False
    since = session.started_at
    return demands.oldest is None or (since is not None and at - since <= demands.oldest)
