"""The envelope of every Kontor message: CloudEvents 1.0.

Kontor publishes the structured JSON mode (``application/cloudevents+json``) and reads the structured and the binary mode
of the CloudEvents Kafka protocol binding. ``source`` + ``id`` name one message for ever: a message published again
keeps its id. ``subject`` is the aggregate, ``sequence`` the number of the event within it, counted from 1 without gaps.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import from_json

from kontor_contracts.values import Id

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
MAX_BYTES = 512 * 1024
"""A message larger than this is refused by producers and parked by consumers."""

Headers = Iterable[tuple[str, bytes | None]]


class Payload(BaseModel):
    """What a message says. Frozen; unknown fields are ignored, so that fields can be added within v1."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str] = ""
    """The wire type, ``kontor.<service>.<noun-participle>.v<major>``. It is a storage format: never renamed."""


class Event(Payload):
    """A fact. Never refused."""


class Refusal(Event):
    """A business "no" to a command, published in place of the fact that was asked for, with a closed ``reason``."""

    reason: str


class Command(Payload):
    """A request to the service that owns the topic; it may be refused."""


P = TypeVar("P", bound=Payload)
P_co = TypeVar("P_co", bound=Payload, covariant=True)

Sequence = Annotated[
    int,
    BeforeValidator(lambda v: int(v) if isinstance(v, str) and v.isdigit() else v),
    Field(ge=0),
    # The CloudEvents sequence extension is a string that sorts as it counts, hence the padding.
    PlainSerializer(lambda n: f"{n:010d}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{10,}$"}),
]


class Envelope(BaseModel, Generic[P_co]):
    """A CloudEvent with its payload parsed.

    ``correlationid`` names the whole conversation, ``causationid`` the message or request that caused this one,
    ``tenantid`` the organization the data belongs to, ``actor`` who acted (``user:<id>``, ``service:<name>``,
    ``anonymous``).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    specversion: Literal["1.0"] = "1.0"
    id: Id
    source: str = Field(min_length=1, max_length=256)
    type: str = Field(min_length=1, max_length=256)
    subject: Id
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | None = None
    partitionkey: Id
    sequence: Sequence = 0
    correlationid: Id
    causationid: Id | None = None
    tenantid: Id | None = None
    actor: Id | None = None
    traceparent: str | None = Field(default=None, max_length=128)
    data: P_co


class MalformedError(ValueError):
    """The bytes are not a Kontor message. ``field`` names what is wrong, the text says how to mend it."""

    def __init__(self, field: str, remedy: str) -> None:
        self.field = field
        super().__init__(f"{field}: {remedy}")


class UnknownTypeError(ValueError):
    """A well-formed message of a type this reader does not know."""

    def __init__(self, type_: str) -> None:
        self.type = type_
        super().__init__(f"type {type_!r} is not known here")


class UnknownVersionError(MalformedError):
    """A known type in a major version this reader does not know."""


def schema_id(type_: str) -> str:
    """``dataschema`` of a message type: a URN, since the schemas travel with the package and need no server."""
    return f"urn:kontor:schema:{type_}"


def new_envelope(data: P, *, source: str, subject: str, **attributes: Any) -> Envelope[P]:
    """An envelope around ``data``. ``attributes`` are the remaining ones; ``id``, ``time`` and ``correlationid`` are required.

    ``partitionkey`` is the subject unless given.
    """
    attributes.setdefault("partitionkey", subject)
    shape: type[Envelope[P]] = Envelope[type(data)]  # type: ignore[misc, assignment]
    return shape(
        source=source, type=data.TYPE, subject=subject, dataschema=schema_id(data.TYPE), data=data, **attributes
    )


def encode(envelope: Envelope[Payload]) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Value and headers in structured mode. ``ce_type`` and ``ce_id`` are copies for cheap filtering; the body decides."""
    value = envelope.model_dump_json(exclude_none=True).encode()
    return value, wire_headers(envelope.type, envelope.id)


def wire_headers(type_: str, id_: str) -> list[tuple[str, bytes]]:
    """The headers that go with a structured value."""
    return [("content-type", CONTENT_TYPE.encode()), ("ce_type", type_.encode()), ("ce_id", id_.encode())]


def decode(value: bytes | None, headers: Headers, types: Mapping[str, type[Payload]]) -> Envelope[Payload]:
    """Parse a record in structured or binary mode.

    Raises MalformedError (never anything else) for bytes that are no message, UnknownVersionError for a known type in an
    unknown version, UnknownTypeError for a type that ``types`` does not hold. Headers that are null or not UTF-8 are
    looked at only where the mode needs them.
    """
    attributes = _attributes(value, dict(headers))
    type_ = attributes.get("type")
    if not isinstance(type_, str):
        raise MalformedError("type", "give the message's type as a string")
    payload = types.get(type_)
    if payload is None:
        _refuse_unknown(type_, types)
    try:
        return Envelope[payload].model_validate(attributes)  # type: ignore[valid-type]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise MalformedError(".".join(map(str, first["loc"])) or "message", first["msg"]) from error


def _refuse_unknown(type_: str, types: Mapping[str, type[Payload]]) -> None:
    name, _, version = type_.rpartition(".v")
    known = [t for t in types if t.rpartition(".v")[0] == name]
    if name and version.isdigit() and known:
        raise UnknownVersionError(
            "type", f"version {version} is not understood; send one of {', '.join(sorted(known))}"
        )
    raise UnknownTypeError(type_)


def _attributes(value: bytes | None, headers: Mapping[str, bytes | None]) -> dict[str, Any]:
    if value is None:
        raise MalformedError("value", "a null value is no message; these topics are not compacted")
    if len(value) > MAX_BYTES:
        raise MalformedError("value", f"{len(value)} bytes; a message may have {MAX_BYTES}")
    try:
        body = from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise MalformedError("value", f"not JSON: {str(error)[:200]}") from error
    if _is_binary(headers):
        return {**_binary_attributes(headers), "data": body}
    if not isinstance(body, dict):
        raise MalformedError("value", "a structured CloudEvent is a JSON object")
    return body


def _is_binary(headers: Mapping[str, bytes | None]) -> bool:
    content_type = headers.get("content-type") or b""
    return "ce_specversion" in headers and not content_type.lower().startswith(b"application/cloudevents")


def _binary_attributes(headers: Mapping[str, bytes | None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, raw in headers.items():
        if name.startswith("ce_"):
            try:
                found[name[3:]] = (raw or b"").decode()
            except UnicodeDecodeError as error:
                raise MalformedError(name, "a CloudEvents header is UTF-8 text") from error
    return found
