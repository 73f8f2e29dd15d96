"""OpenFGA over its HTTP interface."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.floors.rival import Rival

AT_ONCE = 50
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


class OpenFga(Rival):
    name = "openfga"

    def __init__(self, binary: Path, directory: Path) -> None:
        def arguments(http: str, grpc: str) -> list[str]:
            args = [str(binary), "run", "--http-addr", http, "--grpc-addr", grpc, "--log-level", "error"]
            return [*args, "--playground-enabled=false", "--metrics-enabled=false", "--datastore-engine", "memory"]

        super().__init__(directory, arguments, ports=2)

    async def _model(self) -> None:
        self._store = (await self._post("/stores", {"name": "bench"}))["id"]
        model = await self._post(f"/stores/{self._store}/authorization-models", MODEL)
        self._model_id = model["authorization_model_id"]

    async def write(self, company: str, customers: Sequence[str]) -> None:
        keys = [_key(company, "reseller", customer) for customer in customers]
        for start in range(0, len(keys), AT_ONCE):
            body = {"writes": {"tuple_keys": keys[start : start + AT_ONCE]}, "authorization_model_id": self._model_id}
            await self._post(f"/stores/{self._store}/write", body)

    def check(self, company: str, customer: str) -> bytes:
        return self._asking("check", {"tuple_key": _key(company, "administer", customer)})

    def batch(self, company: str, customers: Sequence[str]) -> bytes:
        checks = [
            {"tuple_key": _key(company, "administer", customer), "correlation_id": str(number)}
            for number, customer in enumerate(customers)
        ]
        return self._asking("batch-check", {"checks": checks})

    def granted(self, answer: bytes) -> int:
        return answer.count(b'"allowed":true')

    def _asking(self, call: str, what: dict[str, Any]) -> bytes:
        body = {**what, "authorization_model_id": self._model_id}
        return load.post(f"/stores/{self._store}/{call}", json.dumps(body).encode())


def _key(company: str, relation: str, customer: str) -> dict[str, str]:
    return {"user": f"company:{company}", "relation": relation, "object": f"customer:{customer}"}
