"""What tests ask a tally over HTTP."""

import secrets
from typing import Any

import httpx2
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens


class Caller:
    """Somebody who may write counters, and speaks to one instance."""

    def __init__(self, running: Running, tokens: Tokens) -> None:
        self._running = running
        self._headers = tokens.bearer("org-a", permissions={"counters:write"})

    async def add(self, counter: str, amount: int = 1, *, times: int = 1, note: str = "") -> httpx2.Response:
        body = {"amount": amount, "times": times, "note": note}
        return await self._post(f"/v1/counters/{counter}/add", body)

    async def set_alarm(self, counter: str, at: str) -> httpx2.Response:
        path = f"/v1/counters/{counter}/alarm"
        return await self._running.client.put(path, json={"at": at}, headers=self._headers)

    async def _post(self, path: str, body: Any) -> httpx2.Response:
        headers = {**self._headers, "Idempotency-Key": secrets.token_hex(8)}
        return await self._running.client.post(path, json=body, headers=headers)


async def state(mongo: Documents, running: Running, id: str) -> dict[str, Any]:
    """The state of a document; empty while there is none."""
    try:
        found: dict[str, Any] = (await mongo.one(running, id))["state"]
    except KeyError:
        return {}
    return found


async def settled(mongo: Documents, running: Running) -> bool:
    """Whether no document has events that are not known to be in the topic."""
    return not await mongo.owes(running)
