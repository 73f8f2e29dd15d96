"""Logs: one JSON object per line on standard output, from our code and from the libraries alike.

Keys: ``timestamp`` (ISO, UTC), ``level``, ``event``, ``logger``, ``service``, ``version``, ``environment``, and what is being
worked on (`context`): ``correlation_id``, ``message_id``, ``message_type``, ``topic``, ``partition``, ``offset``; with traces
on, ``trace_id`` and ``span_id``. Payloads, addresses, tokens and query strings are never logged.
"""

import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import orjson
import structlog

from chassis.configuration.kafka import KafkaSettings
from chassis.observability import context as about
from chassis.observability.held_lines import HeldLines

SECRET = ("password", "token", "secret", "authorization", "sealed", "cookie")
QUIET = ("aiokafka", "faststream", "pymongo", "uvicorn.access", "httpx2", "httpcore2")
SILENT = ("opentelemetry",)
"""`chassis.tracing.exporting` says once a minute that a collector is away."""
OWN_HANDLERS = ("faststream", "uvicorn", "uvicorn.error", "uvicorn.access")
"""Libraries that come with handlers of their own, and so with lines of their own form."""


def render(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """One line. Never raises: a value that cannot be written must not stop the code that logs it."""
    try:
        return orjson.dumps(event, default=str).decode()
    except Exception:  # noqa: BLE001  a number beyond 64 bits, half a surrogate pair, an object whose text fails
        return orjson.dumps({_text(key): _writable(value) for key, value in event.items()}).decode()


def _writable(value: Any) -> Any:
    try:
        return orjson.Fragment(orjson.dumps(value, default=str))
    except Exception:  # noqa: BLE001  as above
        return _text(value)


def _text(value: Any) -> str:
    try:
        text = value if isinstance(value, str) else repr(value)
    except Exception:  # noqa: BLE001  as above
        text = f"<{type(value).__name__}>"
    return text.encode(errors="backslashreplace").decode()


HELD = HeldLines(render)
"""Of this process, as its log is. `chassis.observability.outages` releases or drops them."""


def configure(settings: KafkaSettings) -> None:
    """Set up once per process, before anything logs."""
    process = {"service": settings.SERVICE, "version": settings.version, "environment": settings.environment}

    def constants(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**process, **event}

    ours: list[Any] = [
        about.add,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        constants,
        redact,
        HELD.processor,
    ]
    structlog.configure(
        processors=[*ours, render],
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(HELD.library_filter(handler))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*ours[:3], structlog.stdlib.ExtraAdder(), *ours[3:-1]],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()  # noqa: TID251  here is the one place that sets logging up
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name in QUIET:
        # Their news of every lost connection is in our own lines and metrics; their errors stay.
        logging.getLogger(name).setLevel(logging.ERROR)  # noqa: TID251
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # noqa: TID251
    for name in OWN_HANDLERS:
        library = logging.getLogger(name)  # noqa: TID251
        library.handlers[:] = []
        library.propagate = True


def errors_only(name: str) -> Any:
    """A logger for a library that takes one of ours and logs too much."""
    return structlog.wrap_logger(Lines(name), wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


class Lines:
    """Where our own lines go: the same place, without the detour through the standard library's records and handlers."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    debug = info = warning = error = critical = msg


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks every value whose name is that of a secret."""
    for key in event:
        if _is_secret(key):
            event[key] = "[redacted]"
    return event


@lru_cache(maxsize=1024)
def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET)
