"""Every code that a service answers with stands in the catalogue of the contracts, and no other does."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from harness.applications import build_applications

from chassis.http.problems import CODES
from kontor_contracts.envelope import Refusal
from kontor_contracts.problems import EVERYWHERE, OWN, codes_of
from kontor_contracts.topics import SERVICES

SOURCES = Path(__file__).parents[2] / "services"
CODED = {"ProblemError": 1, "problem": 2, "UnreadableFileError": 0, "Fault": 0}
"""By what is called: which argument is the code."""
NO_CODES = {"row"}
"""The fault of a row in a file has a field in this place."""


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    """Built before anything is asked of `Refusal`: it knows the classes that are imported."""
    return build_applications(tmp_path_factory.mktemp("keys"))


def written_codes(service: str) -> Iterator[str]:
    """In the service's source, as literals."""
    for path in (SOURCES / service).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODED:
                place = CODED[node.func.id]
                given = node.args[place] if len(node.args) > place else None
                if isinstance(given, ast.Constant) and given.value not in NO_CODES:
                    yield str(given.value)


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for below in kind.__subclasses__():
        yield below
        yield from refusals(below)


def reasons(service: str) -> Iterator[str]:
    """Of all refusals of the service's domain."""
    for refusal in refusals():
        if refusal.__module__.startswith(f"{service}."):
            yield from get_args(refusal.model_fields["reason"].annotation)


@pytest.mark.parametrize("service", SERVICES)
def test_every_code_of_a_service_stands_in_the_catalogue(service: str, applications: Mapping[str, FastAPI]) -> None:
    assert service in applications
    used = {*written_codes(service), *reasons(service)}
    assert used - codes_of(service).keys() == set(), "add them to contracts/src/kontor_contracts/problems/"
    assert OWN[service].keys() - used == set(), "nothing answers with these; remove them"


def test_every_code_of_the_chassis_stands_in_the_catalogue() -> None:
    used = {*written_codes("chassis"), *CODES.values()}
    assert used == EVERYWHERE.keys()


def test_every_code_has_its_status_and_a_sentence_in_each_language() -> None:
    for service in SERVICES:
        for code, meaning in codes_of(service).items():
            assert meaning.statuses and all(400 <= status < 600 for status in meaning.statuses), code
            assert meaning.en.endswith(".") and meaning.de.endswith("."), code


def test_every_operation_lists_the_codes_of_its_statuses(applications: Mapping[str, FastAPI]) -> None:
    for service, app in applications.items():
        document = app.openapi()
        for operations in document["paths"].values():
            for operation in operations.values():
                listed = set(codes_in(document, operation))
                assert "try-again" in listed
                assert ("unauthenticated" in listed) is ("401" in operation["responses"])
                assert listed <= codes_of(service).keys()


def codes_in(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    (name,) = {
        response["content"]["application/problem+json"]["schema"]["$ref"].rpartition("/")[2]
        for status, response in operation["responses"].items()
        if not status.startswith("2")
    }
    codes: list[str] = document["components"]["schemas"][name]["properties"]["code"]["enum"]
    return codes
