"""The HTTP side of every service: the application, and the names that endpoints ask for in one place."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.routing import Router

from chassis.configuration.settings import Settings
from chassis.http.documentation.docs import add_docs
from chassis.http.documentation.openapi import Described
from chassis.http.idempotency import Change, Once, Unkeyed, UnsafeRequest
from chassis.http.pagination import Page, PageQuery, Paging
from chassis.http.problems import HANDLERS, Problem, ProblemError, not_found
from chassis.http.serving.middleware import RequestMiddleware
from chassis.observability.metrics import Metrics

__all__ = [
    "Change",
    "Once",
    "Page",
    "PageQuery",
    "Paging",
    "Problem",
    "ProblemError",
    "Unkeyed",
    "UnsafeRequest",
    "create_app",
    "not_found",
]


def create_app(
    settings: Settings,
    *,
    title: str,
    routers: Sequence[Router],
    metrics: Metrics,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    large_bodies: Mapping[str, int],
) -> FastAPI:
    """A FastAPI application with all of this in place. Health and metrics have their own: `chassis.lifecycle.management`."""
    app = Described(
        title=title,
        version=settings.version,
        # A redirect from /x/ would be built from the Host that the client sent, with what a link carries in it.
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        default_response_class=JSONResponse,
        # Its spans would have paths as they came, and links carry tokens. It looks for exporters in every request, besides.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    for router in routers:
        # As if they stood here. Included, they would be matched twice in every request.
        app.router.routes.extend(router.routes)
    add_docs(app)
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    large = [(re.compile(pattern), most) for pattern, most in large_bodies.items()]
    app.add_middleware(RequestMiddleware, metrics=metrics, body_seconds=settings.http_body_timeout, large_bodies=large)
    if settings.cors_origins:
        # Outermost, so that a page can read the answer to a bug, too.
        # Tokens travel in a header, so credentials (cookies) stay off.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
            expose_headers=["x-correlation-id", "retry-after"],
        )
    return app
