"""Health, metrics and the report of a service's state, on a port of their own that no public address leads to."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.errors import UnavailableError

Check = Callable[[], Awaitable[None]]
Report = Callable[[], Awaitable[Mapping[str, Any]]]


class Phase:
    """How far the process has come. It is ready in one phase only."""

    def __init__(self) -> None:
        self.name: Literal["starting", "running", "draining"] = "starting"

    def check(self) -> None:
        """Raises UnavailableError, but while it runs."""
        if self.name != "running":
            raise UnavailableError(f"the service is {self.name}")


def management_app(
    phase: Phase,
    *,
    ready: Check,
    alive: Check,
    report: Report,
    registry: CollectorRegistry,
    version: Mapping[str, str],
) -> Starlette:
    """``ready`` and ``alive`` raise when they are not; ``alive`` is asked in every phase."""

    async def is_ready() -> None:
        phase.check()
        await ready()

    async def livez(_: Request) -> Response:
        return await _answer(alive)

    async def readyz(_: Request) -> Response:
        return await _answer(is_ready)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    async def status(_: Request) -> Response:
        return JSONResponse({"phase": phase.name, **await report()})

    async def version_(_: Request) -> Response:
        return JSONResponse(dict(version))

    routes = [Route(f"/{each.__name__}", each) for each in (livez, readyz, metrics, status)]
    routes.append(Route("/version", version_))
    return Starlette(routes=routes)


async def _answer(check: Check) -> Response:
    try:
        await check()
    except Exception as error:  # noqa: BLE001  whatever it is, the answer is no
        return JSONResponse({"ok": False, "reason": str(error)}, status_code=503)
    return JSONResponse({"ok": True})
