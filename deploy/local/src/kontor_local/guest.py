"""A small HTTP server inside a process that has other things to do."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from kontor_local.ports import Port


class GuestServer:
    """Serves an ASGI application in the running loop, on a port of its own."""

    def __init__(self, app: Any, *, port: Port | None = None) -> None:
        self.port = port or Port()
        self.url = f"http://{self.port.host}:{self.port.number}"
        config = uvicorn.Config(
            app,
            host=self.port.host,
            port=self.port.number,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connections made from now on are answered."""
        self._serving = asyncio.create_task(self._server.serve([self.port.take()]))

    async def stop(self) -> None:
        if self._serving is not None:
            self._server.should_exit = True
            await self._serving
            self._serving = None


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # a guest in somebody else's process: signals are not its business
