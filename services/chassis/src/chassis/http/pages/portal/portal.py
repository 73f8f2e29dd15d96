"""The pages of one service in the portal: who may see one, what a form needs, and what people see of a refusal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from chassis.auth.principal import ForbiddenError, StepUpError
from chassis.auth.tokens import Authenticator
from chassis.configuration.settings import Settings
from chassis.errors import TransientError
from chassis.http.language import LANGUAGES, Language, language_of, page_language
from chassis.http.pages.cookies import Cookies
from chassis.http.pages.portal.inner_api import ApiProblemError
from chassis.http.pages.portal.page import PortalPage
from chassis.http.pages.portal.sent_forms import sent_form
from chassis.http.pages.portal.session import PortalSessions, SignInNeededError, own_path, sent_from_elsewhere
from chassis.http.pages.portal.visit import FORM_TOKEN, LANGUAGE, Visit
from kontor_contracts.portal import ACCESS_PATH, HOME_PATH, LANGUAGE_COOKIE, SECURITY_PATH, open_address

log = structlog.get_logger("chassis.portal")

Page = Callable[[Visit], Awaitable[Response]]
YEAR = 365 * 24 * 3600
SHOWN_AGAIN = {400, 409, 410, 412, 413, 415, 422, 429}
"""Refusals of a form that its own page shows, with what was typed."""
STEP_UP = "second-factor-needed"


class PageRoute(Route):
    """A page, or what takes its form."""

    def __init__(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str, door: "Door"
    ) -> None:
        super().__init__(path, endpoint, methods=[method], include_in_schema=False)
        self.door = door

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self  # logs and metrics name the route, never the path as it came
        await super().handle(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Door:
    """``needs``: one of these permissions; none: everybody who is signed in. ``kinds``: of organizations; none: all."""

    needs: tuple[str, ...]
    kinds: tuple[str, ...]


class Portal:
    """Collects a service's pages; ``router`` goes into its application."""

    def __init__(self, settings: Settings, authenticator: Authenticator) -> None:
        self.router = Router()
        self._shown_at: list[PageRoute] = []
        self._settings = settings
        self._sessions = PortalSessions(authenticator, settings.public_url, settings.now)
        self._cookies = Cookies(settings.public_url)
        self._refusal = PortalPage("chassis.http", "refused")

    def page(
        self, path: str, *, needs: str | tuple[str, ...] = (), kinds: tuple[str, ...] = ()
    ) -> Callable[[Page], Page]:
        """Registers what a GET shows. ``kinds``: of organizations; none: all."""

        def register(show: Page) -> Page:
            self._add("GET", path, _door(needs, kinds), show)
            return show

        return register

    def form(
        self, path: str, *, again: Page, needs: str | tuple[str, ...] = (), kinds: tuple[str, ...] = ()
    ) -> Callable[[Page], Page]:
        """Registers what takes a POST. ``again``: the page of the form, which shows why the API refused it."""

        def register(take: Page) -> Page:
            async def taken(visit: Visit) -> Response:
                try:
                    return await take(visit)
                except ApiProblemError as problem:
                    if problem.status not in SHOWN_AGAIN:
                        raise
                    return await again(replace(visit, problem=problem))

            self._add("POST", path, _door(needs, kinds), taken)
            return take

        return register

    def _add(self, method: str, path: str, door: Door, page: Page) -> None:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, door, page)

        route = PageRoute(path, endpoint, method, door)
        self.router.routes.append(route)
        if method == "GET":
            self._shown_at.append(route)

    async def _answer(self, request: Request, door: Door, page: Page) -> Response:
        try:
            browser = await self._sessions.of(request)
        except SignInNeededError as error:
            return self._to_sign_in(request, in_circles=error.in_circles)
        asked = request.query_params.get(LANGUAGE, "")
        visit = Visit(request=request, browser=browser, language=self._language(request, browser.principal.culture))
        answer = await self._shown(visit, door, page)
        if asked in LANGUAGES:
            self._cookies.set(answer, LANGUAGE_COOKIE, asked, seconds=YEAR)
        return answer

    async def _shown(self, visit: Visit, door: Door, page: Page) -> Response:
        try:
            _enter(visit, door)
            if visit.request.method != "POST":
                return await page(visit)
            fields, files = await sent_form(visit.request)
            visit = replace(visit, fields=fields, files=files)
            return await (page(visit) if self._is_ours(visit) else self._not_ours(visit))
        except StepUpError:
            return self._step_up(visit)
        except ForbiddenError as error:
            return self._forbidden(visit, error.permission)
        except ApiProblemError as problem:
            return self._problem(visit, problem)
        except Exception as error:  # noqa: BLE001  people get a page; it is logged there
            return self._failed(visit, error)

    def _is_ours(self, visit: Visit) -> bool:
        """Whether the form is of a page that was shown in this browser and session."""
        known = bool(visit.browser.form_token) and visit.browser.sent(visit.value(FORM_TOKEN))
        return known and not sent_from_elsewhere(visit.request, self._settings.public_url)

    async def _not_ours(self, visit: Visit) -> Response:
        return self._refused(visit, 403, "form", back=self._page_of(visit.request))

    def _failed(self, visit: Visit, error: Exception) -> Response:
        back = self._page_of(visit.request)
        if isinstance(error, TransientError):
            log.warning("page_deferred", error=str(error), held=True)
            return self._refused(visit, 503, "later", back=back)
        if isinstance(error, HTTPException):
            # The body was too large, or too slow.
            return self._refused(visit, error.status_code, "unread", back=back)
        log.error("page_failed", exc_info=error)
        return self._refused(visit, 500, "bug", back=back, detail=visit.request.state.correlation_id)

    def _problem(self, visit: Visit, problem: ApiProblemError) -> Response:
        if problem.code == STEP_UP:
            return self._step_up(visit)
        if problem.status == HTTPStatus.UNAUTHORIZED:
            return self._to_sign_in(visit.request)
        if problem.status == HTTPStatus.FORBIDDEN:
            return self._forbidden(visit, "")
        if problem.status == HTTPStatus.NOT_FOUND:
            return self._refused(visit, 404, "missing", back=HOME_PATH)
        if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
            return self._refused(visit, 503, "later", back=visit.address())
        return self._refused(visit, problem.status, "problem", back=self._page_of(visit.request), detail=problem.detail)

    def _page_of(self, request: Request) -> str:
        """The page to open for another try: the one at the form's address, or the next one above it."""
        if request.method == "GET":
            return own_path(f"{request.url.path}{'?' if request.url.query else ''}{request.url.query}")
        path = request.url.path
        while path and not any(route.path_regex.match(path) for route in self._shown_at):
            path = path.rpartition("/")[0]
        return own_path(path)

    def _to_sign_in(self, request: Request, *, in_circles: bool = False) -> Response:
        """A form is not sent on: its page is opened again, and says nothing was changed."""
        path = self._page_of(request)
        headers = {"cache-control": "no-store"}
        if request.method != "GET":
            language = self._language(request, "")
            return self._refusal.anonymous(language, 401, "over", open_address(self._page_of(request)))
        if in_circles:
            return self._refusal.anonymous(self._language(request, ""), 401, "circle", open_address(path, again="true"))
        return RedirectResponse(open_address(path), HTTPStatus.SEE_OTHER, headers=headers)

    def _step_up(self, visit: Visit) -> Response:
        again = open_address(self._page_of(visit.request), again="true")
        return self._refused(visit, 403, "step_up", back=again, other=SECURITY_PATH)

    def _forbidden(self, visit: Visit, permission: str) -> Response:
        ask = f"{ACCESS_PATH}?{urlencode({'permission': permission})}" if permission else ACCESS_PATH
        return self._refused(visit, 403, "forbidden", back=ask)

    def _refused(self, visit: Visit, status: int, name: str, **values: Any) -> Response:
        text = self._refusal.texts[visit.language][name]
        values = {"detail": "", "other": "", **values}
        return self._refusal.answer(visit, status=status, title=text["title"], text=text, **values)

    def _language(self, request: Request, culture: str) -> Language:
        """What the address asks for, else what was asked for before, else the person's, else the browser's."""
        asked = request.query_params.get(LANGUAGE) or self._cookies.get(request, LANGUAGE_COOKIE)
        if asked in LANGUAGES:
            return page_language(asked, None)
        return language_of(culture) if culture else page_language(None, request.headers.get("accept-language"))


def _door(needs: str | tuple[str, ...], kinds: tuple[str, ...]) -> Door:
    return Door((needs,) if isinstance(needs, str) else needs, kinds)


def _enter(visit: Visit, door: Door) -> None:
    """Raises ForbiddenError, StepUpError."""
    if door.kinds and visit.principal.organization_kind not in door.kinds:
        raise ForbiddenError(door.needs[0] if door.needs else "")
    if door.needs and not visit.may(*door.needs):
        visit.principal.need(next((one for one in door.needs if one in visit.principal.withheld), door.needs[0]))


def done(path: str, what: str, **query: str) -> Response:
    """To a page after a change, which names it: opening that again changes nothing. ``what``: of its texts in ``done``."""
    address = f"{path}{'&' if '?' in path else '?'}{urlencode({'done': what, **query})}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers={"cache-control": "no-store"})
