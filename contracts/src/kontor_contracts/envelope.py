"""The envelope of every Kontor message: CloudEvents 1.0.

Kontor publishes the structured JSON mode (``application/cloudevents+json``) and reads the structured and the binary
mode of the CloudEvents Kafka protocol binding. ``source`` + ``id`` name one message for ever: a message published again
keeps its id. ``subject`` is the aggregate, ``sequence`` the number of the event within it, counted from 1 without gaps.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    PlainSerializer,
    SerializeAsAny,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, from_json
from pydantic_core.core_schema import no_info_before_validator_function, simple_ser_schema, union_schema

from kontor_contracts import claims
from kontor_contracts.errors import MalformedError, UnknownTypeError, UnknownVersionError
from kontor_contracts.open_values import OpenValues
from kontor_contracts.values import Id, Moment

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
MAX_BYTES = 512 * 1024
"""A message larger than this is refused by producers and parked by consumers."""

MAX_TYPE_LENGTH = 256

Headers = Iterable[tuple[str, bytes | None]]


class Payload(BaseModel):
    """What a message says. Frozen; unknown fields are ignored, so that fields can be added within v1."""

    # Errors name the field, never the value: they end up in logs and on dead letters, the values are people's data.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    TYPE: ClassVar[str] = ""
    """The wire type, ``kontor.<service>.<noun-participle>.v<major>``. It is a storage format: never renamed."""

    TENANT: ClassVar[tuple[str, ...]] = ("organization_id",)
    """Where the data names the organization that it belongs to: the paths of fields; ``tenantid`` must equal one of them.

    Producers write the first. Empty: the data names none, and nobody may rely on ``tenantid``.
    """


def organizations_of(data: Payload) -> tuple[str, ...]:
    """The organizations that the data belongs to, by the rule of its type (``TENANT``); the first is what producers write."""
    return tuple(found for path in data.TENANT if (found := _at(data, path)) is not None)


def organization_of(data: Payload) -> str | None:
    """The first of them; None where the data names none."""
    return next(iter(organizations_of(data)), None)


def _at(data: Payload, path: str) -> str | None:
    found: Any = data
    for name in path.split("."):
        found = getattr(found, name, None)
    return found if isinstance(found, str) else None


class Event(OpenValues, Payload):
    """A fact. Never refused. Its closed lists are open for readers (`Unknown`)."""


class Refusal(Event):
    """A business "no" to a command, published instead of the fact that was asked for, with a closed ``reason``."""

    reason: str


class Command(Payload):
    """A request to the service that owns the topic; it may be refused."""


P = TypeVar("P", bound=Payload)
P_co = TypeVar("P_co", bound=Payload, covariant=True)


def _without_parameters(value: Any) -> Any:
    """The media type alone: ``application/json; charset=utf-8`` says nothing that JSON does not say itself."""
    return value.partition(";")[0].strip().lower() if isinstance(value, str) else value


def _media_type(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    exact = handler(source)
    # As it is nearly always written first: a function of Python's in the middle of a parse costs an eighth of it.
    loose = no_info_before_validator_function(_without_parameters, exact)
    return union_schema(
        [exact, loose],
        mode="left_to_right",
        custom_error_type="literal_error",
        custom_error_context={"expected": "'application/json'"},
        serialization=simple_ser_schema("str"),
    )


Source = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[!-~]+$")]
"""A URI reference, so visible ASCII: it ends up in log lines and as a key in consumers' documents."""

Sequence = Annotated[
    int,
    # The bound is what a 64-bit store can hold: a larger number would fail only there, in every consumer.
    Field(ge=0, le=2**63 - 1),
    # The CloudEvents sequence extension is a string that sorts as it counts, so it is padded.
    PlainSerializer(lambda n: f"{n:010d}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{10,19}$"}),
]


class Envelope(BaseModel, Generic[P_co]):
    """A CloudEvent with its payload parsed.

    ``correlationid`` names the whole conversation, ``causationid`` the message or request that caused this one,
    ``tenantid`` the organization the data belongs to, ``actor`` who acted (``user:<id>``, ``service:<name>``,
    ``anonymous``).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: Id
    source: Source
    type: str = Field(min_length=1, max_length=MAX_TYPE_LENGTH)
    subject: Id
    time: Moment
    datacontenttype: Annotated[Literal["application/json"], GetPydanticSchema(_media_type)] = "application/json"
    dataschema: str | None = None
    partitionkey: Id
    sequence: Sequence = 0
    correlationid: Id
    causationid: Id | None = None
    tenantid: Id | None = None
    actor: Id | None = None
    traceparent: str | None = Field(default=None, max_length=128)
    # By its own class, or what sits in an Envelope[Payload] would lose every field on the way out.
    data: SerializeAsAny[P_co]


TopicName = Annotated[str, StringConstraints(min_length=1, max_length=249, pattern=r"^[A-Za-z0-9._-]+$")]
"""A topic's name at the broker."""


class CommandEnvelope(Envelope[P_co], Generic[P_co]):
    """Of a command. ``replyto``: a topic to which the answer goes as well, if it is registered for the ``source``."""

    replyto: TopicName | None = None


def schema_id(type_: str) -> str:
    """``dataschema`` of a message type: a URN, since the schemas travel with the package and need no server."""
    return f"urn:kontor:schema:{type_}"


def new_envelope(data: P, *, source: str, subject: str, **attributes: Any) -> Envelope[P]:
    """An envelope around ``data``, with the remaining attributes as keywords.

    ``id``, ``time`` and ``correlationid`` are required, ``partitionkey`` is the subject unless given. An attribute that
    the envelope does not have is a TypeError: a misspelled one would be dropped without a word.
    """
    shape: type[Envelope[P]] = shape_of(type(data))
    if unknown := attributes.keys() - shape.model_fields.keys():
        raise TypeError(f"an envelope has no {', '.join(sorted(unknown))}")
    attributes.setdefault("partitionkey", subject)
    return shape(
        source=source, type=data.TYPE, subject=subject, dataschema=schema_id(data.TYPE), data=data, **attributes
    )


@cache
def shape_of(payload: type[Payload]) -> Any:
    """The envelope's class for this payload. pydantic looks it up each time, for as much as half a parse."""
    if issubclass(payload, Command):
        return CommandEnvelope[payload]  # type: ignore[valid-type]
    return Envelope[payload]  # type: ignore[valid-type]


@cache
def _parser(payload: type[Payload]) -> Callable[[bytes], Envelope[Payload]]:
    parse: Callable[[bytes], Envelope[Payload]] = shape_of(payload).__pydantic_validator__.validate_json
    return parse


def encode(envelope: Envelope[Payload]) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Value and headers in structured mode.

    ``message-type`` and ``message-id`` are copies for cheap filtering; the body decides. They are not named ``ce_…``,
    because readers take such headers for the binary mode. Raises MalformedError for a message over MAX_BYTES.
    """
    value = envelope.model_dump_json(exclude_none=True).encode()
    _refuse_large(value)
    return value, wire_headers(envelope.type, envelope.id)


def wire_headers(type_: str, id_: str) -> list[tuple[str, bytes]]:
    """The headers that go with a structured value."""
    return [_CONTENT_TYPE, _type_header(type_), ("message-id", id_.encode())]


REPUBLISHED = ("republished", b"true")
"""A header of a record that is announced once more because a topic has lost it, or a reader had. Its id is the same."""

_CONTENT_TYPE = ("content-type", CONTENT_TYPE.encode())


@cache
def _type_header(type_: str) -> tuple[str, bytes]:
    return ("message-type", type_.encode())


def decode(
    value: bytes | None, headers: Headers, types: Mapping[str, type[Payload]], key: bytes | None = None
) -> Envelope[Payload]:
    """Parse a record in structured or binary mode. ``key``: the record's; a command may leave to it what it tells.

    Raises MalformedError for bytes that are no message, UnknownVersionError for a known type in an unknown version,
    UnknownTypeError for a type that ``types`` does not hold, and never anything else. A null header counts as absent;
    headers that are not UTF-8 matter only where the mode needs them. Of a JSON key given twice the last one counts.
    """
    named = dict(headers)
    if (known := _at_once(value, named, types)) is not None:
        return known
    attributes = _attributes(value, named)
    try:
        return _parsed(attributes, types, key)
    except (MalformedError, UnknownTypeError) as error:
        error.claims = attributes
        raise


def announced_type(headers: Headers) -> str | None:
    """The type that a record's headers name, for records whose body cannot be read. The body decides where it can."""
    named = dict(headers)
    raw = named.get("ce_type") if _is_binary(named) else named.get("message-type")
    return None if raw is None else raw.decode("latin-1")


def _parsed(attributes: Mapping[str, Any], types: Mapping[str, type[Payload]], key: bytes | None) -> Envelope[Payload]:
    type_ = attributes.get("type")
    if not isinstance(type_, str) or not 0 < len(type_) <= MAX_TYPE_LENGTH:
        raise MalformedError("type", f"give the message's type as a string of 1 to {MAX_TYPE_LENGTH} characters")
    payload = types.get(type_)
    if payload is None:
        raise _unknown(type_, types)
    if issubclass(payload, Command):
        attributes = claims.judged(attributes, key)
    try:
        envelope: Envelope[Payload] = shape_of(payload).model_validate(attributes)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise MalformedError(".".join(map(str, first["loc"])) or "message", first["msg"]) from error
    else:
        return envelope


def _at_once(
    value: bytes | None, headers: Mapping[str, bytes | None], types: Mapping[str, type[Payload]]
) -> Envelope[Payload] | None:
    """The message, where it is just as the headers announce it: read in one pass. None: look closer.

    The headers are a guess that the body has to bear out; whatever is not in order is judged, and named, by the long way.
    """
    announced = headers.get("message-type")
    if value is None or announced is None or len(value) > MAX_BYTES or "ce_specversion" in headers:
        return None
    payload = types.get(announced.decode("latin-1"))
    # What a command claims is judged first (`kontor_contracts.claims`).
    if payload is None or issubclass(payload, Command) or _may_hold_nan(value):
        return None
    try:
        envelope = _parser(payload)(value)
    except ValidationError:
        return None
    sure = envelope.type == payload.TYPE and "specversion" in envelope.__pydantic_fields_set__
    return envelope if sure else None


def _may_hold_nan(value: bytes) -> bool:
    """The long way takes no NaN for JSON; the short one would, in a field that nobody reads."""
    # One letter is found out sooner than a word, and many messages have neither.
    return (b"N" in value and b"NaN" in value) or (b"I" in value and b"Infinity" in value)


def _unknown(type_: str, types: Mapping[str, type[Payload]]) -> UnknownVersionError | UnknownTypeError:
    name, _, version = type_.rpartition(".v")
    known = [t for t in types if t.rpartition(".v")[0] == name]
    if name and version.isdigit() and known:
        return UnknownVersionError(
            "type", f"version {version} is not understood; send one of {', '.join(sorted(known))}"
        )
    return UnknownTypeError(type_)


def _attributes(value: bytes | None, headers: Mapping[str, bytes | None]) -> dict[str, Any]:
    if value is None:
        raise MalformedError("value", "a null value is no message; these topics are not compacted")
    _refuse_large(value)
    try:
        body = from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise MalformedError("value", f"not JSON: {str(error)[:200]}") from error
    if _is_binary(headers):
        return {**_binary_attributes(headers), "data": body}
    if not isinstance(body, dict):
        raise MalformedError("value", "a structured CloudEvent is a JSON object")
    # By the JSON format, null says the same as an attribute that is not there.
    body = {name: said for name, said in body.items() if said is not None}
    if "specversion" not in body:
        missing = MalformedError("specversion", 'a CloudEvent says which specification it follows; write "1.0"')
        missing.claims = body
        raise missing
    return _with_data(body)


def _with_data(body: dict[str, Any]) -> dict[str, Any]:
    """Some SDKs write JSON that they have as bytes in Base64."""
    if "data" in body or not isinstance(packed := body.get("data_base64"), str):
        return body
    try:
        return {**body, "data": from_json(b64decode(packed, validate=True), allow_inf_nan=False)}
    except (ValueError, binascii.Error) as error:
        wrong = MalformedError("data_base64", "JSON as bytes in Base64, or write data")
        wrong.claims = body
        raise wrong from error


def _refuse_large(value: bytes) -> None:
    if len(value) > MAX_BYTES:
        raise MalformedError("value", f"{len(value)} bytes; a message may have {MAX_BYTES}")


def _is_binary(headers: Mapping[str, bytes | None]) -> bool:
    if "ce_specversion" not in headers:
        return False
    content_type = headers.get("content-type") or b""
    return not content_type.lower().startswith(b"application/cloudevents")


def _binary_attributes(headers: Mapping[str, bytes | None]) -> dict[str, Any]:
    named = {f"ce_{attribute}": attribute for attribute in CommandEnvelope.model_fields}
    # In binary mode the content type is the data's.
    named["content-type"] = "datacontenttype"
    found: dict[str, Any] = {}
    for name, raw in headers.items():
        if raw is not None and name in named:
            try:
                found[named[name]] = raw.decode()
            except UnicodeDecodeError as error:
                raise MalformedError(name, "a CloudEvents header is UTF-8 text") from error
    return found
