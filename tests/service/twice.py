"""Sends requests twice with one Idempotency-Key, and looks whether anything happened the second time."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Self
from uuid import uuid4

from harness.documents import Documents
from harness.running import Running

BUDGET = "mail-budget"


class Twice:
    """``kinds``: of documents that requests change at once, and that nothing changes later. Budgets of mails are looked at, too.

    ``paths``: what was asked for, as the OpenAPI document names it.
    """

    def __init__(self, running: Running, mongo: Documents, kinds: Collection[str]) -> None:
        self._running = running
        self._mongo = mongo
        self._kinds = {BUDGET, *kinds}
        self._settled: Callable[[], Awaitable[Any]] | None = None
        self.paths: set[str] = set()

    def also(self, kinds: Collection[str], *, settled: Callable[[], Awaitable[Any]] | None = None) -> Self:
        """For requests that change other kinds; what it asks for counts here, too.

        ``settled``: waits for what follows a request by messages.
        """
        other = type(self)(self._running, self._mongo, kinds)
        other.paths, other._settled = self.paths, settled
        return other

    async def post(self, path: str, headers: Mapping[str, str], body: Any = None, **names: str) -> Any:
        """The answer. ``body``: text is sent as CSV."""
        headers = {**headers, "Idempotency-Key": str(uuid4())}
        given: dict[str, Any] = {"json": body}
        if isinstance(body, str):
            given, headers["content-type"] = {"content": body.encode()}, "text/csv"
        answers, stored = [], []
        for _ in range(2):
            answers.append(await self._running.client.post(path.format(**names), headers=headers, **given))
            if self._settled and answers[0].is_success:
                await self._settled()
            stored.append(await self._stored())
        first, second = answers
        assert first.is_success, f"{path}: {first.text}"
        # A secret is shown once and not kept.
        shown, again = (answer.json() | {"temporary_password": None} for answer in answers)
        assert (second.status_code, again) == (first.status_code, shown), path
        assert stored[0] == stored[1], f"{path}: something happened twice"
        self.paths.add(path)
        return first.json()

    async def missed(self) -> set[str]:
        """The POSTs that take an Idempotency-Key and were not sent."""
        described = (await self._running.client.get("/openapi.json")).json()["paths"]
        posts = {path: operations["post"] for path, operations in described.items() if "post" in operations}
        return {path for path, post in posts.items() if _is_keyed(post)} - self.paths

    async def _stored(self) -> dict[str, Any]:
        documents = await self._mongo.all(self._running)
        return {one["_id"]: (one["seq"], one["state"]) for one in documents if one["kind"] in self._kinds}


def _is_keyed(post: Mapping[str, Any]) -> bool:
    return any(one["name"].lower() == "idempotency-key" for one in post.get("parameters", ()))
