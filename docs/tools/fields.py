"""Tables of the fields of a JSON Schema, for readers."""

import json
from collections.abc import Iterator
from typing import Any

from topic_table import table

from kontor_contracts.fields import text_of

Schema = dict[str, Any]
HEAD = ("field", "kind", "required", "says")


def field_table(schema: Schema, definitions: Schema) -> str:
    """Every field of the object and of the objects in it, by its path."""
    rows = list(_rows(schema, definitions, "", ()))
    return table(HEAD, rows) if rows else "No fields."


def _rows(schema: Schema, definitions: Schema, place: str, seen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        path = f"{place}{name}"
        text = text_of(str(schema.get("title", "")), name)
        said = cell(field.get("description") or (text.description if text else ""))
        yield f"`{path}`", _kind(field), "yes" if name in required else "no", said
        for inner, reference in _objects(field, definitions):
            if reference not in seen:
                yield from _rows(inner, definitions, f"{path}{'[]' if 'items' in field else ''}.", (*seen, reference))


def _objects(field: Schema, definitions: Schema) -> Iterator[tuple[Schema, str]]:
    """The objects that a field holds, with their names."""
    for one in (field, field.get("items", {}), *field.get("anyOf", ()), *field.get("oneOf", ())):
        if reference := one.get("$ref"):
            name = reference.rpartition("/")[2]
            if definitions[name].get("properties"):
                yield definitions[name], name


def _kind(field: Schema) -> str:
    """In words: what a value of the field is."""
    if reference := field.get("$ref"):
        return _name(reference)
    if options := field.get("anyOf") or field.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_kind, options)))
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if values := field.get("enum") or field.get("x-extensible-enum"):
        return ", ".join(f"`{one}`" for one in values)
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    return _limited(field)


def _limited(field: Schema) -> str:
    kind = field.get("format") or {"null": "null", "object": "object"}.get(
        field.get("type", ""), field.get("type", "any")
    )
    limits = [
        f"{word} {field[key]}"
        for key, word in (("minLength", "from"), ("maxLength", "to"), ("minimum", "from"), ("maximum", "to"))
        if key in field
    ]
    return " ".join((str(kind), *limits))


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def cell(text: str) -> str:
    """A text in one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
