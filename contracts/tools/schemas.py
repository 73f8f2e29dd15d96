"""JSON Schema 2020-12 of every message: the whole CloudEvent as it stands in the record's value."""

import inspect
from copy import deepcopy
from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from kontor_contracts import Command, Payload, schema_id
from kontor_contracts.envelope import shape_of
from kontor_contracts.topics import TOPICS

OPEN = "x-extensible-enum"
FROM_KEY = ("subject", "partitionkey", "correlationid")
"""What a command may leave out (`kontor_contracts.claims`)."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Plain(GenerateJsonSchema):
    """No titles made up from field names: they say nothing and change with every rename."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False

    def union_schema(self, schema: Any) -> dict[str, Any]:
        """An open list as a text with the values known today: a validator in any language takes others, too."""
        found = super().union_schema(schema)
        match found.get("anyOf"):
            case [{"enum": known, "type": "string"}, {"type": "string"} as text]:
                return {**text, OPEN: known}
            case [{"const": known, "type": "string"}, {"type": "string"} as text]:
                return {**text, OPEN: [known]}
            case _:
                return found


def all_schemas() -> dict[str, dict[str, Any]]:
    """Wire type → schema, in the order of the registry."""
    return deepcopy(_made())


@cache
def _made() -> dict[str, dict[str, Any]]:
    return {message.TYPE: schema_of(message) for topic in TOPICS for message in topic.messages}


def schema_of(message: type[Payload]) -> dict[str, Any]:
    """The schema of what producers write; keys always stand in the same order."""
    shape = shape_of(message).model_json_schema(mode="serialization", schema_generator=_Plain)
    shape["properties"]["type"] = {"const": message.TYPE, "type": "string"}
    # Producers always write it, and without it nothing is a CloudEvent.
    shape["required"].insert(0, "specversion")
    if issubclass(message, Command):
        shape["required"] = [name for name in shape["required"] if name not in FROM_KEY]
    shape.pop("title")
    shape.pop("description", None)
    return {
        "$schema": DIALECT,
        "$id": schema_id(message.TYPE),
        "title": message.__name__,
        "description": inspect.getdoc(message),
        **shape,
    }
