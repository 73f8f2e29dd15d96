"""The class of each text of each message, for ``contracts/personal_data.json``: path → class, by wire type."""

from collections.abc import Iterator
from typing import Any

from schemas import OPEN, all_schemas

from kontor_contracts.personal import PersonalClass, class_of

Schema = dict[str, Any]


def personal_fields() -> dict[str, dict[str, PersonalClass | None]]:
    """All that is a text; what is missing is of class ``none``."""
    return {type_: dict(_fields(schema, schema["title"], "data")) for type_, schema in all_schemas().items()}


def _fields(root: Schema, model: str, place: str) -> Iterator[tuple[str, PersonalClass | None]]:
    for name, node in root["$defs"][model]["properties"].items():
        yield from _leaves(root, model, name, node, f"{place}.{name}")


def _leaves(
    root: Schema, model: str, name: str, node: Schema, place: str
) -> Iterator[tuple[str, PersonalClass | None]]:
    if "$ref" in node:
        yield from _fields(root, node["$ref"].removeprefix("#/$defs/"), place)
    for key in ("anyOf", "oneOf"):
        for option in node.get(key, ()):
            yield from _leaves(root, model, name, option, place)
    if "items" in node:
        yield from _leaves(root, model, name, node["items"], f"{place}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from _leaves(root, model, name, node["additionalProperties"], f"{place}.*")
    listed = node.keys() & {"enum", "const", OPEN} or node.get("format") == "date-time"
    if node.get("type") == "string" and not listed:
        yield place, class_of(model, name)
