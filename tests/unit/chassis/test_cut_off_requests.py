"""The server cuts off a request when it ends: its caller learns that it may send it again."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.http.serving.middleware import RequestMiddleware

Sent = list[Any]


def scope() -> Any:
    settings = SimpleNamespace(SERVICE="identity")
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/users",
        "headers": [(b"x-correlation-id", b"story-1")],
        "client": ("127.0.0.1", 1),
        "app": SimpleNamespace(state=SimpleNamespace(settings=settings)),
    }


async def cut_off(*, begun: bool) -> Sent:
    """What was sent in answer to a request that hangs, before or after the answer began."""
    hangs, sent = asyncio.Event(), Sent()

    async def hang(_: Any, __: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        hangs.set()
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    metrics: Any = SimpleNamespace(request_done=lambda *_: None)
    task = asyncio.create_task(RequestMiddleware(hang, metrics, 1)(scope(), receive, send))
    await hangs.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return sent


async def test_a_cut_off_request_is_answered_with_try_again() -> None:
    start, body = await cut_off(begun=False)
    headers = dict(start["headers"])
    assert (start["status"], headers[b"retry-after"], headers[b"x-correlation-id"]) == (503, b"1", b"story-1")
    assert json.loads(body["body"])["code"] == "try-again"


async def test_an_answer_that_had_begun_is_not_begun_again() -> None:
    (start,) = await cut_off(begun=True)
    assert start["status"] == 200
