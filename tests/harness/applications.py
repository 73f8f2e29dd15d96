"""The services' applications in this process, without servers: for what their routes and models say."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest
from fastapi import FastAPI

from kontor_contracts.topics import SERVICES
from kontor_local.environment import Surroundings, environment
from kontor_local.keys import write_keys
from kontor_local.ports import HOST


def build_applications(keys: Path) -> Mapping[str, FastAPI]:
    """By service. Nothing connects: the lifespans are not run, and a call to the database gives up at once."""
    write_keys(keys)
    around = Surroundings(
        kafka=f"{HOST}:9",
        mongo=f"mongodb://{HOST}:9",
        smtp_port=9,
        urls={name: f"http://{HOST}:{8001 + number}" for number, name in enumerate(SERVICES)},
        management={name: 9001 + number for number, name in enumerate(SERVICES)},
        keys=keys,
    )
    return {name: _application(name, around) for name in SERVICES}


def _application(service: str, around: Surroundings) -> FastAPI:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**environment(service, around), "KONTOR_DATABASE_TIMEOUT": "0.01"}.items():
            patch.setenv(name, value)
        settings = import_module(f"{service}.settings").Settings()
    _, app = import_module(f"{service}.app").build(settings)
    assert isinstance(app, FastAPI)
    return app
