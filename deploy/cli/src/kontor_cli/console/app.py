"""The console's pages: a Starlette application with Jinja2 templates. Nothing is loaded from elsewhere."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

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
from kontor_cli.console.sign_in import Doors, Person, from_here
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

Page = Callable[[Request, Person], Awaitable[Response]]


class Console:
    def __init__(self, connection: Connection, doors: Doors) -> None:
        self._connection = connection
        self._doors = doors
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
            Route("/sign-out", self._sign_out, methods=["POST"]),
            Route("/static/{name}", self._static),
        ]

    def _signed_in(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            person = self._doors.visitor(request)
            if person is None:
                return RedirectResponse("/sign-in", 303, HEADERS)
            if request.method == "POST" and not from_here(request):
                return self._page("fault.html", 403, person=person, text="This form was sent from another site.")
            try:
                return await page(request, person)
            except ChoiceError as error:
                return self._page("fault.html", 404, person=person, text=str(error))
            except UnseenError as error:
                return self._page("fault.html", 403, person=person, text=str(error))
            except (KafkaError, OSError) as error:
                text = f"The broker does not answer, or refuses this: {type(error).__name__}: {error}"
                return self._page("fault.html", 503, person=person, text=text)

        return guarded

    async def _overview(self, _: Request, person: Person) -> Response:
        return self._page("overview.html", person=person)

    async def _events(self, _: Request, __: Person) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=HEADERS)

    async def _stream(self) -> AsyncIterator[str]:
        """What was measured already, and then each new measurement."""
        for measured in list(self._measuring.history):
            yield _event(measured)
        async for measured in self._measuring.watch():
            yield _event(measured)

    async def _dead_letters(self, request: Request, person: Person) -> Response:
        settled = request.query_params.get("all") == "1"
        found, unseen = await letters.list_piles(self._connection, settled=settled)
        return self._page("dead_letters.html", person=person, piles=found, settled=settled, unseen=unseen)

    async def _dead_letter(self, request: Request, person: Person) -> Response:
        name, group = request.query_params.get("name", ""), request.query_params.get("group", "")
        reveal = request.query_params.get("reveal") == "1" and person.may_act
        found = await letters.show(self._connection, name, group=group, reveal=reveal)
        if reveal:
            letters.note("dead_letter_revealed", operator=person.name, letter=name, group=group)
        documents = [{**one, "value": _indented(one["value"]), "correlation": _correlation(one)} for one in found]
        return self._page("dead_letter.html", person=person, letters=documents, name=name, group=group, revealed=reveal)

    async def _replay(self, request: Request, person: Person) -> Response:
        if not person.may_act:
            return self._page(
                "fault.html", 403, person=person, text="You may look and not act; ask for a token that may."
            )
        form = await _form(request)
        name, group = form.get("name", ""), form.get("group", "")
        results = await letters.replay(self._connection, name, group=group, operator=person.name)
        letters.note("dead_letter_replayed", operator=person.name, letter=name, group=group)
        return self._page("replayed.html", person=person, results=results, group=group)

    async def _story(self, request: Request, person: Person) -> Response:
        id, since = request.query_params.get("id", "").strip(), request.query_params.get("since", "24h")
        since = since if since in SINCE else "24h"
        entries = await story.read(self._connection, id, moment(since, datetime.now(UTC))) if id else []
        told = timeline.document(id, entries)["entries"]
        return self._page("story.html", person=person, id=id, since=since, choices=SINCE, entries=told)

    async def _ask_token(self, _: Request) -> Response:
        return self._page("sign_in.html", person=None, wrong=False)

    async def _take_token(self, request: Request) -> Response:
        if not from_here(request):
            return self._page("fault.html", 403, person=None, text="This form was sent from another site.")
        person = self._doors.person_of((await _form(request)).get("token", ""))
        if person is None:
            return self._page("sign_in.html", 400, person=None, wrong=True)
        answer = RedirectResponse("/", 303, HEADERS)
        self._doors.begin(person, request, answer)
        return answer

    async def _sign_out(self, request: Request) -> Response:
        answer = RedirectResponse("/sign-in", 303, HEADERS)
        if from_here(request):
            self._doors.end(request, answer)
        return answer

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            return self._page("fault.html", 404, person=self._doors.visitor(request), text="There is no such page.")
        text = files("kontor_cli.console").joinpath(f"static/{name}").read_text(encoding="utf-8")
        return Response(text, headers=HEADERS, media_type=STATIC[name])

    def _page(self, template: str, status: int = 200, *, person: Person | None, **values: Any) -> Response:
        html = self._templates.get_template(template).render(person=person, **values)
        return HTMLResponse(html, status, headers=HEADERS)


def application(connection: Connection, doors: Doors) -> Starlette:
    return Starlette(routes=[*Console(connection, doors).routes()])


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
