"""What `decode` raises."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class MalformedError(ValueError):
    """The bytes are not a Kontor message. ``field`` names what is wrong, the text says how to mend it.

    ``claims`` are the attributes as far as they could be read: what the record says of itself, unchecked.
    """

    claims: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, field: str, remedy: str) -> None:
        self.field = field
        super().__init__(f"{field}: {remedy}")


class UnknownTypeError(ValueError):
    """A message of a type this reader does not know. Nothing else of it was looked at. ``claims``: see MalformedError."""

    claims: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, type_: str) -> None:
        self.type = type_
        super().__init__(f"type: {type_!r} is not known here")


class UnknownVersionError(MalformedError):
    """A known type in a major version this reader does not know."""
