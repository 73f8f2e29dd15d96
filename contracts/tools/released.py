"""The last release as it was published: a copy in the tree, because a clone may be shallow and have neither tag nor branch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RELEASED = "contracts/released.json"
TEXTS = {"title", "description"}


@dataclass(frozen=True, slots=True)
class Released:
    """``topics`` as in ``topics.json``; ``schemas`` by wire type, without the words for people."""

    version: str
    topics: dict[str, Any]
    schemas: dict[str, dict[str, Any]]


def last_release(root: Path = ROOT) -> Released | None:
    path = root / RELEASED
    return parsed(path.read_text(encoding="utf-8")) if path.exists() else None


def parsed(text: str) -> Released:
    document = json.loads(text)
    return Released(document["version"], document["topics"], document["schemas"])


def written(release: Released) -> str:
    """A line per message, so that a review sees which of them changed."""
    schemas = ",\n".join(f" {_line(type_)}: {_line(bare(schema))}" for type_, schema in release.schemas.items())
    return (
        f'{{"version": {_line(release.version)},\n"topics": {_line(release.topics)},\n"schemas": {{\n{schemas}\n}}}}\n'
    )


def bare(schema: Any, *, names: bool = False) -> Any:
    """Without titles and descriptions. ``names``: the keys are those of fields, and one may be called like that."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: bare(value, names=key in {"properties", "$defs"} and not names)
        for key, value in schema.items()
        if names or key not in TEXTS
    }


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
