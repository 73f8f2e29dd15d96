"""Requests that change something, and what makes it safe to send one again."""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Header, Request

from chassis.aggregate.model import Cause, CommandKey, derived_id
from chassis.auth.tokens import Principal
from chassis.settings import Settings

TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context."""


class UnsafeRequest:
    """One request that changes something, and the cause of the commands it leads to.

    With an Idempotency-Key a repetition gets the first answer; requests that are idempotent anyway (PUT) may do without.
    """

    def __init__(self, request: Request, key: str | None, body: bytes) -> None:
        self._request = request
        self._key = key
        self._unique = request.state.correlation_id
        self._body = body

    def scope(self, caller: Principal | None) -> str:
        """Unique per caller's organization, route and key: what a created aggregate's id is derived from."""
        tenant = caller.organization_id if caller else "anonymous"
        return derived_id(tenant, self._request.method, self._request.scope["path"], self._key or self._unique)

    def cause(self, caller: Principal | None) -> Cause:
        settings: Settings = self._request.app.state.settings
        scope = self.scope(caller)
        # Keyed with what only the client knows: bodies hold passwords, and a bare hash of one could be guessed at.
        secret = hashlib.blake2b((self._key or "").encode()).digest()
        fingerprint = hashlib.blake2b(self._body, digest_size=16, key=secret).hexdigest()
        return Cause(
            id=f"http:{scope}",
            time=settings.now(),
            correlation_id=self._request.state.correlation_id,
            actor=caller.actor if caller else "anonymous",
            tenant=caller.organization_id if caller else None,
            traceparent=_traceparent(self._request),
            key=CommandKey(scope, fingerprint) if self._key else None,
        )


def _traceparent(request: Request) -> str | None:
    """What is not a traceparent is no reason to refuse a request, and none to pass it on."""
    given = request.headers.get("traceparent", "")
    return given if TRACEPARENT.fullmatch(given) else None


LONGEST_KEY = 128
KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=LONGEST_KEY,
    description="Send the same key to repeat a request safely.",
    examples=["7f9c2c1e-3f1d-4d0a-9d0c-0a2c7f5be6a1"],
)


async def _once(request: Request, key: Annotated[str, KEY]) -> UnsafeRequest:
    return UnsafeRequest(request, key, await request.body())


async def _change(request: Request, key: Annotated[str | None, KEY] = None) -> UnsafeRequest:
    return UnsafeRequest(request, key, await request.body())


Once = Annotated[UnsafeRequest, Depends(_once)]
"""For POST: the request with its Idempotency-Key; 400 without one (`chassis.http.problems`)."""

Change = Annotated[UnsafeRequest, Depends(_change)]
"""For PUT and DELETE: the request, its Idempotency-Key where one is sent."""
