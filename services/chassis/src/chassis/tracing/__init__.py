"""Traces by OpenTelemetry, off unless ``KONTOR_TRACES_URL`` is set.

While they are off, nothing of OpenTelemetry's SDK is imported, and each function here answers at once that there is no
span. Code that is traced calls these functions and knows no more; `chassis.tracing.spans` knows OpenTelemetry.

A span holds routes, topics, kinds and outcomes: what a log line may hold, and neither addresses, names, payloads nor ids that
a client chose.
"""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.tracing.spans import Span, Spans

Headers = Sequence[tuple[str, bytes | None]]
HEADER = "traceparent"
"""W3C Trace Context, of HTTP requests and of records."""
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

_NONE: AbstractContextManager[Any] = nullcontext()
_spans: "Spans | None" = None


def use(spans: "Spans | None") -> None:
    """From now on, in the whole process. None: off."""
    global _spans  # noqa: PLW0603  of the process, as the log is
    _spans = spans


def is_on() -> bool:
    return _spans is not None


def traceparent() -> str | None:
    """Of the current span, for what it causes."""
    return None if _spans is None else _spans.traceparent()


def ids() -> tuple[str, str] | None:
    """Trace and span of what is being worked on, for a log line."""
    return None if _spans is None else _spans.ids()


def request(method: str, given: str) -> "AbstractContextManager[Span | None]":
    """An HTTP request. ``given``: its header; one that is no traceparent begins a trace, as none does."""
    return _NONE if _spans is None else _spans.request(method, given)


def record(topic: str, partition: int, offset: int, headers: Headers | None) -> "AbstractContextManager[Span | None]":
    """The handling of a record. ``headers``: None where its writer's trace is not followed."""
    return _NONE if _spans is None else _spans.handling(opened(topic, partition, offset, headers))


def opened(topic: str, partition: int, offset: int, headers: Headers | None) -> "Span":
    """The same, not current and to be ended by the caller, which asks `is_on` first."""
    assert _spans is not None
    return _spans.record(topic, partition, offset, headers)


def within(span: "Span | None") -> AbstractContextManager[object]:
    """What is done inside belongs to this span."""
    return _NONE if span is None else span.current()


def timer(kind: str, cause: tuple[str, datetime] | None, now: datetime) -> "AbstractContextManager[Span | None]":
    """A timer that fires. ``cause``: the traceparent of what set it, and when that was."""
    return _NONE if _spans is None else _spans.timer(kind, cause, now)


def step(name: str, **attributes: str) -> "AbstractContextManager[Span | None]":
    """A call to another server, as part of the current span; nothing where there is none."""
    return _NONE if _spans is None else _spans.step(name, attributes)


def publish(topic: str, type_: str, value: bytes | None, *, again: bool) -> "Span":
    """An event on its way to its topic, to be ended by the caller, which asks `is_on` first.

    ``value`` holds the traceparent of what caused it; a tombstone has none. ``again``: it was long ago, and is not followed.
    """
    assert _spans is not None
    return _spans.publish(topic, type_, value if value and not again else b"{}")
