"""What the tally reads and writes, and the topics for it. The meter is another team's service that nobody runs."""

from typing import ClassVar, Literal

from kontor_contracts import Command, Event, Refusal
from kontor_contracts.topics import Topic
from kontor_contracts.values import Id, Moment


class Measured(Event):
    TYPE: ClassVar[str] = "kontor.meter.measured.v1"
    counter_id: Id
    amount: int
    note: str = ""
    organization_id: Id | None = None


class Add(Command):
    TYPE: ClassVar[str] = "kontor.tally.add.v1"
    counter_id: Id
    amount: int
    note: str = ""


class CounterOpened(Event):
    TYPE: ClassVar[str] = "kontor.tally.counter-opened.v1"
    name: str
    organization_id: Id


class AmountAdded(Event):
    TYPE: ClassVar[str] = "kontor.tally.amount-added.v1"
    amount: int
    total: int
    note: str = ""


class CounterClosed(Event):
    TYPE: ClassVar[str] = "kontor.tally.counter-closed.v1"


class AlarmSet(Event):
    TYPE: ClassVar[str] = "kontor.tally.alarm-set.v1"
    at: Moment


class CounterRang(Event):
    TYPE: ClassVar[str] = "kontor.tally.counter-rang.v1"


class AddRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.tally.add-refused.v1"


class NameRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.tally.name-refused.v1"
    field: str | None = "name"
    detail: str = "give the counter a name that has letters"


def _topic(
    name: str,
    kind: Literal["events", "commands", "dlq", "replay"],
    messages: tuple[type[Event] | type[Command], ...],
    owner: str = "tally",
) -> Topic:
    return Topic(
        name=name,
        owner=owner,
        kind=kind,
        key="the counter",
        messages=messages,
        producers=(owner,),
        consumers=("tally",),
        personal_data="none",
        partitions=4,
        max_message_bytes=2 * 1024 * 1024,
    )


EVENTS = (CounterOpened, AmountAdded, CounterClosed, AlarmSet, CounterRang, AddRefused, NameRefused)
METER = _topic("meter.events", "events", (Measured,), "meter")
COMMANDS = _topic("tally.commands", "commands", (Add,))
OWN = _topic("tally.events", "events", EVENTS)
DEAD = _topic("tally.dlq", "dlq", ())
REPLAY = _topic("tally.replay", "replay", ())
READ = (METER, COMMANDS)
TOPICS = (*READ, OWN, DEAD, REPLAY)
TYPES = {type_: payload for topic in TOPICS for type_, payload in topic.types.items()}
