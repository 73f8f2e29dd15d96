"""Reactions: the commands that follow from a message.

A service registers them inside the factory of its ``subscribers.py``, so nothing happens at import::

    def reactions(store: MongoStore) -> Reactions:
        on = Reactions()

        @on(EnrollmentActivated)
        async def list_partner(message: Envelope[EnrollmentActivated]) -> list[Dispatch]: ...

        return on
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeGuard, TypeVar, overload

from chassis.aggregate.model import Dispatch
from chassis.consumer.bad_commands import BadCommand
from kontor_contracts import Envelope, Payload

P = TypeVar("P", bound=Payload)
F = TypeVar("F", bound=Callable[[Envelope[Any]], Any])
R = TypeVar("R", bound="Sequence[Dispatch] | Awaitable[Sequence[Dispatch]]")

PureReaction = Callable[[Envelope[Any]], Sequence[Dispatch]]
"""Looks at nothing but the message. So the commands of several messages are known before any is applied."""
Reaction = PureReaction | Callable[[Envelope[Any]], Awaitable[Sequence[Dispatch]]]
"""The commands that follow from a message, each for another aggregate."""


class Reactions(Mapping[type[Payload], Reaction]):
    """A service's reactions by message. One registered for several messages may take any of them.

    A message may have several reactions: their commands are applied in the order in which they were registered.
    """

    def __init__(self) -> None:
        self._reactions: dict[type[Payload], Reaction] = {}
        self.bad_command: Callable[[BadCommand], Dispatch] | None = None
        """The answer to a command that breaks the contract. None: there is none but the dead letter."""

    @overload
    def __call__(self, message: type[P], /) -> Callable[[Callable[[Envelope[P]], R]], Callable[[Envelope[P]], R]]: ...

    @overload
    def __call__(self, *messages: type[Payload]) -> Callable[[F], F]: ...

    def __call__(self, *messages: type[Payload]) -> Callable[[Any], Any]:
        def register(reaction: Any) -> Any:
            for message in messages:
                known = self._reactions.get(message)
                self._reactions[message] = reaction if known is None else _both(known, reaction)
            return reaction

        return register

    def on_bad_command(self, answer: Callable[[BadCommand], Dispatch]) -> Callable[[BadCommand], Dispatch]:
        """Register the command whose event tells the sender of a bad command what is wrong with it."""
        self.bad_command = answer
        return answer

    def __getitem__(self, message: type[Payload]) -> Reaction:
        return self._reactions[message]

    def __iter__(self) -> Iterator[type[Payload]]:
        return iter(self._reactions)

    def __len__(self) -> int:
        return len(self._reactions)


def is_pure(reaction: Reaction) -> TypeGuard[PureReaction]:
    return not iscoroutinefunction(reaction)


async def dispatches_of(reaction: Reaction, message: Envelope[Any]) -> Sequence[Dispatch]:
    found = reaction(message)
    return await found if isawaitable(found) else found


def _both(first: Reaction, second: Reaction) -> Reaction:
    if is_pure(first) and is_pure(second):
        return lambda message: [*first(message), *second(message)]

    async def both(message: Envelope[Any]) -> Sequence[Dispatch]:
        return [*await dispatches_of(first, message), *await dispatches_of(second, message)]

    return both
