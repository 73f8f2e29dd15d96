"""The console's pages: a Starlette application with Jinja2 templates. Nothing is loaded from elsewhere."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiokafka.errors import KafkaError
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from kontor_cli import story, timeline
from kontor_cli.choosing import ChoiceError, moment
from kontor_cli.connection import Connection
from kontor_cli.console import letters
from kontor_cli.console.measuring import Measuring
from kontor_cli.console.openid import OpenId, SignInError
from kontor_cli.console.sign_in import Doors, Session, from_here
from kontor_cli.reading import UnseenError

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    # With no-referrer, browsers name no origin of a form, which `from_here` needs.
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}
STATIC = {"console.css": "text/css", "console.js": "text/javascript"}
SINCE = {"1h": "the last hour", "24h": "the last day", "7d": "the last week", "14d": "two weeks"}

LARGEST_FORM = 4096

Page = Callable[[Request, Session], Awaitable[Response]]
VISITOR = "kontor-console-visitor"
SIGNED_IN_SECONDS = 3000
"""Of a sign-in at identity, as of the portal's: then identity is asked again, which takes no time while its session lasts."""
ELSEWHERE = "This form was sent from another site, or by an earlier sign-in. Open the page again."


class Console:
    def __init__(self, connection: Connection, doors: Doors, openid: OpenId | None = None) -> None:
        self._connection = connection
        self._doors = doors
        self._openid = openid
        self._measuring = Measuring(connection)
        self._templates = Environment(
            loader=PackageLoader("kontor_cli.console", "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[Route]:
        """A page without a sign-in leads to it; `sign-in`, its style and nothing else are for everybody."""
        signed_in = self._signed_in
        return [
            Route("/", signed_in(self._overview)),
            Route("/events", signed_in(self._events)),
            Route("/dead-letters", signed_in(self._dead_letters)),
            Route("/dead-letter", signed_in(self._dead_letter)),
            Route("/replay", signed_in(self._replay), methods=["POST"]),
            Route("/story", signed_in(self._story)),
            Route("/sign-in", self._ask_token),
            Route("/sign-in", self._take_token, methods=["POST"]),
            Route("/sign-in/identity", self._leave),
            Route("/signed-in", self._come_back),
            Route("/sign-out", self._sign_out, methods=["POST"]),
            Route("/static/{name}", self._static),
        ]

    def _signed_in(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            session = self._doors.session(request)
            if session is None and page == self._events:
                # An event stream is led nowhere: its page loads itself again, and is.
                return Response(status_code=401, headers=HEADERS)
            if session is None:
                return RedirectResponse(self._door(request), 303, HEADERS)
            if request.method == "POST" and not from_here(request):
                return self._page("fault.html", 403, session=session, text=ELSEWHERE)
            return await self._answered(page, request, session)

        return guarded

    async def _answered(self, page: Page, request: Request, session: Session) -> Response:
        try:
            return await page(request, session)
        except ChoiceError as error:
            status, text = 404, str(error)
        except UnseenError as error:
            status, text = 403, str(error)
        except (KafkaError, OSError) as error:
            status, text = 503, f"The broker does not answer, or refuses this: {type(error).__name__}: {error}"
        return self._page("fault.html", status, session=session, text=text)

    def _door(self, request: Request) -> str:
        """Where somebody signs in; at identity at once, where there is no other way, and then on to this page."""
        if self._openid is None or self._doors.take_tokens:
            return "/sign-in"
        wanted = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return f"/sign-in/identity?{urlencode({'to': wanted if request.method == 'GET' else '/'})}"

    async def _overview(self, _: Request, session: Session) -> Response:
        return self._page("overview.html", session=session)

    async def _events(self, _: Request, __: Session) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=HEADERS)

    async def _stream(self) -> AsyncIterator[str]:
        """What was measured already, and then each new measurement."""
        for measured in list(self._measuring.history):
            yield _event(measured)
        async for measured in self._measuring.watch():
            yield _event(measured)

    async def _dead_letters(self, request: Request, session: Session) -> Response:
        settled = request.query_params.get("all") == "1"
        found, unseen = await letters.list_piles(self._connection, settled=settled)
        return self._page("dead_letters.html", session=session, piles=found, settled=settled, unseen=unseen)

    async def _dead_letter(self, request: Request, session: Session) -> Response:
        person = session.person
        name, group = request.query_params.get("name", ""), request.query_params.get("group", "")
        reveal = request.query_params.get("reveal") == "1" and person.may_act
        found = await letters.show(self._connection, name, group=group, reveal=reveal)
        if reveal:
            letters.note("dead_letter_revealed", operator=person.name, letter=name, group=group)
        documents = [{**one, "value": _indented(one["value"]), "correlation": _correlation(one)} for one in found]
        return self._page(
            "dead_letter.html", session=session, letters=documents, name=name, group=group, revealed=reveal
        )

    async def _replay(self, request: Request, session: Session) -> Response:
        person = session.person
        if not person.may_act:
            text = "You may look and not act; ask for the role platform-operator, or a token that may."
            return self._page("fault.html", 403, session=session, text=text)
        form = await _form(request)
        if not session.sent(form):
            return self._page("fault.html", 403, session=session, text=ELSEWHERE)
        name, group = form.get("name", ""), form.get("group", "")
        results = await letters.replay(self._connection, name, group=group, operator=person.name)
        letters.note("dead_letter_replayed", operator=person.name, letter=name, group=group)
        return self._page("replayed.html", session=session, results=results, group=group)

    async def _story(self, request: Request, session: Session) -> Response:
        id, since = request.query_params.get("id", "").strip(), request.query_params.get("since", "24h")
        since = since if since in SINCE else "24h"
        entries = await story.read(self._connection, id, moment(since, datetime.now(UTC))) if id else []
        told = timeline.document(id, entries)["entries"]
        return self._page("story.html", session=session, id=id, since=since, choices=SINCE, entries=told)

    async def _ask_token(self, _: Request) -> Response:
        return self._sign_in()

    def _sign_in(self, status: int = 200, fault: str = "") -> Response:
        tokens, identity = self._doors.take_tokens, self._openid is not None
        return self._page("sign_in.html", status, fault=fault, tokens=tokens, identity=identity)

    async def _leave(self, request: Request) -> Response:
        """To identity's sign-in page."""
        if self._openid is None:
            return self._page("fault.html", 404, text="There is no such page.")
        browser = request.cookies.get(VISITOR) or secrets.token_urlsafe(32)
        again = request.query_params.get("again") == "1"
        try:
            address = await self._openid.leave(browser, request.query_params.get("to", "/"), again=again)
        except SignInError as error:
            return self._sign_in(503, str(error))
        answer = RedirectResponse(address, 303, HEADERS)
        self._doors.remember(VISITOR, browser, request, answer)
        return answer

    async def _come_back(self, request: Request) -> Response:
        """From there."""
        if self._openid is None:
            return self._page("fault.html", 404, text="There is no such page.")
        try:
            person, to = await self._openid.come_back(request.cookies.get(VISITOR, ""), request.query_params)
        except SignInError as error:
            return self._sign_in(403, str(error))
        answer = RedirectResponse(to, 303, HEADERS)
        self._doors.begin(person, request, answer, seconds=SIGNED_IN_SECONDS)
        return answer

    async def _take_token(self, request: Request) -> Response:
        if not from_here(request):
            return self._page("fault.html", 403, text=ELSEWHERE)
        person = self._doors.person_of((await _form(request)).get("token", ""))
        if person is None:
            return self._sign_in(400, "This is none of the console's tokens.")
        answer = RedirectResponse("/", 303, HEADERS)
        self._doors.begin(person, request, answer)
        return answer

    async def _sign_out(self, request: Request) -> Response:
        answer = RedirectResponse("/sign-in", 303, HEADERS)
        session = self._doors.session(request)
        if session is not None and from_here(request) and session.sent(await _form(request)):
            self._doors.end(request, answer)
        return answer

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            return self._page("fault.html", 404, session=self._doors.session(request), text="There is no such page.")
        text = files("kontor_cli.console").joinpath(f"static/{name}").read_text(encoding="utf-8")
        return Response(text, headers=HEADERS, media_type=STATIC[name])

    def _page(self, template: str, status: int = 200, *, session: Session | None = None, **values: Any) -> Response:
        person, form = (session.person, session.form_token) if session else (None, "")
        html = self._templates.get_template(template).render(person=person, form_token=form, **values)
        return HTMLResponse(html, status, headers=HEADERS)


def application(connection: Connection, doors: Doors, openid: OpenId | None = None) -> Starlette:
    return Starlette(routes=[*Console(connection, doors, openid).routes()])


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; empty where more was sent than one of ours has."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return {}
    return dict(parse_qsl(body.decode(errors="replace")))


def _event(measured: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(measured)}\n\n"


def _indented(value: str | None) -> str | None:
    try:
        return value and json.dumps(json.loads(value), indent=2, ensure_ascii=False)
    except ValueError:
        return value


def _correlation(letter: Mapping[str, Any]) -> str:
    try:
        body = json.loads(letter["value"] or "null")
    except ValueError:
        return ""
    found = body.get("correlationid") if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""
