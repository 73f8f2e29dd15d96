"""Reactions are registered by message, inside a service's factory."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
from service.chassis.tally.aggregates import COUNTER
from service.chassis.tally.domain import AddAmount
from service.chassis.tally.messages import Add, AmountAdded, Measured

from chassis import Chassis, Dispatch, Reactions
from chassis.consumer.consumer import Consumer
from chassis.consumer.reactions import dispatches_of, is_pure
from kontor_contracts import Envelope, new_envelope


def add(note: str) -> Dispatch:
    return Dispatch(COUNTER, COUNTER.id(note), AddAmount(1, note))


def pure(note: str) -> Callable[[Envelope[Any]], list[Dispatch]]:
    return lambda _: [add(note)]


def message() -> Envelope[Add]:
    data = Add(counter_id="c", amount=1, note="")
    at = datetime(2026, 11, 25, tzinfo=UTC)
    return new_envelope(data, id="m", source="urn:test", subject="counter:c", time=at, correlationid="c")


def test_reactions_are_found_by_message() -> None:
    on = Reactions()

    @on(Add)
    def when_asked(message: Envelope[Add]) -> list[Dispatch]:
        return [add(message.data.note)]

    assert dict(on) == {Add: when_asked}
    assert Measured not in on


def test_an_application_takes_reactions_and_nothing_else() -> None:
    """One way to register them: a mapping would pass by the order of several reactions to one message."""
    for takes in (Chassis.application, Consumer.__init__):
        assert get_type_hints(takes)["reactions"] in (Reactions, Reactions | None)


def test_a_reaction_to_several_messages_is_registered_for_each() -> None:
    on = Reactions()
    reaction = on(Add, Measured)(pure("a"))
    assert dict(on) == {Add: reaction, Measured: reaction}


async def test_the_commands_of_several_reactions_keep_their_order() -> None:
    on = Reactions()
    on(Add)(pure("first"))

    @on(Add)
    async def second(_: Envelope[Add]) -> list[Dispatch]:
        return [add("second")]

    on(Add)(pure("third"))
    found = await dispatches_of(on[Add], message())
    assert [dispatch.command.note for dispatch in found] == ["first", "second", "third"]


@pytest.mark.parametrize("second", [pure("second"), None])
def test_reactions_together_are_pure_if_each_is(second: Callable[[Envelope[Any]], list[Dispatch]] | None) -> None:
    async def reads(_: Envelope[Any]) -> list[Dispatch]:
        return []

    on = Reactions()
    on(AmountAdded)(pure("first"))
    on(AmountAdded)(second or reads)
    assert is_pure(on[AmountAdded]) is (second is not None)
