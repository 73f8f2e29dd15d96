"""The differences between the released schema of a message and the one of today."""

import re
from collections.abc import Iterator
from typing import Any

from promise import SEVERITIES, Change, Finding, Kind

Schema = dict[str, Any]
LOWER_BOUNDS = ("minLength", "minimum", "exclusiveMinimum", "minItems")
UPPER_BOUNDS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
OPEN = "x-extensible-enum"
AS_THEY_ARE = ("anyOf", "oneOf", "allOf", "prefixItems", "additionalProperties", "uniqueItems")


def compare(type_: str, kind: Kind, old: Schema | None, new: Schema | None) -> list[Finding]:
    """What changed between the released schema and the one of today; None where there is none."""
    found: list[tuple[str, Change, str]] = [("", "new" if old is None else "gone", "")]
    if old is not None and new is not None:
        found = list(_differences(_resolved(old, old), _resolved(new, new), ""))
    column = 1 if kind == "commands" else 0
    return [Finding(type_, place, change, SEVERITIES[change][column], detail) for place, change, detail in found]


def _resolved(node: Any, root: Schema) -> Any:
    """``node`` with its references filled in; our messages do not nest without end."""
    if isinstance(node, list):
        return [_resolved(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = root["$defs"][node["$ref"].removeprefix("#/$defs/")]
        return _resolved({**target, **_without(node, "$ref")}, root)
    return _nullable({key: _resolved(value, root) for key, value in _without(node, "$defs").items()})


def _nullable(node: Schema) -> Schema:
    """``anyOf [X, null]`` as X with two types, so that X is compared field by field."""
    options = [option for option in node.get("anyOf", []) if option != {"type": "null"}]
    if len(options) != 1 or "anyOf" not in node:
        return node
    return {**options[0], **_without(node, "anyOf"), "type": [*_listed(options[0], "type"), "null"]}


def _differences(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, Change, str]]:
    types = _set_change(set(_listed(old, "type")), set(_listed(new, "type")))
    if any(old.get(key) != new.get(key) for key in AS_THEY_ARE):
        types = "retyped"
    if types:
        yield place, types, f" from {old.get('type')} to {new.get('type')}"
    if types == "retyped":
        return
    yield from ((place, change, detail) for change, detail in _constraints(old, new))
    yield from _fields(old, new, place)
    if "items" in old and "items" in new:
        yield from _differences(old["items"], new["items"], f"{place}[]")


def _constraints(old: Schema, new: Schema) -> Iterator[tuple[Change, str]]:
    if OPEN in new and (OPEN in old or _values(old) is not None):
        yield from _open_values(old, new)
        return
    if change := _values_change(_values(old), _values(new)):
        yield change, f" from {_spoken(old)} to {_spoken(new)}"
    for sign, keys in ((1, LOWER_BOUNDS), (-1, UPPER_BOUNDS)):
        for key in keys:
            if old.get(key) != new.get(key):
                before, after = (_bound(schema, key, sign) for schema in (old, new))
                yield "narrowed" if after > before else "widened", f" {key} from {old.get(key)} to {new.get(key)}"
    for key in ("pattern", "format"):
        if _unescaped(old.get(key)) != _unescaped(new.get(key)):
            change = "narrowed" if key not in old else "widened" if key not in new else "reworded"
            yield change, f" {key}"
    if old.get("default") != new.get("default"):
        yield "reworded", f" default from {old.get('default')!r} to {new.get('default')!r}"


def _unescaped(text: Any) -> Any:
    """A character in a pattern, and its escape, say the same."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text) if isinstance(text, str) else text


def _open_values(old: Schema, new: Schema) -> Iterator[tuple[Change, str]]:
    """Of a list that is open now. Its bounds on length say no more than the list did."""
    before, after = (set(schema.get(OPEN, ())) or _values(schema) or set[Any]() for schema in (old, new))
    if OPEN not in old:
        yield "opened", f", was {_spoken(old)} alone"
    if more := sorted(after - before):
        yield "extended", f" by {', '.join(more)}"
    if less := sorted(before - after):
        yield "narrowed", f" by {', '.join(less)}"


def _fields(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, Change, str]]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(_listed(old, "required")), set(_listed(new, "required"))
    for name in [*before, *(name for name in after if name not in before)]:
        at = f"{place}.{name}".lstrip(".")
        if name not in after:
            yield at, "removed", ""
        elif name not in before:
            yield at, "required" if name in needed_after else "added", ", a new field" if name in needed_after else ""
        else:
            if (name in needed_before) != (name in needed_after):
                yield at, "required" if name in needed_after else "optional", ""
            yield from _differences(before[name], after[name], at)


def _without(node: Schema, key: str) -> Schema:
    return {name: value for name, value in node.items() if name != key}


def _listed(node: Schema, key: str) -> list[str]:
    value = node.get(key, [])
    return value if isinstance(value, list) else [value]


def _values(node: Schema) -> set[Any] | None:
    if "const" in node:
        return {node["const"]}
    return set(node["enum"]) if "enum" in node else None


def _spoken(node: Schema) -> str:
    return ", ".join(sorted(map(str, _values(node) or ("any value",))))


def _values_change(old: set[Any] | None, new: set[Any] | None) -> Change | None:
    if old is None or new is None:
        return None if old == new else "narrowed" if old is None else "widened"
    return _set_change(old, new)


def _set_change(old: set[Any], new: set[Any]) -> Change | None:
    if old == new:
        return None
    return "widened" if old < new else "narrowed" if new < old else "retyped"


def _bound(node: Schema, key: str, sign: int) -> float:
    """The bound so that larger means stricter; no bound is the least strict."""
    return sign * node[key] if key in node else float("-inf")
