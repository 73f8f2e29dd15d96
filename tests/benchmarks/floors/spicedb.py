"""SpiceDB over its HTTP gateway, at its own default consistency (what is known to be seconds old at the most)."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.floors.rival import Rival

SCHEMA = """
definition company {}
definition customer {
  relation reseller: company
  relation provider: company
  permission administer = reseller
  permission order = provider
}
"""


class SpiceDb(Rival):
    name = "spicedb"

    def __init__(self, binary: Path, directory: Path) -> None:
        key = secrets.token_hex(8)
        self.headers = {"authorization": f"Bearer {key}"}

        def arguments(http: str, grpc: str) -> list[str]:
            args = [str(binary), "serve", "--http-enabled", "--http-addr", http, "--grpc-addr", grpc]
            args += ["--grpc-preshared-key", key, "--datastore-engine", "memory", "--log-level", "error"]
            return [*args, "--metrics-enabled=false", "--telemetry-endpoint=", "--skip-release-check"]

        super().__init__(directory, arguments, ports=2)

    async def _model(self) -> None:
        await self._post("/v1/schema/write", {"schema": SCHEMA})

    async def write(self, company: str, customers: Sequence[str]) -> None:
        updates = [
            {
                "operation": "OPERATION_TOUCH",
                "relationship": {**_resource(customer), "relation": "reseller", **_subject(company)},
            }
            for customer in customers
        ]
        await self._post("/v1/relationships/write", {"updates": updates})

    def check(self, company: str, customer: str) -> bytes:
        return self._asking("check", _item(company, customer))

    def batch(self, company: str, customers: Sequence[str]) -> bytes:
        return self._asking("checkbulk", {"items": [_item(company, customer) for customer in customers]})

    def granted(self, answer: bytes) -> int:
        return answer.count(b"PERMISSIONSHIP_HAS_PERMISSION")

    def _asking(self, call: str, body: dict[str, Any]) -> bytes:
        return load.post(f"/v1/permissions/{call}", json.dumps(body).encode(), **self.headers)


def _item(company: str, customer: str) -> dict[str, Any]:
    return {**_resource(customer), "permission": "administer", **_subject(company)}


def _resource(customer: str) -> dict[str, Any]:
    return {"resource": {"objectType": "customer", "objectId": customer}}


def _subject(company: str) -> dict[str, Any]:
    return {"subject": {"object": {"objectType": "company", "objectId": company}}}
