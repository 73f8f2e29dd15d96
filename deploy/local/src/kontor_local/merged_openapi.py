"""The OpenAPI documents of several services as one, for a host that has all of them."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]


def merged(documents: Mapping[str, Document], *, title: str, address: str) -> Document:
    """By service. A schema that two services have alike stands there once; where they differ, each has its service's name.

    So do operation ids. Raises ValueError where two services have the same path.
    """
    many = _differing(documents)
    repeated = _repeated_operations(documents)
    paths: Document = {}
    components: dict[str, Document] = {}
    for service, document in documents.items():
        named = {name: f"{service.capitalize()}{name}" for name in many}
        own = _renamed(document, named)
        for path, item in own["paths"].items():
            if path in paths:
                raise ValueError(f"{path} is a path of two services")
            paths[path] = {method: _operation(one, service, repeated) for method, one in item.items()}
        for kind, entries in own.get("components", {}).items():
            into = components.setdefault(kind, {})
            into.update({named.get(name, name) if kind == "schemas" else name: one for name, one in entries.items()})
    first = next(iter(documents.values()))
    info = {"title": title, "version": first["info"]["version"]}
    return {
        "openapi": first["openapi"],
        "info": info,
        "servers": [{"url": address}],
        "paths": paths,
        "components": components,
    }


def _differing(documents: Mapping[str, Document]) -> set[str]:
    """Names of schemas that are not the same in all services that have them."""
    seen: dict[str, str] = {}
    differing = set()
    for document in documents.values():
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            text = json.dumps(schema, sort_keys=True)
            if seen.setdefault(name, text) != text:
                differing.add(name)
    return differing


def _repeated_operations(documents: Mapping[str, Document]) -> set[str]:
    ids = Counter(
        one["operationId"]
        for document in documents.values()
        for item in document["paths"].values()
        for one in item.values()
    )
    return {id for id, count in ids.items() if count > 1}


def _operation(operation: Document, service: str, repeated: set[str]) -> Document:
    id = operation["operationId"]
    tags = [f"{service}: {tag}" for tag in operation.get("tags", ("other",))]
    return {**operation, "tags": tags, "operationId": f"{service}{id[0].upper()}{id[1:]}" if id in repeated else id}


def _renamed(node: Any, named: Mapping[str, str]) -> Any:
    """With references to the schemas' new names."""
    if isinstance(node, list):
        return [_renamed(one, named) for one in node]
    if not isinstance(node, dict):
        return node
    return {key: _reference(one, named) if key == "$ref" else _renamed(one, named) for key, one in node.items()}


def _reference(reference: Any, named: Mapping[str, str]) -> Any:
    beginning, slash, name = str(reference).rpartition("/")
    return f"{beginning}{slash}{named.get(name, name)}"
