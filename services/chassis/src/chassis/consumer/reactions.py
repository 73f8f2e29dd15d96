"""What a service does about a message."""

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeGuard

from chassis.aggregate.model import Dispatch
from kontor_contracts import Envelope

Foresight = Callable[[Envelope[Any]], Sequence[Dispatch]]
"""A reaction that looks at nothing but the message. So what several messages lead to is known before any is applied."""
Reaction = Foresight | Callable[[Envelope[Any]], Awaitable[Sequence[Dispatch]]]
"""The commands that follow from a message, each for one aggregate, none for the same."""


def foresees(reaction: Reaction) -> TypeGuard[Foresight]:
    return not iscoroutinefunction(reaction)


async def orders_of(reaction: Reaction, message: Envelope[Any]) -> Sequence[Dispatch]:
    found = reaction(message)
    return await found if isawaitable(found) else found
