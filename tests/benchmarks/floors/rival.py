"""A server that others use for authorization checks, as a process with its store in memory: what the two we know share."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx2

from kontor_local.ports import HOST, Port, is_open
from kontor_local.processes import Process


class Rival(ABC):
    """Its model says what Kontor's graph says: a company that is a customer's reseller may administer it."""

    name: str
    headers: Mapping[str, str] = {}

    def __init__(self, directory: Path, arguments: Callable[..., Sequence[str]], ports: int) -> None:
        """``arguments``: the command, from as many addresses as there are ``ports``. The first of them speaks HTTP."""
        self._ports = [Port() for _ in range(ports)]
        self.port = self._ports[0].number
        command = arguments(*(f"{HOST}:{port.number}" for port in self._ports))
        self._process = Process(self.name, command, log=directory / "logs" / f"{self.name}.log")

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        for port in self._ports:
            port.release()
        self._process.start()
        try:
            await self._process.until(self._listens, 30.0)
            async with httpx2.AsyncClient(
                base_url=f"http://{HOST}:{self.port}", headers=dict(self.headers), timeout=10.0
            ) as client:
                self._client = client
                await self._model()
                yield self
        finally:
            await self._process.terminate()

    @abstractmethod
    async def _model(self) -> None: ...

    @abstractmethod
    async def write(self, company: str, customers: Sequence[str]) -> None:
        """The company is reseller of these customers."""

    @abstractmethod
    def check(self, company: str, customer: str) -> bytes:
        """The request that asks whether the company may administer the customer."""

    @abstractmethod
    def batch(self, company: str, customers: Sequence[str]) -> bytes:
        """The request that asks it of several customers."""

    @abstractmethod
    def granted(self, answer: bytes) -> int:
        """How many yeses are in the answer."""

    async def _listens(self) -> bool:
        return is_open(self.port)

    async def _post(self, path: str, body: Any) -> Any:
        answer = await self._client.post(path, json=body)
        answer.raise_for_status()
        return answer.json()
