"""What a service loads when it starts: all that its image has and it needs, and nothing more."""

import json
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kontor_contracts.topics import SERVICES

NOT_AT_START = {
    "zxcvbn": "13 MB of words, needed when somebody chooses a password",
    "dns": "58 modules, needed when somebody proves a domain",
    "requests": "no service asks anything with it, but libraries bring it along",
}
"""Top-level modules, with the reason why none of them may come back unnoticed."""

WHERE_IT_IS = {"email_validator", "sniffio"}
"""What FastAPI and anyio load only if it is installed: for services that judge addresses, and for nothing here."""

LOADED = """
import json, sys
sys.modules["rich"] = None  # structlog loads it where it finds it, and no image has it
import {service}.__main__
print(json.dumps({{"modules": [name for name, module in sys.modules.items() if module]}}))
"""


@pytest.fixture(scope="module", params=SERVICES)
def started(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """A service, and what a fresh process of it has come to when all is imported."""
    service: str = request.param
    args = [sys.executable, "-c", LOADED.format(service=service)]
    return service, json.loads(subprocess.run(args, capture_output=True, check=True, text=True).stdout)


Started = tuple[str, dict[str, Any]]


def test_nothing_heavy_is_loaded_that_a_start_does_not_need(started: Started) -> None:
    loaded = {name.partition(".")[0] for name in started[1]["modules"]}
    assert {name: why for name, why in NOT_AT_START.items() if name in loaded} == {}


def test_nothing_is_loaded_that_the_image_does_not_have(started: Started) -> None:
    service, found = started
    installed = _closure(f"kontor-{service}")
    owners = packages_distributions()
    for module in {name.partition(".")[0] for name in found["modules"]} - sys.stdlib_module_names - WHERE_IT_IS:
        owning = {canonicalize_name(owner) for owner in owners.get(module, [])}
        assert not owning or owning & installed, f"{module} is of {owning}"


def _closure(distribution: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """The names of all distributions that are installed with this one."""
    found: set[str] = set()
    waiting = [(distribution, extras)]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, wanted = one = waiting.pop()
        if one in done:
            continue
        done.add(one)
        found.add(canonicalize_name(name))
        for requirement in map(Requirement, requires(name) or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *wanted}):
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return found
