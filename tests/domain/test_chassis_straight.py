"""The straight way to an endpoint answers as FastAPI does, whatever comes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import pytest
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from chassis.auth.tokens import Principal, UnauthenticatedError, require
from chassis.http.app import create_app
from chassis.http.idempotency import Once
from chassis.http.pagination import PageQuery
from chassis.http.problems import ProblemError
from chassis.http.straight import Straight
from chassis.observability.metrics import Metrics

Writer = Annotated[Principal, require("accounts:write")]
CALLER = Principal("zoe", "org", "Müller", "reseller", "DE", "Zoë", "z@x.example", "de", frozenset({"accounts:write"}))
Name = Annotated[str, Field(max_length=8)]


class Amount(BaseModel):
    amount: int = Field(ge=0)
    due: datetime | None = None
    note: str = "-"


class Booked(BaseModel):
    account: str
    amount: int
    due: datetime | None
    by: str


class Settings:
    version = "0"
    cors_origins = ()

    def now(self) -> datetime:
        return datetime.now(UTC)


class Tokens:
    async def authenticate(self, token: str) -> Principal:
        if token != "good":
            raise UnauthenticatedError("the token is not valid")
        return CALLER


def router() -> APIRouter:
    routes = APIRouter()

    @routes.post("/accounts/{account}/book", status_code=201)
    async def book(account: Name, body: Amount, once: Once, caller: Writer) -> Booked:
        if body.note == "taken":
            raise ProblemError(409, "taken", "somebody else has it", field="note")
        return Booked(account=account, amount=body.amount, due=body.due, by=f"{caller.user_id} {once.scope(caller)}")

    @routes.get("/accounts/{account}")
    async def show(account: str, caller: Writer) -> Any:
        if account == "raw":
            return Response(b"as it is", media_type="text/plain")
        return {"account": account, "by": caller.name}

    return routes


@asynccontextmanager
async def nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


async def fine() -> None:
    pass


def application(routes: APIRouter) -> FastAPI:
    app = create_app(
        cast("Any", Settings()),
        title="Accounts",
        routers=[routes],
        metrics=Metrics(),
        lifespan=nothing,
        ready=fine,
        alive=fine,
        shortcuts={},
    )
    app.state.authenticator = Tokens()
    return app


def by_fastapi(app: FastAPI) -> FastAPI:
    for route in app.routes:
        if isinstance(route, APIRoute) and isinstance(route.app, Straight):
            route.app = route.app.otherwise
    return app


STRAIGHT = application(router())
LONG = by_fastapi(application(router()))


async def ask(
    app: FastAPI, method: str, path: str, headers: list[tuple[bytes, bytes]], body: list[bytes], *, whole: bool = True
) -> Any:
    """Status, headers and body of the answer; the body of the request comes in these pieces, or breaks off after them."""
    answered: list[Any] = []
    pieces: list[Any] = [{"type": "http.request", "body": piece, "more_body": True} for piece in body]
    pieces += [{"type": "http.request", "body": b"", "more_body": False}] if whole else []

    async def receive() -> Any:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "server": ("localhost", 80),
        "headers": [*headers, (b"x-correlation-id", b"c")],
    }
    await app(scope, receive, send)
    return answered[0]["status"], sorted(answered[0]["headers"]), b"".join(m.get("body", b"") for m in answered[1:])


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just("2026-11-25T10:00:00Z")
objects = st.dictionaries(st.sampled_from(["amount", "due", "note", "more"]), values | st.just("taken"))
good = st.builds(
    lambda amount, note: {"amount": amount, "note": note}, st.integers(0, 9), st.sampled_from(["a", "taken"])
)
bodies = (good | objects | values | st.lists(values, max_size=2)).map(lambda found: json.dumps(found).encode())
GOOD = [(b"authorization", b"Bearer good"), (b"idempotency-key", b"k"), (b"content-type", b"application/json")]
OTHERS: dict[bytes, list[bytes]] = {
    b"authorization": [b"Bearer bad", b"Basic good"],
    b"idempotency-key": [b"k" * 129],
    b"content-type": [
        b"application/json; charset=utf-8",
        b"application/problem+json",
        b"text/plain",
        b"application/jsonl",
    ],
}


@st.composite
def headers_with_a_fault(draw: st.DrawFn) -> list[tuple[bytes, bytes]]:
    """Good but for one of them, which is another or not there at all."""
    faulty = draw(st.sampled_from(sorted(OTHERS)))
    instead = draw(st.sampled_from([None, *OTHERS[faulty]]))
    rest = [header for header in GOOD if header[0] != faulty]
    return rest if instead is None else [*rest, (faulty, instead)]


PATHS = st.just("/accounts/a/book") | st.sampled_from(["/accounts/much-too-long/book", "/accounts/raw", "/accounts/ü"])
ODD = [b"", b"\xff", b'"\\ud800"', b"{", b"[" * 5000]


@settings(max_examples=600)
@given(
    PATHS,
    st.sampled_from(["POST", "GET"]),
    st.just(GOOD) | headers_with_a_fault(),
    good.map(lambda found: [json.dumps(found).encode()]) | st.lists(bodies | st.sampled_from(ODD), max_size=2),
)
async def test_both_ways_give_the_same_answer(
    path: str, method: str, headers: list[tuple[bytes, bytes]], body: list[bytes]
) -> None:
    assert await ask(STRAIGHT, method, path, headers, body) == await ask(LONG, method, path, headers, body)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"amount": 3}', 201), (b'{"amount": -1}', 422), (b"{", 422), (b'{"amount": 1, "note": "taken"}', 409)],
)
async def test_the_answer_is_the_endpoints_or_says_what_is_wrong(body: bytes, status: int) -> None:
    assert (await ask(STRAIGHT, "POST", "/accounts/a/book", GOOD, [body]))[0] == status


async def test_a_body_that_is_too_large_is_refused_on_both_ways() -> None:
    for app in (STRAIGHT, LONG):
        assert (await ask(app, "POST", "/accounts/a/book", GOOD, [b" " * 600_000] * 2))[0] == 413


async def test_a_request_that_breaks_off_is_refused_on_both_ways() -> None:
    for app in (STRAIGHT, LONG):
        assert (await ask(app, "POST", "/accounts/a/book", GOOD, [b'{"amount": 3}'], whole=False))[0] == 400


def needing_more(routes: APIRouter) -> None:
    """Endpoints that take something else than what is in the path, one body, and what is asked of the request."""

    @routes.get("/with-query")
    async def with_query(kind: Annotated[str, Query()] = "") -> Any: ...

    @routes.get("/with-pages")
    async def with_pages(paging: PageQuery) -> Any: ...

    @routes.get("/with-request")
    async def with_request(request: Request) -> Any: ...

    @routes.get("/with-response")
    async def with_response(response: Response) -> Any: ...


def being_otherwise(routes: APIRouter) -> None:
    """Endpoints that are called or answered in another way than most."""

    @routes.delete("/without-answer", status_code=204)
    async def without_answer() -> None: ...

    @routes.get("/in-a-thread")
    def in_a_thread() -> Any: ...

    @routes.get("/without-nulls", response_model_exclude_none=True)
    async def without_nulls() -> Any: ...

    @routes.put("/of-many")
    async def of_many(body: list[Amount]) -> Any: ...

    @routes.put("/of-two")
    async def of_two(one: Amount, two: Amount) -> Any: ...

    @routes.put("/perhaps")
    async def perhaps(body: Amount | None = None) -> Any: ...


def test_an_endpoint_goes_straight_unless_it_needs_more() -> None:
    routes = router()
    needing_more(routes)
    being_otherwise(routes)
    straight = {r.path for r in application(routes).routes if isinstance(r, APIRoute) and isinstance(r.app, Straight)}
    assert straight == {"/accounts/{account}/book", "/accounts/{account}"}
