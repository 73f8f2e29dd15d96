"""What tests of every kind share: waiting for something that another process does."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(check: Callable[[], Awaitable[T]], timeout: float = ..., every: float = ...) -> T: ...


@overload
async def eventually(check: Callable[[], T], timeout: float = ..., every: float = ...) -> T: ...


async def eventually(check: Callable[[], object], timeout: float = 60.0, every: float = 0.05) -> object:
    """Return the first truthy result of `check`, plain or awaitable; fail with the last value after `timeout` seconds.

    An exception raised by `check` is not swallowed: a check that may fail for a while says so itself.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    while True:
        outcome = check()
        value = await outcome if inspect.isawaitable(outcome) else outcome
        if value:
            return value
        if loop.time() >= deadline:
            raise AssertionError(f"not so within {timeout} s; the last value was {value!r}")
        await asyncio.sleep(every)
