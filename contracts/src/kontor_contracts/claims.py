"""What becomes of each claim of a command. A claim is anything that a record says of itself.

Commands come from outside, so a claim is believed only where nothing else says it, and where a rule below takes it.
`RULES` is that table: the README shows it, `judged` applies it, and a test makes a case of each line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from kontor_contracts.errors import MalformedError
from kontor_contracts.values import Id

OWN_SOURCES = "/kontor/"
"""Sources that begin with this are those of Kontor's services. No portal has one."""

_ID: TypeAdapter[str] = TypeAdapter(Id)

PASSED_OVER: Mapping[str, TypeAdapter[Any]] = {
    "actor": _ID,
    "causationid": _ID,
    "dataschema": TypeAdapter(str),
    "sequence": TypeAdapter(Annotated[int, Field(ge=0, le=2**63 - 1)]),
    "tenantid": _ID,
    "traceparent": TypeAdapter(Annotated[str, StringConstraints(max_length=128)]),
}
"""What only Kontor itself says in its events. In a command nothing follows from it, so no value of it is a fault."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")
_LEAP = re.compile(r"(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}):60(?:\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How a record differs from a good one. An attribute that is ABSENT is left out; ``mode``: of the Kafka binding."""

    attributes: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, bytes | None] = field(default_factory=dict)
    key: bytes | Literal["good"] | None = "good"
    partition: int | None = None
    mode: Literal["structured", "binary"] = "structured"


ABSENT = "(absent)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``refused``: the field that the refusal names; None: the command is taken, and ``becomes`` says as what."""

    claim: str
    says: str
    becomes: str
    written: tuple[Written, ...]
    refused: str | None = None


def _attribute(name: str, *values: Any) -> tuple[Written, ...]:
    return tuple(Written(attributes={name: value}) for value in values)


def _ignored(name: str, *values: Any) -> Rule:
    return Rule(claim=name, says="anything", becomes=_IGNORED_AS[name], written=_attribute(name, *values))


_IGNORED_AS = {
    "actor": "passed over: what follows names `portal:<name>`, the last part of the `source`",
    "causationid": "passed over: the cause of what follows is the command itself, by its `id`",
    "dataschema": "passed over: the `type` says what is judged",
    "sequence": "passed over: a command has no number within its subject",
    "tenantid": "passed over: the organization follows from the data",
    "traceparent": "passed over: a trace of Kontor's is not begun by strangers",
}

RULES: tuple[Rule, ...] = (
    Rule(
        claim="source",
        says="one that is registered (`KONTOR_PORTALS_FILE`: for the portal in the data; `KONTOR_REGISTRY_WRITERS`)",
        becomes="believed, together with the broker's rule who may write here",
        written=(Written(),),
    ),
    Rule(
        claim="source",
        says="another one",
        becomes="refused",
        written=_attribute("source", "/portals/somebody-else", "https://office.example/portal"),
        refused="source",
    ),
    Rule(
        claim="source",
        says="below `/kontor/`",
        becomes="refused, also where no portals are registered: it is a service's",
        written=_attribute("source", "/kontor/relationships", "/kontor/identity"),
        refused="source",
    ),
    Rule(
        claim="id",
        says="an identifier",
        becomes="believed: with the source it tells a repetition, and is the `causationid` of the answer",
        written=_attribute("id", "m-2"),
    ),
    Rule(
        claim="type",
        says="an event's, or one that is not known",
        becomes="refused",
        written=_attribute("type", "kontor.relationships.customer-imported.v1", "kontor.relationships.sing.v1"),
        refused="type",
    ),
    Rule(
        claim="subject",
        says="anything, or nothing",
        becomes="passed over: what a command is about stands in its data. A repetition has the same one",
        written=_attribute("subject", ABSENT, None, "customer:another", "urn:office/17", 7),
    ),
    Rule(
        claim="partitionkey",
        says="nothing",
        becomes="the record's key",
        written=_attribute("partitionkey", ABSENT, None),
    ),
    Rule(
        claim="partitionkey",
        says="something else than the record's key, or than the data asks for",
        becomes="refused",
        written=(*_attribute("partitionkey", "office:another"), Written(key=b"office:another")),
        refused="partitionkey",
    ),
    Rule(
        claim="key of the record",
        says="nothing, or no identifier",
        becomes="refused",
        written=(
            Written(key=None),
            Written(key=b"\xff"),
            Written(key=None, attributes={"partitionkey": ABSENT}),
            Written(key=b"\xff", attributes={"partitionkey": ABSENT}),
            Written(key=b"a b", attributes={"partitionkey": ABSENT}),
        ),
        refused="partitionkey",
    ),
    Rule(
        claim="partition of the record",
        says="another than murmur2 gives for the key",
        becomes="taken. The order among commands of one key then holds only within a partition",
        written=(Written(partition=7),),
    ),
    Rule(
        claim="correlationid",
        says="nothing",
        becomes="the `id`",
        written=_attribute("correlationid", ABSENT, None),
    ),
    Rule(
        claim="correlationid",
        says="an identifier",
        becomes="kept in what follows, as the name of the conversation; nothing is decided by it",
        written=_attribute("correlationid", "night-7"),
    ),
    Rule(
        claim="correlationid",
        says="no identifier",
        becomes="refused",
        written=_attribute("correlationid", "", "a b", 7, "x" * 129),
        refused="correlationid",
    ),
    Rule(
        claim="replyto",
        says="nothing",
        becomes="the answer is on the topic of events alone",
        written=_attribute("replyto", ABSENT, None),
    ),
    Rule(
        claim="replyto",
        says="a topic that is registered for the source (`KONTOR_REPLY_TOPICS`)",
        becomes="the answer goes there as well",
        written=_attribute("replyto", "office.answers"),
    ),
    Rule(
        claim="replyto",
        says="another topic, or what is no topic's name",
        becomes="refused",
        written=_attribute("replyto", "relationships.events", "somebody.answers", "a b", "", 7),
        refused="replyto",
    ),
    Rule(
        claim="time",
        says="RFC 3339 with an offset",
        becomes="believed only to tell a late repetition; what follows has Kontor's own time",
        written=_attribute("time", "2026-11-27T10:00:00Z", "2026-11-27T11:00:00+01:00", "2026-11-27t10:00:00.5z"),
    ),
    Rule(
        claim="time",
        says="a leap second, `23:59:60` in UTC",
        becomes="the first moment after it",
        written=_attribute("time", "2016-12-31T23:59:60Z", "2017-01-01T00:59:60.5+01:00"),
    ),
    Rule(
        claim="time",
        says="nothing, a number, digits alone, no offset, a day or a second that was never",
        becomes="refused",
        written=_attribute(
            "time",
            ABSENT,
            None,
            1_790_000_000,
            "1790000000",
            "2026-11-27T10:00:00",
            "2026-02-30T10:00:00Z",
            "2026-11-27T10:00:60Z",
        ),
        refused="time",
    ),
    Rule(
        claim="datacontenttype",
        says="nothing, `null`, or JSON with any parameters",
        becomes="JSON",
        written=_attribute("datacontenttype", ABSENT, None, "application/json", "application/json; charset=utf-8"),
    ),
    Rule(
        claim="datacontenttype",
        says="another type",
        becomes="refused",
        written=_attribute("datacontenttype", "application/xml", "text/plain", "", 7),
        refused="datacontenttype",
    ),
    Rule(
        claim="`content-type` of the record",
        says="anything but the batch mode's, over a structured event",
        becomes="passed over: a body with `specversion` says itself what it is",
        written=tuple(Written(headers={"content-type": said}) for said in (b"text/plain", b"application/json", None)),
    ),
    Rule(
        claim="`content-type` of the record",
        says="in the binary mode: no JSON",
        becomes="refused",
        written=(Written(mode="binary", headers={"content-type": b"text/xml"}),),
        refused="datacontenttype",
    ),
    Rule(
        claim="specversion",
        says="nothing, or another version",
        becomes="refused",
        written=_attribute("specversion", ABSENT, None, "0.3", "2.0", 1.0),
        refused="specversion",
    ),
    Rule(
        claim="data_base64",
        says="instead of `data`: JSON as bytes in Base64",
        becomes="read as `data`",
        written=(Written(attributes={"data": ABSENT, "data_base64": "(the data)"}),),
    ),
    _ignored("actor", "user:admin-1", "service:identity", "a b", 7),
    _ignored("causationid", "somebody-elses-message", 7),
    _ignored("dataschema", "urn:kontor:schema:other", "https://office.example/schema", 7),
    _ignored("sequence", "0000000001", "seven", -1),
    _ignored("tenantid", "org-of-somebody-else", ["org"]),
    _ignored("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "x" * 200),
    Rule(
        claim="any other attribute",
        says="anything",
        becomes="passed over",
        written=_attribute("office_batch", "17", {"deep": [1]}),
    ),
    Rule(
        claim="binary mode",
        says="all attributes as headers `ce_…`, without `ce_partitionkey` and `ce_correlationid`, as SDKs write by default",
        becomes="the same",
        written=(Written(mode="binary", attributes={"partitionkey": ABSENT, "correlationid": ABSENT}),),
    ),
)


def judged(attributes: Mapping[str, Any], key: bytes | None) -> dict[str, Any]:
    """The attributes of a command as they count, by the table. What the envelope refuses itself is left to it.

    Raises MalformedError.
    """
    found = {name: value for name, value in attributes.items() if _fits(PASSED_OVER.get(name), value)}
    if "partitionkey" not in found:
        found["partitionkey"] = _from_key(key)
    if not _fits(_ID, found.get("subject")):
        found["subject"] = found["partitionkey"]
    if "correlationid" not in found and "id" in found:
        found["correlationid"] = found["id"]
    if "time" in found:
        found["time"] = _time(found["time"])
    return found


def _fits(adapter: TypeAdapter[Any] | None, value: Any) -> bool:
    if adapter is None:
        return True
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def _from_key(key: bytes | None) -> str:
    try:
        return (key or b"").decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedError("partitionkey", "the record's key has to be an identifier") from error


def _time(said: Any) -> Any:
    if not isinstance(said, str) or not _DATE.match(said):
        raise MalformedError("time", "write it by RFC 3339 with an offset, such as 2026-11-02T08:14:07Z")
    if (leap := _LEAP.fullmatch(said)) is None:
        return said
    try:
        last = datetime.fromisoformat(f"{leap[1]}:59{leap[2].upper()}")
        is_at_midnight = (last.astimezone(UTC).hour, last.astimezone(UTC).minute) == (23, 59)
    except (ValueError, OverflowError):
        return said
    return last + timedelta(seconds=1) if is_at_midnight else said
