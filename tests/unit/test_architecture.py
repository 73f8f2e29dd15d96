"""What import-linter cannot say: what each kind of module may import at most."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kontor_contracts.topics import SERVICES as KONTOR_SERVICES

SERVICES = Path(__file__).parents[2] / "services"
DOMAINS = sorted(SERVICES.glob("*/src/*/domain/**/*.py"))
CHASSIS = sorted(SERVICES.glob("chassis/src/**/*.py"))
CODE = sorted(SERVICES.glob("*/src/**/*.py"))
TESTS = sorted((SERVICES.parent / "tests").rglob("test_*.py"))
LONGEST_TEST_NAME = 69
SERVICE_NAMES = set(KONTOR_SERVICES)
SHARED_CONTRACTS = {
    "kontor_contracts",
    "kontor_contracts.addresses",
    "kontor_contracts.envelope",
    "kontor_contracts.names",
    "kontor_contracts.values",
}

MORE_OWN_CONTRACTS = {
    "enrollment": {"kontor_contracts.refused_commands"},
    "relationships": {
        "kontor_contracts.admin_grants",
        "kontor_contracts.authz.rules",
        "kontor_contracts.customers",
        "kontor_contracts.customer_matches",
        "kontor_contracts.directory",
        "kontor_contracts.refused_commands",
        "kontor_contracts.resellers_of_record",
    },
}
"""Contracts of a service beside the module of its name, which lists their messages."""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


@pytest.mark.parametrize("path", DOMAINS, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_domain_imports_its_own_contracts_and_the_standard_library(path: Path) -> None:
    service = path.relative_to(SERVICES).parts[0]
    allowed = SHARED_CONTRACTS | {f"kontor_contracts.{service}"} | MORE_OWN_CONTRACTS.get(service, set())
    for name in imported(path):
        top = name.partition(".")[0]
        own_domain = name.startswith(f"{service}.domain")
        assert top in sys.stdlib_module_names or name in allowed or own_domain, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", DOMAINS, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_domain_module_has_no_clock_no_chance_and_no_input(path: Path) -> None:
    called = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    banned = {"datetime.now", "datetime.utcnow", "time.time", "uuid4", "uuid.uuid4", "uuid7", "open", "print", "input"}
    assert not called & banned
    assert not set(imported(path)) & {"random", "secrets", "os", "socket", "time", "asyncio"}


def test_every_service_has_a_domain() -> None:
    assert {path.relative_to(SERVICES).parts[0] for path in DOMAINS} == SERVICE_NAMES
    assert {path.relative_to(SERVICES).parts[0] for path in DOMAINS} == SERVICE_NAMES


def test_only_the_mongo_package_knows_the_driver() -> None:
    drivers = {"motor", "pymongo", "bson", "gridfs"}
    knowing = {path for path in CODE if {name.partition(".")[0] for name in imported(path)} & drivers}
    assert {path.parent for path in knowing} == {SERVICES / "chassis/src/chassis/mongo"}


PATCHED = {"aiokafka_patches.py", "patience.py"}
"""The only files that may touch private names of a library; each names its reason."""
FIRST_PARTY = {"kontor_contracts", "chassis", *SERVICE_NAMES}


def private_library_names(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in FIRST_PARTY:
            yield from (name.name for name in node.names if name.name.startswith("_"))
    libraries = {
        (name.asname or name.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in FIRST_PARTY
        for name in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = node.value
            if isinstance(owner, ast.Name) and owner.id in libraries:
                yield f"{owner.id}.{node.attr}"


def test_libraries_are_used_by_their_public_names() -> None:
    engines = ("fastapi.dependencies", "uvicorn.protocols")
    assert not [f"{path.name}: {name}" for path in CODE for name in imported(path) if name.startswith(engines)]
    assert {path.name for path in CODE if list(private_library_names(path))} <= PATCHED


def test_only_one_file_knows_faststream() -> None:
    knowing = {path for path in CODE if any(name.split(".")[0] == "faststream" for name in imported(path))}
    assert knowing == {SERVICES / "chassis/src/chassis/kafka/faststream_adapter.py"}


def test_only_one_file_patches_private_parts_of_aiokafka() -> None:
    private = {"fastapi.dependencies", "uvicorn.protocols", "aiokafka.record", "aiokafka.consumer.fetcher"}
    using = {path.name for path in CODE for name in imported(path) if name.startswith(tuple(private))}
    assert using == {"aiokafka_patches.py"}


def test_a_test_is_named_in_fewer_than_70_characters() -> None:
    named = [
        (path.name, node.name)
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert named
    assert not [f"{file}: {name}" for file, name in named if len(name) > LONGEST_TEST_NAME], "shorten the name"


def named_services(tree: ast.AST) -> Iterator[str]:
    """Services that code names: in a text that is no docstring, or as their own messages."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from (service for service in SERVICE_NAMES if re.search(rf"\b{service}\b", node.value))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kontor_contracts."):
            yield from SERVICE_NAMES & {(node.module or "").partition(".")[2]}


@pytest.mark.parametrize("path", CHASSIS, ids=lambda path: str(path.relative_to(SERVICES)))
def test_the_chassis_names_no_service(path: Path) -> None:
    assert not list(named_services(ast.parse(path.read_text())))


@pytest.mark.parametrize(
    "path", sorted(SERVICES.glob("*/src/**/*.py")), ids=lambda path: str(path.relative_to(SERVICES))
)
def test_a_missing_document_is_none_or_its_initial_state(path: Path) -> None:
    """`store.get` says None, `store.get_or_initial` what the domain sees; no reader makes up a state of its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and ".get(" in ast.unparse(node.values[0]):
            first, *made = (ast.unparse(value) for value in node.values)
            empty = [text for text in made if re.fullmatch(r"[A-Z]\w+\(\)", text)]
            assert not ("tore.get(" in first and empty), f"line {node.lineno}: use get_or_initial"
