"""What a service's OpenAPI document says about refusals: every status an operation can answer with, as problem+json.

FastAPI documents what endpoints return, and a 422 of its own that nobody gets to see. What the chassis answers in their place
follows from the form of an operation, so it is said here for all of them. What is peculiar to one stands at its route.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.constants import REF_PREFIX
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from chassis.http.plain_routes import PlainRoute
from chassis.http.problems import Problem
from chassis.http.routes import API
from kontor_contracts.fields import Text, text_of
from kontor_contracts.problems import codes_of

PROBLEM_JSON = "application/problem+json"
OWN_422 = ("HTTPValidationError", "ValidationError")
EXAMPLES = {
    r"^[A-Z]{2}$": "DE",
    r"^[a-z]{2}(-[A-Z]{2})?$": "de",
    r"^[0-9]{4,12}$": "4711001",
    r"^[A-Za-z0-9:._-]+$": "5f3a1c9e-7b1d-5d0e-9a55-2d6b1c0f4e11",
    r"^[^@\s\x00-\x1f\x7f-\x9f<>,;]+@[^@\s\x00-\x1f\x7f-\x9f<>,;]+$": "anna@company.example",
}
"""By pattern: the contracts' values."""
FORMED: dict[tuple[str, str], Any] = {
    ("string", "date-time"): "2026-11-27T10:00:00Z",
    ("string", "date"): "2026-11-27",
    ("boolean", ""): True,
}
"""By type and format."""
CHANGING = {"post", "put", "patch", "delete"}

Operation = dict[str, Any]


class Described(FastAPI):
    """An application whose document is as `document` describes."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = document(self)
        return self.openapi_schema


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the refusals of every operation."""
    routes = [route.described if isinstance(route, PlainRoute) else route for route in app.routes]
    found: dict[str, Any] = get_openapi(
        title=app.title, version=app.version, routes=routes, servers=[{"url": app.state.settings.public_url}]
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    _, problems = models_json_schema([(Problem, "serialization")], ref_template=REF_PREFIX + "{model}")
    schemas.update(problems["$defs"])
    for name in OWN_422:
        schemas.pop(name, None)
    for name, schema in schemas.items():
        _example(schema)
        _properties(name, schema)
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _permission(operation)
            _parameters(operation)
            _refusals(path, method, operation)
            _codes(operation, schemas, app.state.settings.SERVICE)
    return found


def _codes(operation: Operation, schemas: dict[str, Any], service: str) -> None:
    """The operation's own problem, whose codes are those that come with its statuses."""
    statuses = {int(code) for code in operation["responses"] if not code.startswith("2")}
    codes = [code for code, meaning in codes_of(service).items() if statuses.intersection(meaning.statuses)]
    name = f"{operation['operationId'][0].upper()}{operation['operationId'][1:]}Problem"
    problem = schemas["Problem"]
    code = {**problem["properties"]["code"], "enum": sorted(codes)}
    schemas[name] = {**problem, "title": name, "properties": {**problem["properties"], "code": code}}
    for status in statuses:
        operation["responses"][str(status)]["content"][PROBLEM_JSON] = {"schema": {"$ref": REF_PREFIX + name}}


def _parameters(operation: Operation) -> None:
    """What an id in a path is of, where its endpoint does not say more; and an example where its form is a known one."""
    for parameter in operation.get("parameters", ()):
        name: str = parameter["name"]
        if parameter["in"] == "path" and name.endswith("_id"):
            parameter.setdefault("description", f"The id of the {name.removesuffix('_id').replace('_', ' ')}.")
        _example(parameter["schema"])
        _text(parameter, parameter["schema"], text_of("", name))


def _properties(model: str, schema: dict[str, Any]) -> None:
    for name, own in schema.get("properties", {}).items():
        _text(own, own, text_of(model, name))


def _text(described: dict[str, Any], schema: dict[str, Any], text: Text | None) -> None:
    """Description and example of a field or parameter, where it has none of its own."""
    if text is not None:
        described.setdefault("description", text.description)
    if has_example(schema):
        return
    example = text.example if text else None
    if example is None:
        example = FORMED.get((_plain(schema).get("type", ""), _plain(schema).get("format", "")))
    if example is not None:
        schema["examples"] = [example]


def has_example(schema: dict[str, Any]) -> bool:
    """Also by a closed list of values, or in what it consists of."""
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else [])]
    return any(key in schema for key in ("examples", "const", "enum", "$ref")) or any(map(has_example, inner))


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Without null."""
    return next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)


def _example(schema: dict[str, Any]) -> None:
    """Of a value of the contracts, which is known by its pattern; also where it is nested or may be null."""
    if (example := EXAMPLES.get(schema.get("pattern", ""))) is not None:
        schema.setdefault("examples", [example])
    for inner in (*schema.get("anyOf", ()), *schema.get("properties", {}).values()):
        _example(inner)


def _permission(operation: Operation) -> None:
    """FastAPI names a permission as the scope of the operation; here it is said for people, too."""
    needed = [scope for scheme in operation.get("security", ()) for scopes in scheme.values() for scope in scopes]
    if needed:
        sentence = f"Permission: {' or '.join(f'`{permission}`' for permission in needed)}."
        operation["description"] = "\n\n".join(filter(None, (operation.get("description"), sentence)))


def _refusals(path: str, method: str, operation: Operation) -> None:
    responses = operation["responses"]
    if OWN_422[0] in str(responses.get("422")):
        del responses["422"]
    for status in _statuses(path, method, operation):
        responses.setdefault(str(status.value), {"description": status.phrase})
    for code, response in responses.items():
        if not code.startswith("2"):
            response.setdefault("content", {})[PROBLEM_JSON] = {"schema": {"$ref": f"{REF_PREFIX}Problem"}}


def _statuses(path: str, method: str, operation: Operation) -> Iterator[HTTPStatus]:
    if "security" in operation:
        yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if "{" in path:
        yield HTTPStatus.NOT_FOUND
    if path.startswith(API) or "parameters" in operation or "requestBody" in operation:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if method in CHANGING:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    yield HTTPStatus.SERVICE_UNAVAILABLE
