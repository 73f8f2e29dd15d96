"""Every endpoint has its line where people and tests look for it; a missing one is asked for by its file."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from fastapi import FastAPI
from harness.applications import build_applications
from service.permission_doors import DOORS, WITHOUT_A_KEY

from kontor_contracts.topics import SERVICES

ROOT = Path(__file__).parents[2]
KEY = "Idempotency-Key"
TABLE = "tests/service/permission_doors.py"


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    return build_applications(tmp_path_factory.mktemp("keys"))


def endpoints(app: FastAPI) -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, operations in app.openapi()["paths"].items() for method in operations}


@pytest.mark.parametrize("service", SERVICES)
def test_every_endpoint_says_what_it_asks_of_its_caller(service: str, applications: Mapping[str, FastAPI]) -> None:
    found, listed = endpoints(applications[service]), {door.key for door in DOORS[service]}
    assert found - listed == set(), f"add a Door for each of these to {TABLE}"
    assert listed - found == set(), f"there are no such endpoints; remove them from {TABLE}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_post_takes_a_key_or_says_why_it_takes_none(service: str, applications: Mapping[str, FastAPI]) -> None:
    paths = applications[service].openapi()["paths"]
    posts = {path: operations["post"] for path, operations in paths.items() if "post" in operations}
    keyed = {path for path, post in posts.items() if any(p["name"] == KEY for p in post.get("parameters", ()))}
    assert keyed & WITHOUT_A_KEY.keys() == set(), f"these take a key; remove them from WITHOUT_A_KEY in {TABLE}"
    assert posts.keys() - keyed - WITHOUT_A_KEY.keys() == set(), (
        f"let these take a key (Once), or say in WITHOUT_A_KEY in {TABLE} why they take none"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_readme_of_a_service_names_its_endpoints(service: str, applications: Mapping[str, FastAPI]) -> None:
    """It, or a page in docs that it links. Tables group endpoints, so the parts of the paths are looked for."""
    readme = ROOT / "services" / service / "README.md"
    text = readme.read_text(encoding="utf-8")
    linked = [ROOT / page for page in re.findall(r"\(\.\./\.\./(docs/[\w-]+\.md)\)", text)]
    words = set(re.findall(r"[\w-]+", text + "".join(page.read_text(encoding="utf-8") for page in linked)))
    paths = {path for _, path in endpoints(applications[service]) if path.startswith("/v1/")}
    missing = {path for path in paths if not set(re.findall(r"(?<![{\w-])[\w-]+(?![}\w-])", path)) <= words}
    assert missing == set(), f"add these to the table of endpoints in {readme.relative_to(ROOT)}"
