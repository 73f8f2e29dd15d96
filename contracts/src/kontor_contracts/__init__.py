"""Kontor's contracts: what its services say to each other and to you.

from kontor_contracts import decode, topics
message = decode(record.value, record.headers, topics.BY_NAME["relationships.events"].types)
"""

from kontor_contracts.envelope import (
    CONTENT_TYPE,
    MAX_BYTES,
    REPUBLISHED,
    Command,
    Envelope,
    Event,
    Payload,
    Refusal,
    announced_type,
    decode,
    encode,
    new_envelope,
    organization_of,
    organizations_of,
    schema_id,
    wire_headers,
)
from kontor_contracts.errors import MalformedError, UnknownTypeError, UnknownVersionError

__all__ = [
    "CONTENT_TYPE",
    "MAX_BYTES",
    "REPUBLISHED",
    "Command",
    "Envelope",
    "Event",
    "MalformedError",
    "Payload",
    "Refusal",
    "UnknownTypeError",
    "UnknownVersionError",
    "announced_type",
    "decode",
    "encode",
    "new_envelope",
    "organization_of",
    "organizations_of",
    "schema_id",
    "wire_headers",
]
