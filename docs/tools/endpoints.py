"""The HTTP reference: a page for each service, from its OpenAPI document."""

from collections.abc import Iterator
from typing import Any

from fields import cell, field_table
from topic_table import table

Document = dict[str, Any]


def page(service: str, document: Document) -> str:
    """Every operation with parameters, body and answers, by tag."""
    parts = [
        f"# {service.capitalize()} over HTTP",
        f"[OpenAPI document](openapi/{service}.json) of version {document['info']['version']}.",
        "How errors, paging and repetitions work is the same everywhere: [README](../README.md).",
    ]
    for tag, operations in _by_tag(document).items():
        parts.append(f"## {tag}")
        for place, operation in operations:
            parts += _operation(place, operation, document["components"]["schemas"])
    return "\n\n".join(parts) + "\n"


def _by_tag(document: Document) -> dict[str, list[tuple[str, Document]]]:
    found: dict[str, list[tuple[str, Document]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            (tag, *_) = operation.get("tags") or ["others"]
            found.setdefault(tag, []).append((f"{method.upper()} {path}", operation))
    return found


def _operation(place: str, operation: Document, schemas: Document) -> Iterator[str]:
    yield f"### {place}"
    yield operation.get("description") or operation.get("summary", "")
    rows = [
        (
            f"`{one['name']}`",
            one["in"],
            "yes" if one.get("required") else "no",
            cell(one.get("description", "")),
        )
        for one in operation.get("parameters", ())
    ]
    if rows:
        yield table(("parameter", "in", "required", "says"), rows)
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Body (`{kind}`):"
        yield field_table(_resolved(content["schema"], schemas), schemas)
    yield table(("answer", "says"), [_answer(status, one) for status, one in operation["responses"].items()])


def _answer(status: str, answer: Document) -> tuple[str, str]:
    return status, cell(answer.get("description", ""))


def _resolved(schema: Document, schemas: Document) -> Document:
    if reference := schema.get("$ref"):
        found: Document = schemas[reference.rpartition("/")[2]]
        return found
    return schema
