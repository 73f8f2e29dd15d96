"""The HTTP edge of every service: correlation, problem+json (RFC 9457), Idempotency-Key, paging, health."""

import base64
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.auth import ForbiddenError, Principal, UnauthenticatedError
from chassis.decider import Cause, CommandKey, derived_id
from chassis.failures import (
    RefusedError,
    ReusedKeyError,
    TakenError,
    TooLargeError,
    TransientError,
)
from chassis.metrics import Metrics
from chassis.settings import Settings

log = structlog.get_logger("chassis.http")

CORRELATION = re.compile(r"^[A-Za-z0-9:._-]{1,128}$")
MAX_BODY = 1024 * 1024
RETRY_AFTER = "1"
T = TypeVar("T")


class ProblemError(Exception):
    """Answers with problem+json. ``code`` is closed and stable, ``detail`` says what to do about it."""

    def __init__(self, status: int, code: str, detail: str, *, field: str | None = None) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        super().__init__(detail)


class Problem(BaseModel):
    """RFC 9457, and for faults of a field ``errors``."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    errors: list[dict[str, str]] = []


class Page(BaseModel, Generic[T]):
    """One page of a list. ``next_cursor`` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


# -- what endpoints ask for


class Paging(BaseModel):
    limit: int
    after: str | None

    def page(self, found: Sequence[tuple[str, T]]) -> "Page[T]":
        """``found`` was asked for with ``limit + 1``: the one too many says that there is more."""
        items = [item for _, item in found[: self.limit]]
        more = len(found) > self.limit
        return Page[Any](items=items, next_cursor=_cursor(found[self.limit - 1][0]) if more else None)


def _paging(
    limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: Annotated[str | None, Query(max_length=400)] = None
) -> Paging:
    try:
        after = base64.urlsafe_b64decode(cursor.encode()).decode() if cursor else None
    except ValueError as error:
        raise ProblemError(
            422, "bad-cursor", "pass next_cursor of an earlier page unchanged", field="cursor"
        ) from error
    return Paging(limit=limit, after=after)


def _cursor(id: str) -> str:
    return base64.urlsafe_b64encode(id.encode()).decode()


PageQuery = Annotated[Paging, Depends(_paging)]


class Attempt:
    """One request that changes something, and the cause of the commands it leads to.

    With an Idempotency-Key a repetition gets the first answer; requests that are idempotent anyway (PUT) may do without.
    """

    def __init__(self, request: Request, key: str | None, body: bytes) -> None:
        self._request = request
        self._key = key
        self._unique = request.state.correlation_id
        self._body = body

    def scope(self, caller: Principal | None) -> str:
        """Unique per caller's organization, route and key: what a created aggregate's id is derived from."""
        tenant = caller.organization_id if caller else "anonymous"
        return derived_id(tenant, self._request.method, self._request.url.path, self._key or self._unique)

    def cause(self, caller: Principal | None) -> Cause:
        settings: Settings = self._request.app.state.settings
        scope = self.scope(caller)
        # Keyed with what only the client knows: bodies hold passwords, and a bare hash of one could be guessed at.
        secret = hashlib.blake2b((self._key or "").encode()).digest()
        fingerprint = hashlib.blake2b(self._body, digest_size=16, key=secret).hexdigest()
        return Cause(
            id=f"http:{scope}",
            time=settings.now(),
            correlation_id=self._request.state.correlation_id,
            actor=caller.actor if caller else "anonymous",
            tenant=caller.organization_id if caller else None,
            traceparent=self._request.headers.get("traceparent"),
            key=CommandKey(scope, fingerprint) if self._key else None,
        )


IdempotencyKey = Annotated[
    str | None, Header(description="Send the same key to repeat a request safely.", max_length=128, min_length=1)
]


async def _once(request: Request, idempotency_key: IdempotencyKey = None) -> Attempt:
    if not idempotency_key:
        raise ProblemError(
            400,
            "idempotency-key-missing",
            "send an Idempotency-Key header, for instance a UUID",
            field="Idempotency-Key",
        )
    return Attempt(request, idempotency_key, await request.body())


async def _change(request: Request, idempotency_key: IdempotencyKey = None) -> Attempt:
    return Attempt(request, idempotency_key, await request.body())


Once = Annotated[Attempt, Depends(_once)]
"""For POST: the request with its Idempotency-Key; 400 without one."""

Change = Annotated[Attempt, Depends(_change)]
"""For PUT and DELETE: the request, its Idempotency-Key where one is sent."""


# -- the application

Check = Callable[[], Awaitable[None]]


def create_app(
    settings: Settings,
    *,
    title: str,
    routers: Sequence[APIRouter],
    metrics: Metrics,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    ready: Check,
    alive: Check,
) -> FastAPI:
    """A FastAPI application with everything above in place. ``ready`` and ``alive`` raise when they are not."""
    app = FastAPI(
        title=title,
        version=settings.version,
        lifespan=lifespan,
        default_response_class=JSONResponse,
        responses={"default": {"model": Problem, "description": "problem+json (RFC 9457)"}},
    )
    app.state.settings = settings
    for router in routers:
        app.include_router(router)
    _health(app, metrics, ready, alive)
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    app.add_middleware(Edge, metrics=metrics)
    return app


def _health(app: FastAPI, metrics: Metrics, ready: Check, alive: Check) -> None:
    async def answer(check: Check) -> Response:
        try:
            await check()
        except Exception as error:  # noqa: BLE001  whatever it is, the answer is no
            return JSONResponse({"ok": False, "reason": str(error)}, status_code=503)
        return JSONResponse({"ok": True})

    @app.get("/livez", include_in_schema=False)
    async def livez() -> Response:
        return await answer(alive)

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        return await answer(ready)

    @app.get("/metrics", include_in_schema=False)
    async def scrape() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


class Edge:
    """Outermost: correlation id in and out, body limit, one log line and one observation per request.

    The path is logged as its route, never as it came: links carry tokens.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        correlation = headers.get(b"x-correlation-id", b"").decode("latin-1")
        if not CORRELATION.match(correlation):
            correlation = derived_id(str(time.time_ns()), str(id(scope)))
        scope.setdefault("state", {})["correlation_id"] = correlation
        started = time.perf_counter()
        status = 500

        async def respond(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-correlation-id", correlation.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation):
            try:
                if int(headers.get(b"content-length", b"0") or 0) > MAX_BODY:
                    problem = _problem(Request(scope), 413, "too-large", f"a body may have {MAX_BODY} bytes")
                    await problem(scope, receive, respond)
                else:
                    await self._app(scope, _limited(receive), respond)
            finally:
                self._observe(scope, status, time.perf_counter() - started)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.http.labels(scope["method"], route, str(status)).observe(seconds)
        if route not in {"/livez", "/readyz", "/metrics"}:
            log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 2))


def _limited(receive: Receive) -> Receive:
    """A body without Content-Length is counted as it comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, f"a body may have {MAX_BODY} bytes")
        return message

    return counted


# -- problems


def _problem(
    request: Request, status: int, code: str, detail: str, errors: Sequence[dict[str, str]] = ()
) -> JSONResponse:
    body = {
        "type": f"urn:kontor:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "correlation_id": getattr(request.state, "correlation_id", ""),
        "errors": list(errors),
    }
    headers = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if status in {429, 503}:
        headers["retry-after"] = RETRY_AFTER
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)


async def _on_problem(request: Request, error: Any) -> Response:
    errors = [{"field": error.field, "message": error.detail}] if error.field else []
    return _problem(request, error.status, error.code, error.detail, errors)


async def _on_refused(request: Request, error: Any) -> Response:
    refusal = error.refusal
    detail = getattr(refusal, "detail", None) or refusal.reason.replace("-", " ")
    field = getattr(refusal, "field", None)
    errors = [{"field": field, "message": detail}] if field else []
    status = getattr(refusal, "status", None) or (422 if field else 409)
    return _problem(request, status, refusal.reason, detail, errors)


async def _on_invalid(request: Request, error: Any) -> Response:
    errors = [
        {"field": ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0]), "message": found["msg"]}
        for found in error.errors()
    ]
    return _problem(request, 422, "invalid", "the request does not have the documented form", errors)


async def _on_http(request: Request, error: Any) -> Response:
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return _problem(request, error.status_code, code, str(error.detail))


async def _on_unauthenticated(request: Request, error: Any) -> Response:
    return _problem(request, 401, "unauthenticated", str(error))


async def _on_forbidden(request: Request, error: Any) -> Response:
    return _problem(request, 403, "forbidden", str(error))


async def _on_taken(request: Request, error: Any) -> Response:
    detail = f"{error.name} is in use already"
    return _problem(request, 409, "taken", detail, [{"field": error.name, "message": detail}])


async def _on_reused_key(request: Request, error: Any) -> Response:
    return _problem(
        request, 422, "idempotency-key-reused", str(error), [{"field": "Idempotency-Key", "message": str(error)}]
    )


async def _on_too_large(request: Request, error: Any) -> Response:
    return _problem(request, 413, "too-large", str(error))


async def _on_transient(request: Request, error: Any) -> Response:
    log.warning("not now", error=str(error))
    return _problem(request, 503, "try-again", "send the same request again, with the same Idempotency-Key")


async def _on_bug(request: Request, error: Any) -> Response:
    log.error("unexpected error", exc_info=error)
    return _problem(request, 500, "internal", "an error on our side; quote the correlation id")


HANDLERS: dict[Any, Any] = {
    ProblemError: _on_problem,
    RefusedError: _on_refused,
    RequestValidationError: _on_invalid,
    HTTPException: _on_http,
    UnauthenticatedError: _on_unauthenticated,
    ForbiddenError: _on_forbidden,
    TakenError: _on_taken,
    ReusedKeyError: _on_reused_key,
    TooLargeError: _on_too_large,
    TransientError: _on_transient,
    Exception: _on_bug,
}


def not_found(what: str) -> ProblemError:
    """404, also where something exists that the caller must not know of."""
    return ProblemError(404, "not-found", f"there is no such {what}")
