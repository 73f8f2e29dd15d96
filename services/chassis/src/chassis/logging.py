"""Logs: one JSON object per line on standard output, from our code and from the libraries alike.

Keys: ``timestamp`` (ISO, UTC), ``level``, ``event``, ``logger``, ``service``, ``version``, ``environment``, and what is being
worked on (`chassis.about`): ``correlation_id``, ``message_id``, ``message_type``, ``topic``, ``partition``, ``offset``. Payloads,
addresses, tokens and query strings are never logged.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from chassis import about
from chassis.settings import Settings

SECRET = ("password", "token", "secret", "authorization", "sealed", "cookie")
QUIET = ("aiokafka", "faststream", "pymongo", "uvicorn.access", "httpx2", "httpcore2")
OWN_HANDLERS = ("faststream", "uvicorn", "uvicorn.error", "uvicorn.access")
"""Libraries that come with handlers of their own, and so with lines of their own form."""


def configure(settings: Settings) -> None:
    """Set up once per process, before anything logs."""

    def constants(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {
            "service": settings.SERVICE,
            "version": settings.version,
            "environment": settings.environment,
            **event,
        }

    shared: list[Any] = [
        about.add,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        constants,
        redact,
    ]
    structlog.configure(
        processors=[*shared[:3], *shared[4:], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    root = logging.getLogger()  # noqa: TID251  here is the one place that sets logging up
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name in QUIET:
        # Their news of every lost connection is in our own lines and metrics; their errors stay.
        logging.getLogger(name).setLevel(logging.ERROR)  # noqa: TID251
    for name in OWN_HANDLERS:
        library = logging.getLogger(name)  # noqa: TID251
        library.handlers[:] = []
        library.propagate = True


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A last net: what is named like a secret is not written, whoever logs it."""
    for key in event:
        if any(word in key.lower() for word in SECRET):
            event[key] = "[redacted]"
    return event


def _render(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=str).decode()
