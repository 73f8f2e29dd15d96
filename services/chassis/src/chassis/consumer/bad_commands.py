"""Commands that break the contract. They are parked, and their senders hear of it by an event, wherever they can be named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import ConsumerRecord
from pydantic import TypeAdapter, ValidationError

from chassis.aggregate.model import Cause, CommandKey, derived_id
from chassis.consumer.dead_letters.headers import Failure
from chassis.consumer.decoder import portal_actor
from kontor_contracts import MalformedError, UnknownTypeError, UnknownVersionError
from kontor_contracts.envelope import Source
from kontor_contracts.refused_commands import CommandFault
from kontor_contracts.values import Id, Line

LONGEST_DETAIL = 200

_ID: TypeAdapter[str] = TypeAdapter(Id)
_LINE: TypeAdapter[str] = TypeAdapter(Line)
_SOURCE: TypeAdapter[str] = TypeAdapter(Source)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCommand:
    """``id`` and ``source`` as its sender wrote them, ``type`` too if it is readable. ``field``: what is wrong, if it is one."""

    id: str
    source: str
    type: str | None
    fault: CommandFault
    field: str | None
    detail: str


def bad_command(failure: Failure) -> BadCommand | None:
    """None where the record does not say who sent what, so that nobody could recognize an answer."""
    id, source = (_read(adapter, failure.claims.get(name)) for adapter, name in ((_ID, "id"), (_SOURCE, "source")))
    if id is None or source is None:
        return None
    field, detail = _said(failure.error)
    return BadCommand(
        id=id,
        source=source,
        type=_read(_LINE, failure.claims.get("type")),
        fault=_fault(failure.error),
        field=field,
        detail=detail,
    )


def cause_of(
    bad: BadCommand,
    claims: Mapping[str, Any],
    record: ConsumerRecord,
    now: datetime,
    reply_topics: Mapping[str, frozenset[str]],
) -> Cause:
    """One answer to each record, also if it is read again. Whose ``source`` is in doubt names no topic for it."""
    wanted = _read(_LINE, claims.get("replyto"))
    place = derived_id(record.topic, str(record.partition), str(record.offset))
    return Cause(
        id=bad.id,
        time=now,
        correlation_id=_read(_ID, claims.get("correlationid")) or bad.id,
        actor=portal_actor(bad.source),
        key=CommandKey(place, place),
        on_bus=True,
        reply_to=wanted if bad.field != "source" and wanted in reply_topics.get(bad.source, ()) else None,
    )


def _fault(error: Exception) -> CommandFault:
    match error:
        case UnknownVersionError():
            return "unknown-version"
        case UnknownTypeError():
            return "unknown-type"
        case MalformedError():
            return "malformed"
        case _:
            return "rule-broken"


def _said(error: Exception) -> tuple[str | None, str]:
    """Our errors begin with the field, and quote nothing of the data."""
    field, colon, detail = str(error).partition(": ")
    named = field if colon and " " not in field else None
    said = " ".join((detail if named else str(error)).split())
    return _read(_LINE, named), _read(_LINE, said[:LONGEST_DETAIL]) or "it breaks the contract"


def _read(adapter: TypeAdapter[str], value: Any) -> str | None:
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError:
        return None
