"""Requests that change something, and what makes it safe to send one again."""

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Request

from chassis import tracing
from chassis.aggregate.model import Cause, CommandKey, derived_id
from chassis.aggregate.repetitions import time_in
from chassis.auth.principal import Principal
from chassis.configuration.settings import Settings


class UnsafeRequest:
    """One request that changes something, and the cause of the commands it leads to.

    With an Idempotency-Key a repetition gets the first answer; requests that are idempotent anyway (PUT) may do without.
    """

    def __init__(self, request: Request, key: str | None, body: bytes) -> None:
        self._request = request
        self._key = key
        self._unique = request.state.correlation_id
        self._body = body

    def scope(self, caller: Principal | None, about: str | None = None) -> str:
        """Unique per caller's organization, route and key: what a created aggregate's id is derived from.

        Strangers have no organization, and one's key may be another's, too. Theirs is one per ``about``, what is asked for
        (an address); where that is not given, one per body.
        """
        parts = (caller.organization_id,) if caller else ("anonymous", self._fingerprint if about is None else about)
        return derived_id(*parts, self._request.method, self._request.scope["path"], self._key or self._unique)

    @property
    def _fingerprint(self) -> str:
        # Keyed with what only the client knows: bodies hold passwords, and a bare hash of one could be guessed at.
        secret = hashlib.blake2b((self._key or self._unique).encode()).digest()
        return hashlib.blake2b(self._body, digest_size=16, key=secret).hexdigest()

    def cause(self, caller: Principal | None, about: str | None = None) -> Cause:
        """``about``: as in ``scope``."""
        settings: Settings = self._request.app.state.settings
        scope = self.scope(caller, about)
        return Cause(
            id=f"http:{scope}",
            time=settings.now(),
            correlation_id=self._request.state.correlation_id,
            actor=caller.actor if caller else "anonymous",
            tenant=caller.organization_id if caller else None,
            traceparent=tracing.traceparent() or _traceparent(self._request),
            key=CommandKey(scope, self._fingerprint, time_in(self._key)) if self._key else None,
        )


def _traceparent(request: Request) -> str | None:
    """What is not a traceparent is no reason to refuse a request, and none to pass it on."""
    given = request.headers.get(tracing.HEADER, "")
    return given if tracing.TRACEPARENT.fullmatch(given) else None


LONGEST_KEY = 128
KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=LONGEST_KEY,
    description=(
        "Send the same key to repeat a request safely. For 24 hours at least the repetition changes nothing and gets the "
        "first answer; 409 `idempotency-key-expired` where the answer is not kept any more. A UUID of version 7 says when it "
        "was made: with one older than 24 hours a request is refused instead of carried out a second time. "
        "422 `idempotency-key-reused` if the key came with another request."
    ),
    examples=["0196a3d2-7c4e-7d0a-9d0c-0a2c7f5be6a1"],
)


async def _once(request: Request, key: Annotated[str, KEY]) -> UnsafeRequest:
    return UnsafeRequest(request, key, await request.body())


async def _unkeyed(request: Request) -> UnsafeRequest:
    return UnsafeRequest(request, None, await request.body())


async def _change(request: Request, key: Annotated[str | None, KEY] = None) -> UnsafeRequest:
    return UnsafeRequest(request, key, await request.body())


Once = Annotated[UnsafeRequest, Depends(_once)]
"""For POST: the request with its Idempotency-Key; 400 without one (`chassis.http.problems`)."""

Unkeyed = Annotated[UnsafeRequest, Depends(_unkeyed)]
"""The request, whatever key is sent: for what is answered once and not kept (secrets), for sign-ins, and for pages' forms."""

Change = Annotated[UnsafeRequest, Depends(_change)]
"""For PUT and DELETE: the request, its Idempotency-Key where one is sent."""
