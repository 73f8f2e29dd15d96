"""Every field and every parameter of the OpenAPI documents has a description and an example."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from harness.applications import build_applications

from chassis.http.documentation.openapi import has_example
from kontor_contracts.fields import FIELDS, MATTERS
from kontor_contracts.topics import SERVICES


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    return build_applications(tmp_path_factory.mktemp("keys"))


def parts(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, place of the description, and schema."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                yield f"{operation['operationId']}({parameter['name']})", parameter, parameter["schema"]
    for model, schema in document["components"]["schemas"].items():
        for name, own in schema.get("properties", {}).items():
            yield f"{model}.{name}", own, own


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_and_parameter_is_described(service: str, applications: Mapping[str, FastAPI]) -> None:
    found = list(parts(applications[service].openapi()))
    assert len(found) > 20
    bare = [name for name, described, _ in found if len(described.get("description", "")) < 4]
    assert bare == [], "describe them at the field, or in contracts/src/kontor_contracts/fields/"


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_and_parameter_has_an_example(service: str, applications: Mapping[str, FastAPI]) -> None:
    bare = [name for name, _, schema in parts(applications[service].openapi()) if not has_example(schema)]
    assert bare == [], "give one at the field, or in contracts/src/kontor_contracts/fields/"


def test_every_text_of_a_field_is_used(applications: Mapping[str, FastAPI]) -> None:
    names: set[str] = set()
    for app in applications.values():
        for name, _, _ in parts(app.openapi()):
            names |= {name, name.rpartition(".")[2], name.partition("(")[2].rstrip(")")}
    assert FIELDS.keys() - names == set(), "no field and no parameter has these names; remove them"


def test_a_field_has_one_text() -> None:
    assert sum(map(len, MATTERS)) == len(FIELDS), "a name stands in two modules of kontor_contracts/fields"
