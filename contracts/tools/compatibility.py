"""The differences between the released schema of a message and the one of today."""

import json
import re
from collections.abc import Iterator
from typing import Any

from promise import SEVERITIES, Change, Finding, Kind

Schema = dict[str, Any]
LOWER_BOUNDS = ("minLength", "minimum", "exclusiveMinimum", "minItems")
UPPER_BOUNDS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
OPEN = "x-extensible-enum"
AS_THEY_ARE = ("anyOf", "oneOf", "allOf", "prefixItems", "additionalProperties", "uniqueItems")
JUDGED = {
    *LOWER_BOUNDS,
    *UPPER_BOUNDS,
    *AS_THEY_ARE,
    *(
        "$ref",
        "$defs",
        "type",
        "properties",
        "required",
        "items",
        "enum",
        "const",
        "pattern",
        "format",
        "default",
        OPEN,
    ),
}
FOR_PEOPLE = {"$schema", "$id", "$comment", "title", "description", "examples", "deprecated"}
"""Keywords that no validator judges by."""


def compare(type_: str, kind: Kind, old: Schema | None, new: Schema | None) -> list[Finding]:
    """What changed between the released schema and the one of today; None where there is none."""
    found: list[tuple[str, Change, str]] = []
    if old is None or new is None:
        found.append(("", "new" if old is None else "gone", ""))
    if new is not None:
        found += [(place, "unknown-keyword", keyword) for place, keyword in unknown_keywords(new)]
    if old is not None and new is not None:
        found += list(_differences(_resolved(old, old), _resolved(new, new), ""))
    column = 1 if kind == "commands" else 0
    return [Finding(type_, place, change, SEVERITIES[change][column], detail) for place, change, detail in found]


def unknown_keywords(node: Schema, place: str = "") -> Iterator[tuple[str, str]]:
    """Where a schema has a keyword that the gate judges by no rule."""
    yield from ((place, keyword) for keyword in node if keyword not in JUDGED | FOR_PEOPLE)
    below = {**node.get("properties", {}), **node.get("$defs", {})}
    for name, one in below.items():
        yield from unknown_keywords(one, f"{place}.{name}".lstrip("."))
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for one in node.get(key, ()):
            yield from unknown_keywords(one, place)
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from unknown_keywords(node[key], f"{place}[]")


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
    change = _type_change(old, new)
    if change is not None:
        yield place, change, f"was {_type_of(old)} and is {_type_of(new)}"
    if change in {"retyped", "loosened"}:
        return
    yield from ((place, change, detail) for change, detail in _constraints(old, new))
    yield from _fields(old, new, place)
    if "items" in old and "items" in new:
        yield from _differences(old["items"], new["items"], f"{place}[]")


def _type_change(old: Schema, new: Schema) -> Change | None:
    if any(old.get(key) != new.get(key) for key in AS_THEY_ARE):
        return "retyped"
    before, after = set(_listed(old, "type")), set(_listed(new, "type"))
    if before - {"null"} != after - {"null"}:
        # More types than before suit only who reads them all, and only a command's one reader is ours.
        return "loosened" if before < after else "retyped"
    return None if before == after else "nullable" if "null" in after else "narrowed"


SPOKEN = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "yes or no", "null": "null"}
SPOKEN |= {"array": "a list", "object": "an object"}


def _type_of(node: Schema) -> str:
    return " or ".join(SPOKEN[one] for one in _listed(node, "type")) or "of another kind"


def _constraints(old: Schema, new: Schema) -> Iterator[tuple[Change, str]]:
    if OPEN in new and (OPEN in old or _values(old) is not None):
        yield from _open_values(old, new)
        if OPEN not in old:
            # Of a list that is open now, bounds on the length say no more than the list did.
            return
    elif change := _values_change(_values(old), _values(new)):
        yield change, f"{_spoken(old)} before, and now {_spoken(new)}"
    for sign, keys in ((1, LOWER_BOUNDS), (-1, UPPER_BOUNDS)):
        for key in keys:
            if old.get(key) != new.get(key):
                before, after = (_bound(schema, key, sign) for schema in (old, new))
                yield "narrowed" if after > before else "widened", _from_to(key, old, new)
    if _unescaped(old.get("pattern")) != _unescaped(new.get("pattern")):
        change = "narrowed" if "pattern" not in old else "widened" if "pattern" not in new else "reworded"
        yield change, _from_to("pattern", old, new)
    if old.get("format") != new.get("format"):
        yield "narrowed" if "format" not in old else "loosened", _from_to("format", old, new)
    if old.get("default") != new.get("default"):
        yield "reworded", _from_to("default", old, new)


def _from_to(key: str, old: Schema, new: Schema) -> str:
    before, after = (json.dumps(one[key], ensure_ascii=False) if key in one else "none" for one in (old, new))
    return f"{key} was {before} and is {after}"


def _unescaped(text: Any) -> Any:
    """A character in a pattern, and its escape, say the same."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text) if isinstance(text, str) else text


def _open_values(old: Schema, new: Schema) -> Iterator[tuple[Change, str]]:
    before, after = (set(schema.get(OPEN, ())) or _values(schema) or set[Any]() for schema in (old, new))
    if OPEN not in old:
        yield "opened", f", was {_spoken(old)} alone"
    if more := sorted(after - before):
        yield "extended", f"{', '.join(more)}"
    if less := sorted(before - after):
        yield "narrowed", f"without {', '.join(less)}"


def _fields(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, Change, str]]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(_listed(old, "required")), set(_listed(new, "required"))
    for name in [*before, *(name for name in after if name not in before)]:
        at = f"{place}.{name}".lstrip(".")
        if name not in after:
            yield at, "removed", ""
        elif name not in before:
            yield (
                at,
                "required" if name in needed_after else "added",
                ", though it is new" if name in needed_after else "",
            )
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
