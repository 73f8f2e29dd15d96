"""The values of the chart, read from values.yaml with their comments, and README.md, which lists them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import topic_table
import yaml

from kontor_contracts.topics import SERVICES

FREE = (
    "commonLabels",
    "digests",
    "labels",
    "annotations",
    "Labels",
    "Annotations",
    "resources",
    "affinity",
    "nodeSelector",
)
"""Ends of names whose content is somebody else's matter."""
HEAD = """\
# The chart

Installs the services of Kontor on Kubernetes ≥ 1.30. How to: [docs/operating/install.md](../../../docs/operating/install.md).

```
helm upgrade --install kontor deploy/helm/kontor --namespace kontor --values my-values.yaml --wait
```

`values.schema.json` refuses unknown values, so a misspelt one is named by Helm. Nothing beyond Kubernetes itself is needed until
a value asks for it. A whole example: [examples/production.yaml](examples/production.yaml).

Written by `make generate` from `values.yaml`.
"""


@dataclass(frozen=True, slots=True)
class Value:
    """One line of values.yaml. A map that has keys of its own here is no line."""

    path: str
    default: Any
    meaning: str
    is_map: bool


def read(text: str) -> list[Value]:
    """In the order of the file. A comment belongs to the key below it, and to its neighbours without one."""
    comments = dict(_comments(text))
    data = yaml.safe_load(text)
    return list(_values(data, "", comments))


def readme(values: list[Value]) -> str:
    rows = [
        (f"`{one.path}`", f"`{json.dumps(one.default, ensure_ascii=False)}`", one.meaning)
        for one in values
        if not one.is_map
    ]
    others = [f"services.{service}." for service in SERVICES[1:]]
    same = [row for row in rows if not row[0].strip("`").startswith(tuple(others))]
    table = topic_table.table(("value", "default", "meaning"), same)
    return f"{HEAD}\n{table}\n\nThe other services have the same values as identity.\n"


def _values(data: Mapping[str, Any], above: str, comments: Mapping[str, str], meaning: str = "") -> Iterator[Value]:
    for name, default in data.items():
        path = f"{above}{name}"
        meaning = comments.get(path, meaning)
        deeper = isinstance(default, dict) and bool(default) and not name.endswith(FREE)
        yield Value(path, default, _of_identity(path, comments) or meaning, deeper)
        if deeper:
            yield from _values(default, f"{path}.", comments, meaning)


def _of_identity(path: str, comments: Mapping[str, str]) -> str:
    """Services have the same values, and identity's are the ones with comments."""
    match path.split("."):
        case ["services", _, name, *_]:
            return comments.get(f"services.identity.{name}", "")
        case _:
            return ""


def _comments(text: str) -> Iterator[tuple[str, str]]:
    """Path of a key → the comment right above it."""
    said: list[str] = []
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        if comment := re.fullmatch(r" *# ?(.*)", line):
            said.append(comment[1])
            continue
        if key := re.match(r"( *)([\w.]+):", line):
            depth = len(key[1])
            stack = [(deep, name) for deep, name in stack if deep < depth]
            stack.append((depth, key[2]))
            if said:
                yield ".".join(name for _, name in stack), " ".join(said)
        said = []
