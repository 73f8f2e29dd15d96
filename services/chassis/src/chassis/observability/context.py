"""What the current task works on, for the lines it logs, and from which network it was asked.

Noting it costs next to nothing; a line that is written tells.
"""

from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

from aiokafka import ConsumerRecord

from chassis import tracing
from kontor_contracts import Envelope

_correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
_network: ContextVar[Callable[[], str]] = ContextVar("network", default=str)
_record: ContextVar[ConsumerRecord | None] = ContextVar("record", default=None)
_message: ContextVar[Envelope[Any] | None] = ContextVar("message", default=None)


def request(correlation_id: str, network: Callable[[], str] = str) -> None:
    """``network`` is asked for where it is needed: few requests are counted by it, and it takes long to make."""
    _correlation.set(correlation_id)
    _network.set(network)


def client_network() -> str:
    """Of the request in work (`chassis.http.serving.networks`); empty outside of one. Never logged: it belongs to a person."""
    return _network.get()()


def record(record: ConsumerRecord) -> None:
    """From here on this record, whose message is not known yet."""
    _record.set(record)
    _message.set(None)


def message(envelope: Envelope[Any] | None) -> None:
    _message.set(envelope)


def add(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor for structlog. What the line itself says counts more."""
    if (correlation := _correlation.get()) is not None:
        event.setdefault("correlation_id", correlation)
    if (record := _record.get()) is not None:
        event.setdefault("topic", record.topic)
        event.setdefault("partition", record.partition)
        event.setdefault("offset", record.offset)
    if (envelope := _message.get()) is not None:
        event.setdefault("correlation_id", envelope.correlationid)
        event.setdefault("message_id", envelope.id)
        event.setdefault("message_type", envelope.type)
    if (traced := tracing.ids()) is not None:
        event.setdefault("trace_id", traced[0])
        event.setdefault("span_id", traced[1])
    return event
