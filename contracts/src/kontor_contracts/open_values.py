"""Closed lists of an event stay open for its readers: a later release may add a value, and no reader stops at it.

Producers are held to the list by their type checker. A reader gets a value that it does not know as `Unknown`. Commands
stay closed: what a service does not know it cannot carry out, and says so.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

OPEN = {"kontor_open": True}
LONGEST = 100
"""Characters of a value that is not known."""


class Unknown(str):
    """A value of a closed list that came with a later release of the contracts. It equals its text."""

    __slots__ = ()


def _opened(schema: Any) -> Any:
    """A copy of the schema whose lists of texts are open. Schemas are shared between models, so none is changed.

    What is open already stays as it is: the values inside an event are such models themselves.
    """
    if isinstance(schema, list):
        return [_opened(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    if schema.get("metadata") == OPEN:
        return schema
    if schema.get("type") == "literal" and all(isinstance(value, str) for value in schema["expected"]):
        return _with_unknown(schema)
    return {name: one if name == "metadata" else _opened(one) for name, one in schema.items()}


def _with_unknown(literal: Any) -> CoreSchema:
    text = core_schema.str_schema(strict=True, min_length=1, max_length=LONGEST)
    unknown = core_schema.no_info_after_validator_function(Unknown, text)
    return core_schema.union_schema([literal, unknown], mode="left_to_right", metadata=OPEN)


class OpenValues(BaseModel):
    """A model whose fields of type ``Literal[…]`` take other short texts, too, as `Unknown`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        opened: CoreSchema = _opened(handler(source))
        return opened
