"""What the ledger announces and follows. The meter is another team's service; the benchmark writes its events."""

from typing import ClassVar, Literal

from kontor_contracts import Event
from kontor_contracts.topics import Topic
from kontor_contracts.values import Id

PARTITIONS = 12


class Booked(Event):
    TYPE: ClassVar[str] = "kontor.ledger.booked.v1"
    account_id: Id
    amount: int
    balance: int


class Measured(Event):
    TYPE: ClassVar[str] = "kontor.meter.measured.v1"
    meter_id: Id
    amount: int


def _topic(name: str, kind: Literal["events", "dlq", "replay"], owner: str, *messages: type[Event]) -> Topic:
    return Topic(
        name=name,
        owner=owner,
        kind=kind,
        key="the account or the meter",
        messages=messages,
        producers=(owner,),
        consumers=("ledger",),
        personal_data="none",
        partitions=PARTITIONS,
    )


OWN = _topic("ledger.events", "events", "ledger", Booked)
READ = _topic("meter.events", "events", "meter", Measured)
TOPICS = (OWN, READ, _topic("ledger.dlq", "dlq", "ledger"), _topic("ledger.replay", "replay", "ledger"))
