"""Requests that change something, and what makes it safe to send one again."""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Request

from chassis.aggregate.model import Cause, CommandKey, derived_id
from chassis.auth.tokens import Principal
from chassis.http.problems import ProblemError
from chassis.http.saying import Operation, Say, says
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


def _key(request: Request) -> str | None:
    """Of the header itself: as a parameter of FastAPI's it would cost a request as much as all that is done with it."""
    key = request.headers.get("idempotency-key")
    if key and len(key) > LONGEST_KEY:
        raise ProblemError(422, "invalid", f"a key has at most {LONGEST_KEY} characters", field="Idempotency-Key")
    return key or None


async def _once(request: Request) -> UnsafeRequest:
    key = _key(request)
    if key is None:
        raise ProblemError(
            400,
            "idempotency-key-missing",
            "send an Idempotency-Key header, for instance a UUID",
            field="Idempotency-Key",
        )
    return UnsafeRequest(request, key, await request.body())


async def _change(request: Request) -> UnsafeRequest:
    return UnsafeRequest(request, _key(request), await request.body())


def _takes_key(*, required: bool) -> Say:
    def say(operation: Operation) -> None:
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": required,
                "description": "Send the same key to repeat a request safely.",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
            }
        )

    return say


says(_once, _takes_key(required=True))
says(_change, _takes_key(required=False))

Once = Annotated[UnsafeRequest, Depends(_once)]
"""For POST: the request with its Idempotency-Key; 400 without one."""

Change = Annotated[UnsafeRequest, Depends(_change)]
"""For PUT and DELETE: the request, its Idempotency-Key where one is sent."""
