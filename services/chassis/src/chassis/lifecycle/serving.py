"""A service's process from its start to its end: the order of both, SIGTERM in every moment, and bounds for all that waits."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from socket import AF_INET, AF_INET6, create_server, socket
from typing import Any, NoReturn, Protocol

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp

from chassis.configuration.loading import WRONG, SettingError
from chassis.configuration.settings import Settings
from chassis.errors import UnavailableError
from chassis.http.serving.server import server_config
from chassis.lifecycle.management import Phase, management_app
from chassis.observability.metrics import Metrics

log = structlog.get_logger("chassis.lifecycle.serving")

FAILED = 1
MANAGEMENT_SECONDS = 1


class Service(Protocol):
    """`chassis.service.Chassis`, as far as it is needed here."""

    metrics: Metrics

    async def wait_for_servers(self) -> None: ...
    async def ready(self) -> None: ...
    async def alive(self) -> None: ...
    async def report(self) -> dict[str, Any]: ...


def serve(settings: Settings, chassis: Service, app: FastAPI) -> NoReturn:
    """Serve until SIGTERM or SIGINT, and end the process: with 0 after an orderly end, with 1 where it could not start."""
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    code = loop.run_until_complete(_Serving(settings, chassis, app).run())
    sys.stdout.flush()
    # Nothing is left that has to be done, and nothing that still hangs (a client of a broker that is away) may hold us up.
    os._exit(code)


class _Serving:
    def __init__(self, settings: Settings, chassis: Service, app: FastAPI) -> None:
        self._settings = settings
        self._chassis = chassis
        self._app = app
        self._phase = Phase()
        self._ending = asyncio.Event()

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ending.set)
        management = management_app(
            self._phase,
            ready=self._chassis.ready,
            alive=self._chassis.alive,
            report=self._chassis.report,
            registry=self._chassis.metrics.registry,
            version={
                "service": self._settings.SERVICE,
                "version": self._settings.version,
                "revision": self._settings.revision,
            },
        )
        try:
            async with _served(management, self._settings, "management_port", MANAGEMENT_SECONDS):
                return await self._start_and_serve()
        except OSError as error:
            log.error("port_unavailable", error=str(error))  # noqa: TRY400  the text says all
            return FAILED

    async def _start_and_serve(self) -> int:
        begun = AsyncExitStack()
        try:
            if await self._unless_ended(self._begin(begun)):
                await self._serve_until_ended()
        except SettingError as error:
            sys.stderr.write(f"{error}\n")
            return WRONG
        except (UnavailableError, RuntimeError) as error:
            log.error("start_failed", error=str(error))  # noqa: TRY400  what is away says all
            return FAILED
        finally:
            await self._end(begun)
        log.info("ended")
        return 0

    async def _begin(self, begun: AsyncExitStack) -> None:
        await self._chassis.wait_for_servers()
        await begun.enter_async_context(self._app.router.lifespan_context(self._app))

    async def _serve_until_ended(self) -> None:
        grace = max(1, int(self._settings.shutdown_timeout / 2))
        async with _served(self._app, self._settings, "http_port", grace):
            self._phase.name = "running"
            await self._ending.wait()
            self._phase.name = "draining"
            log.info("draining", seconds=self._settings.drain_delay)
            await asyncio.sleep(self._settings.drain_delay)

    async def _end(self, begun: AsyncExitStack) -> None:
        self._phase.name = "draining"
        closing = asyncio.create_task(begun.aclose())
        done, _ = await asyncio.wait({closing}, timeout=self._settings.shutdown_timeout)
        if not done:
            log.warning("shutdown_timeout", seconds=self._settings.shutdown_timeout)
        elif (error := closing.exception()) is not None:
            log.error("shutdown_failed", error=f"{type(error).__name__}: {error}", exc_info=error)

    async def _unless_ended(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether the work was done before we were asked to end; it is cancelled otherwise."""
        task = asyncio.create_task(work)
        ending = asyncio.create_task(self._ending.wait())
        await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=self._settings.shutdown_timeout)
            return False
        task.result()
        return not self._ending.is_set()


@asynccontextmanager
async def _served(app: ASGIApp, settings: Settings, port: str, grace: int) -> AsyncIterator[None]:
    """Inside, the application answers on the port that this setting names. ``grace``: seconds for requests under way."""
    bound = _bind(settings.http_host, getattr(settings, port), f"KONTOR_{port.upper()}")
    server = _Server(server_config(settings, app, grace=grace))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        await server.accepting.wait()
        yield
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """Leaves signals to us: two of these run in one process. Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.accepting.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bind(host: str, port: int, variable: str) -> socket:
    family = AF_INET6 if ":" in host else AF_INET
    try:
        return create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OSError(f"{variable}: port {port} of {host} cannot be opened: {error.strerror}") from error
