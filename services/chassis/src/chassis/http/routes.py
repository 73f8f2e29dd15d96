"""Routes that refuse what they do not know, and are named for generated clients."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from enum import Enum
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute

API = "/v1/"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def operation_id(route: APIRoute) -> str:
    """``sign_up`` is ``signUp``: what a generated client calls its function."""
    first, *others = route.name.strip("_").split("_")
    return first + "".join(word.capitalize() for word in others)


class StrictRoute(APIRoute):
    """Refuses unknown query parameters under ``/v1``: a misspelled filter would otherwise be answered with all there is.

    Pages behind links of mails take them: mail gateways and browsers' tools add some.
    """

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        if not self.path.startswith(API):
            return handle
        known = sorted(set(_query_names(self.dependant)))

        async def strictly(request: Request) -> Response:
            if request.scope["query_string"]:
                refuse_unknown(request, known)
            return await handle(request)

        return strictly


class LenientRoute(APIRoute):
    """For what other programs call back by their own rules, such as an issuer of OpenID Connect."""


def refuse_unknown(request: Request, known: Sequence[str]) -> None:
    """Raises RequestValidationError for query parameters that are not ``known``."""
    unknown = [name for name in dict.fromkeys(request.query_params.keys()) if name not in known]
    if unknown:
        context = {"known": ", ".join(known)}
        kind = "unknown_parameter" if known else "no_parameters"
        faults = [{"type": kind, "loc": ("query", name), "msg": kind, "ctx": context} for name in unknown]
        raise RequestValidationError(faults)


def new_router(prefix: str = "", *, tags: Sequence[str] = (), strict: bool = True, **options: Any) -> APIRouter:
    """A router whose routes are named for generated clients. ``options``: FastAPI's."""
    return APIRouter(
        prefix=prefix,
        tags=list[str | Enum](tags),
        route_class=StrictRoute if strict else LenientRoute,
        generate_unique_id_function=operation_id,
        **options,
    )


def _query_names(needs: Any) -> Iterator[str]:
    """Of an endpoint and all it depends on; ``needs`` is FastAPI's `APIRoute.dependant`."""
    for parameter in needs.query_params:
        yield parameter.alias
    for needed in needs.dependencies:
        yield from _query_names(needed)
