"""Calls an endpoint with less around it than FastAPI puts there, where the endpoint needs no more.

FastAPI finds out in every request what an endpoint and its dependencies take, which costs more than most of ours do. For
an endpoint that takes what is in the path, one JSON body, and dependencies of nothing but the request (`chassis.http.saying`),
it is known beforehand. All other endpoints, and every request in which anything is not as it should be, are FastAPI's:
the two ways differ in nothing but the time they take.
"""

import inspect
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, serialize_response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"


class NotStraightError(Exception):
    """The request is for FastAPI to answer."""


@dataclass(frozen=True, slots=True)
class Straight:
    """A route's application. ``needs``: by parameter, what is called with the request."""

    route: APIRoute
    otherwise: ASGIApp
    needs: Sequence[tuple[str, Callable[[Request], Awaitable[Any]]]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        body = await _read(request) if self.route.body_field else b""
        try:
            values = self._values(request, body)
        except NotStraightError:
            await self.otherwise(scope, _again(body, receive) if self.route.body_field else receive, send)
            return
        for name, need in self.needs:
            values[name] = await need(request)
        answer = await self.route.endpoint(**values)
        response = answer if isinstance(answer, Response) else await self._response(answer)
        await response(scope, receive, send)

    def _values(self, request: Request, body: bytes) -> dict[str, Any]:
        """What comes in the path and the body; before any dependency, as FastAPI has it."""
        given = request.path_params
        values = {
            field.name: _valid(field, given.get(field.alias), ("path", field.alias))
            for field in self.route.dependant.path_params
        }
        if field := self.route.body_field:
            if request.headers.get("content-type", "").partition(";")[0] != JSON:
                raise NotStraightError
            try:
                found = json.loads(body)
            except (ValueError, RecursionError) as error:
                raise NotStraightError from error
            values[field.name] = _valid(field, found, ("body",))
        return values

    async def _response(self, answer: Any) -> Response:
        route = self.route
        content = await serialize_response(
            field=route.response_field,
            response_content=answer,
            by_alias=route.response_model_by_alias,
            dump_json=True,
        )
        return Response(content, status_code=route.status_code or 200, media_type=JSON)


def straightened(route: APIRoute) -> ASGIApp:
    """The application of this route: straight where it may be, otherwise as FastAPI made it."""
    needed = route.dependant.dependencies
    if not (_is_plain(route) and all(_asks_for_the_request_alone(each) for each in needed)):
        return route.app
    return Straight(route, route.app, [(each.name, each.call) for each in needed if each.name and each.call])


def _is_plain(route: APIRoute) -> bool:
    needs = route.dependant
    bodies = [field.field_info.annotation for field in needs.body_params]
    return (
        inspect.iscoroutinefunction(route.endpoint)
        and not (needs.query_params or needs.header_params or needs.cookie_params)
        and not _wants_more(needs)
        and needs.request_param_name is None
        and (not bodies or (len(bodies) == 1 and inspect.isclass(bodies[0]) and issubclass(bodies[0], BaseModel)))
        and all(field.field_info.is_required() for field in needs.body_params)
        and not (route.body_field and route.body_field.name != needs.body_params[0].name)
        and route.response_field is not None
        and isinstance(route.response_class, DefaultPlaceholder)
        and not (route.response_model_include or route.response_model_exclude)
        and not (route.response_model_exclude_unset or route.response_model_exclude_defaults)
        and not route.response_model_exclude_none
    )


def _asks_for_the_request_alone(needs: Dependant) -> bool:
    parameters = (needs.path_params, needs.query_params, needs.header_params, needs.cookie_params, needs.body_params)
    return (
        inspect.iscoroutinefunction(needs.call)
        and needs.name is not None
        and needs.request_param_name is not None
        and not any(parameters)
        and not needs.dependencies
        and not _wants_more(needs)
    )


def _wants_more(needs: Dependant) -> bool:
    return any(
        (
            needs.websocket_param_name,
            needs.http_connection_param_name,
            needs.response_param_name,
            needs.background_tasks_param_name,
            needs.security_scopes_param_name,
        )
    )


def _valid(field: Any, value: Any, where: tuple[str, ...]) -> Any:
    """The same validation that FastAPI does; what it would refuse, it shall refuse itself."""
    found, errors = field.validate(value, {}, loc=where)
    if errors:
        raise NotStraightError
    return found


async def _read(request: Request) -> bytes:
    try:
        return await request.body()
    except HTTPException:
        raise
    except Exception as error:
        raise HTTPException(400, "There was an error parsing the body") from error


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, and then what comes after it."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
