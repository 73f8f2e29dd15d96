"""Plain Starlette routes, for the few endpoints that are called more often than all others together (ADR 23).

FastAPI resolves parameters and dependencies in every request, which takes longer than such an endpoint itself. A plain
route reads its models by hand, here, and is described to OpenAPI by an `APIRoute` that is never called.
"""

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chassis.http.routes import operation_id, refuse_unknown

Model = TypeVar("Model", bound=BaseModel)

JSON = "application/json"


class PlainRoute(Route):
    """Answers by ``endpoint``. The signature of ``described`` gives the operation in the OpenAPI document."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        described: Callable[..., Any],
        *,
        method: str,
        tags: Sequence[str] = (),
    ) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.described = APIRoute(
            path,
            described,
            methods=[method],
            tags=list[str | Enum](tags),
            generate_unique_id_function=operation_id,
        )

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self  # FastAPI's router notes its own routes alone; logs and metrics name them
        await super().handle(scope, receive, send)


def read_query(request: Request, model: type[Model]) -> Model:
    """The query parameters. Raises RequestValidationError as FastAPI does."""
    refuse_unknown(request, list(model.model_fields))
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise _refused(error, "query") from None


async def read_json(request: Request, model: type[Model]) -> Model:
    """The JSON body. Raises RequestValidationError as FastAPI does, also for a body of another content type."""
    refuse_unknown(request, ())
    body = await request.body()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        wrong = {"type": "model_attributes_type", "loc": ("body",), "msg": "the body must be JSON", "input": None}
        raise RequestValidationError([wrong])
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _refused(error, "body") from None


def _refused(error: ValidationError, where: str) -> RequestValidationError:
    found = error.errors(include_url=False, include_input=False)
    return RequestValidationError([{**one, "loc": (where, *one["loc"])} for one in found])
