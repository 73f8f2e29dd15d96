"""The tally with its stages measured, and a route that tells the figures."""

import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from service.chassis.tally.settings import Settings

from benchmarks.stages.accounting import Accounts
from benchmarks.stages.names import install
from benchmarks.stages.table import STAGES
from chassis.service import Chassis

Build = Callable[[Settings], tuple[Chassis, FastAPI]]
PATH = "/stages"


def watched(build: Build) -> Build:
    """``GET /stages``: nanoseconds of processor time so far, by stage, and of the whole process."""

    def building(settings: Settings) -> tuple[Chassis, FastAPI]:
        accounts = Accounts()
        accounts.calibrate()
        install(accounts, STAGES)
        chassis, app = build(settings)

        @app.get(PATH, include_in_schema=False)
        async def stages() -> Any:
            return {"stages": accounts.snapshot(), "process": time.process_time_ns()}

        return chassis, app

    return building
