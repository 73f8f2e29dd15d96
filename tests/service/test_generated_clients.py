"""Clients that public generators make from the OpenAPI documents: nothing is dropped, and every operation can be called.

Python: openapi-python-client, which calls each operation. TypeScript: openapi-typescript from npm, whose types are compiled;
skipped, and said so, where npm or its registry is missing.
"""

import inspect
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from harness.applications import build_applications

from kontor_contracts.topics import SERVICES

GENERATOR = Path(sys.executable).parent / "openapi-python-client"
CONFIG = {"content_type_overrides": {"text/csv": "application/octet-stream"}, "post_hooks": []}
"""CSV is sent as it is: a setting of the generator."""
TYPESCRIPT = ("openapi-typescript@7.13.0", "typescript@5.9.3")
PROBLEM = {
    "type": "urn:x",
    "title": "Unauthorized",
    "status": 401,
    "detail": "x",
    "code": "unauthenticated",
    "correlation_id": "x",
}

Document = dict[str, Any]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Document]:
    return {name: app.openapi() for name, app in build_applications(tmp_path_factory.mktemp("keys")).items()}


@pytest.fixture(scope="module")
def files(documents: Mapping[str, Document], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    directory = tmp_path_factory.mktemp("openapi")
    for name, document in documents.items():
        (directory / f"{name}.json").write_text(json.dumps(document))
    return {name: directory / f"{name}.json" for name in documents}


def operations(document: Document) -> Mapping[str, tuple[str, str]]:
    """By id: method and path."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


# -- Python


@pytest.fixture(scope="module")
def clients(files: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a generated package per service, ``<service>_client``."""
    directory = tmp_path_factory.mktemp("clients")
    (directory / "config.json").write_text(json.dumps(CONFIG))
    for name, file in files.items():
        arguments = ["generate", "--path", file, "--output-path", directory / f"{name}_client", "--meta", "none"]
        arguments += ["--config", directory / "config.json", "--fail-on-warning"]
        done = subprocess.run(
            [str(one) for one in (GENERATOR, *arguments)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    sys.path.insert(0, str(directory))
    invalidate_caches()
    yield directory
    sys.path.remove(str(directory))


class Recorder:
    """Answers every request with 401 and keeps method and path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        return httpx.Response(401, json=PROBLEM, headers={"content-type": "application/problem+json"})


class Body:
    """Stands for a body's generated model or an enum: the generated function uses nothing else of either."""

    value = "x"

    def to_dict(self) -> dict[str, Any]:
        return {}


def value_of(kind: Any) -> Any:
    """Something that the generated function takes for a parameter of this type."""
    if kind is str:
        return "x"
    return kind(payload=b"email\r\n") if getattr(kind, "__name__", "") == "File" else Body()


def module_of(package: str, operation: str, clients: Path) -> ModuleType:
    snake = re.sub(r"([A-Z])", r"_\1", operation).lower()
    (file,) = (clients / package / "api").rglob(f"{snake}.py")
    return import_module(".".join(file.relative_to(clients).with_suffix("").parts))


@pytest.mark.parametrize("service", SERVICES)
def test_a_generated_python_client_calls_every_operation(
    service: str, documents: Mapping[str, Document], clients: Path
) -> None:
    package, recorder = f"{service}_client", Recorder()
    client = import_module(f"{package}.client").AuthenticatedClient("http://service.example", "token")
    client.set_httpx_client(httpx.Client(base_url="http://service.example", transport=httpx.MockTransport(recorder)))
    for operation, (method, path) in operations(documents[service]).items():
        call = module_of(package, operation, clients).sync_detailed
        wanted = {
            name: value_of(parameter.annotation)
            for name, parameter in inspect.signature(call, eval_str=True).parameters.items()
            if parameter.default is inspect.Parameter.empty and name != "client"
        }
        answer = call(client=client, **wanted)
        assert recorder.asked.pop() == (method, re.sub(r"\{\w+\}", "x", path)), operation
        assert answer.status_code == 401
        refused = documents[service]["paths"][path][method.lower()]["responses"].get("401", {})
        # The token endpoint of OAuth has errors of its own.
        if refused and "application/json" not in refused.get("content", {}):
            assert answer.parsed.code == "unauthenticated", operation


# -- TypeScript


@pytest.fixture(scope="module")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("NO TYPESCRIPT CLIENT WAS TESTED: npm is not on PATH")
    directory = tmp_path_factory.mktemp("npm")
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", directory, *TYPESCRIPT]
    done = subprocess.run(list(map(str, install)), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"NO TYPESCRIPT CLIENT WAS TESTED: npm install failed: {done.stderr[-300:]}")
    return directory


@pytest.mark.parametrize("service", SERVICES)
def test_generated_typescript_types_know_every_operation(
    service: str, documents: Mapping[str, Document], files: Mapping[str, Path], node_modules: Path
) -> None:
    bin_, types = node_modules / "node_modules/.bin", node_modules / f"{service}.d.ts"
    subprocess.run([bin_ / "openapi-typescript", files[service], "-o", types], check=True, capture_output=True)
    uses = [
        f'export const {id}: (of: operations["{id}"]) => paths["{path}"]["{method.lower()}"] = (of) => of;'
        for id, (method, path) in operations(documents[service]).items()
    ]
    program = node_modules / f"uses_{service}.ts"
    program.write_text("\n".join([f'import type {{ operations, paths }} from "./{service}";', *uses]))
    compile_ = [bin_ / "tsc", "--noEmit", "--strict", "--skipLibCheck", "false", "--module", "esnext"]
    compile_ += ["--moduleResolution", "bundler", program]
    done = subprocess.run(list(map(str, compile_)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
