"""The services' settings classes and applications, built in this process without servers."""

import os
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from unittest import mock

from fastapi import FastAPI
from pydantic_settings import BaseSettings

from chassis import Chassis
from kontor_contracts.topics import SERVICES
from kontor_local.environment import Surroundings, environment
from kontor_local.keys import write_keys
from kontor_local.ports import HOST


def settings_class(service: str) -> type[BaseSettings]:
    found: type[BaseSettings] = import_module(f"{service}.settings").Settings
    return found


def build_applications() -> Mapping[str, FastAPI]:
    return {name: app for name, (_, app) in build_services().items()}


def build_services() -> Mapping[str, tuple[Chassis, FastAPI]]:
    """By service. Nothing connects: the lifespans are not run."""
    with tempfile.TemporaryDirectory() as keys:
        around = Surroundings(
            kafka=f"{HOST}:9",
            mongo=f"mongodb://{HOST}:9",
            smtp_port=9,
            urls={name: f"http://{HOST}:{8001 + number}" for number, name in enumerate(SERVICES)},
            management={name: 9001 + number for number, name in enumerate(SERVICES)},
            keys=Path(keys),
        )
        write_keys(around.keys)
        return {name: _built(name, around) for name in SERVICES}


def _built(service: str, around: Surroundings) -> tuple[Chassis, FastAPI]:
    with mock.patch.dict(os.environ, {**environment(service, around), "KONTOR_DATABASE_TIMEOUT": "0.01"}, clear=True):
        chassis, app = import_module(f"{service}.app").build(settings_class(service)())
    assert isinstance(chassis, Chassis)
    assert isinstance(app, FastAPI)
    return chassis, app
