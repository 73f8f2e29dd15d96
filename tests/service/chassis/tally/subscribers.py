"""What follows from a message. Some notes make a reaction fail, for the tests of what happens then."""

from collections import Counter as Tries

from service.chassis.tally.aggregates import COUNTER, MIRROR
from service.chassis.tally.domain import AddAmount
from service.chassis.tally.messages import Add, AmountAdded, Measured
from service.chassis.tally.mirror import Follow

from chassis import Dispatch, Reactions
from kontor_contracts import Envelope

PERSON = "grete.muster@reseller.example"
"""Somebody's address, which no dead letter's header may repeat."""


def reactions(*, mirror: bool) -> Reactions:
    on = Reactions()
    tries: Tries[str] = Tries()

    @on(Measured, Add)
    def when_asked(message: Envelope[Add | Measured]) -> list[Dispatch]:
        data = message.data
        tries[message.id] += 1
        fails, _, times = data.note.partition(":")
        if fails == "fail" and tries[message.id] <= int(times or 1_000_000):
            raise RuntimeError(f"no idea what to do for {PERSON}")
        if data.note == "nothing":
            return []
        order = Dispatch(COUNTER, COUNTER.id(data.counter_id), AddAmount(data.amount, data.note))
        return [order, order] if data.note == "twice" else [order]

    if mirror:

        @on(AmountAdded)
        def when_amount_added(message: Envelope[AmountAdded]) -> list[Dispatch]:
            follow = Follow(message.data.amount, message.data.total)
            return [Dispatch(MIRROR, MIRROR.id(message.subject.removeprefix("counter:")), follow)]

    return on
