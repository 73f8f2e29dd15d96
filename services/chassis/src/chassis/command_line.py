"""The command line of a service: ``python -m <service> [migrate] [serve]``."""

import asyncio
import gc
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from fastapi import FastAPI

from chassis.configuration.loading import SettingError, refuse, suggestion, summary, unknown
from chassis.configuration.settings import Settings
from chassis.errors import UnavailableError
from chassis.lifecycle import signals
from chassis.lifecycle.serving import serve
from chassis.observability.logging import configure
from chassis.service import Chassis

log = structlog.get_logger("chassis.service")

Own = TypeVar("Own", bound=Settings)


def run(settings: Own, build: Callable[[Own], tuple[Chassis, FastAPI]], arguments: Sequence[str]) -> None:
    """``python -m <service> [check] [migrate] [serve]``, in this order. Without an argument it serves.

    ``check`` prints the settings, ``migrate`` creates the indexes, ``serve`` serves until SIGTERM or SIGINT.
    """
    if "check" in arguments:
        _check(settings)
    configure(settings)
    for pair in unknown(type(settings)):
        log.warning("setting_unknown", hint=suggestion(pair))
    try:
        _run(settings, build, arguments)
    except SettingError as error:
        refuse(str(error))


def _check(settings: Settings) -> None:
    """Settings that are wrong have ended the process before. What means nothing here ends it now."""
    sys.stdout.write("".join(f"{line}\n" for line in summary(settings)))
    if strange := unknown(type(settings)):
        refuse("\n".join(map(suggestion, strange)))


def _run(settings: Own, build: Callable[[Own], tuple[Chassis, FastAPI]], arguments: Sequence[str]) -> None:
    for command in arguments or ["serve"]:
        match command:
            case "check":
                continue
            case "migrate":
                signals.obey_in_job()
                _migrate(_settled(build(settings))[0])
            case "serve":
                signals.obey_before_serving()
                serve(settings, *_settled(build(settings)))
            case _:
                sys.exit(f"unknown command {command!r}; known: check, migrate, serve")


def _settled(built: tuple[Chassis, FastAPI]) -> tuple[Chassis, FastAPI]:
    """Never collects garbage in what is there by now, which stays.

    A pass through all of it stops the process for tens of milliseconds, and would come again and again.
    """
    gc.freeze()
    return built


def _migrate(chassis: Chassis) -> None:
    try:
        asyncio.run(chassis.migrate())
    except UnavailableError as error:
        log.error("migration_failed", error=str(error))  # noqa: TRY400  what is away says all
        sys.exit(1)
