"""OpenFGA with its store in memory, as a process: the model and the tuples that say the same as Kontor's graph."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from benchmarks import load
from kontor_local.ports import HOST, Port, is_open
from kontor_local.processes import Process

BATCH = 50
MODEL: dict[str, Any] = {
    "schema_version": "1.1",
    "type_definitions": [
        {"type": "company"},
        {
            "type": "customer",
            "relations": {
                "reseller": {"this": {}},
                "provider": {"this": {}},
                "administer": {"computedUserset": {"relation": "reseller"}},
                "order": {"computedUserset": {"relation": "provider"}},
            },
            "metadata": {
                "relations": {
                    "reseller": {"directly_related_user_types": [{"type": "company"}]},
                    "provider": {"directly_related_user_types": [{"type": "company"}]},
                }
            },
        },
    ],
}


class OpenFga:
    def __init__(self, binary: Path, directory: Path) -> None:
        self._ports = Port(), Port(), Port()
        http, grpc, probes = (f"{HOST}:{port.number}" for port in self._ports)
        self.port = self._ports[0].number
        args = [str(binary), "run", "--http-addr", http, "--grpc-addr", grpc, "--log-level", "error"]
        args += ["--playground-enabled=false", "--metrics-enabled=false", "--datastore-engine", "memory"]
        self._process = Process("openfga", args, log=directory / "logs" / "openfga.log")
        self._probes = probes

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["OpenFga"]:
        for port in self._ports:
            port.release()
        self._process.start()
        try:
            await self._process.until(self._listens, 30.0)
            async with httpx2.AsyncClient(base_url=f"http://{HOST}:{self.port}", timeout=10.0) as client:
                self._client = client
                self._store = (await self._post("/stores", {"name": "bench"}))["id"]
                model = await self._post(f"/stores/{self._store}/authorization-models", MODEL)
                self._model = model["authorization_model_id"]
                yield self
        finally:
            await self._process.terminate()

    async def write(self, relation: str, company: str, customers: Sequence[str]) -> None:
        keys = [
            {"user": f"company:{company}", "relation": relation, "object": f"customer:{customer}"}
            for customer in customers
        ]
        for start in range(0, len(keys), BATCH):
            body = {"writes": {"tuple_keys": keys[start : start + BATCH]}, "authorization_model_id": self._model}
            await self._post(f"/stores/{self._store}/write", body)

    def check(self, relation: str, company: str, customer: str) -> bytes:
        """The request that asks it."""
        key = {"user": f"company:{company}", "relation": relation, "object": f"customer:{customer}"}
        body = {"tuple_key": key, "authorization_model_id": self._model}
        return load.post(f"/stores/{self._store}/check", json.dumps(body).encode())

    async def _listens(self) -> bool:
        return is_open(self.port)

    async def _post(self, path: str, body: Any) -> Any:
        answer = await self._client.post(path, json=body)
        answer.raise_for_status()
        return answer.json()
