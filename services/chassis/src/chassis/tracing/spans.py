"""Spans by OpenTelemetry's API and SDK. Imported only where traces are on; the packages are the extra ``tracing``."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import orjson
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.tracing import HEADER, TRACEPARENT, Headers

FOLLOWED_FOR = timedelta(hours=1)
"""A timer that fires later begins a trace of its own, with a link: backends take a trace of days for many broken ones."""

_W3C = TraceContextTextMapPropagator()
_EMPTY = Context()


class Span:
    """One span, under the names that the rest of the chassis uses."""

    __slots__ = ("_span",)

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        return _written(self._span.get_span_context())

    def current(self) -> AbstractContextManager[trace.Span]:
        return trace.use_span(self._span, record_exception=False, set_status_on_exception=False)

    def answered(self, method: str, route: str, status: int) -> None:
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.failed(str(status))

    def note(self, **attributes: str | int) -> None:
        """Under ``kontor.<name>``."""
        self._span.set_attributes({f"kontor.{name}": value for name, value in attributes.items()})

    def failed(self, error: str) -> None:
        """``error``: its kind. Its text may tell of people."""
        self._span.set_attribute("error.type", error)
        self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        self._span.end()


class Spans:
    """Begins all spans of a process. ``group``: its consumer group."""

    def __init__(self, tracer: trace.Tracer, group: str) -> None:
        self._tracer = tracer
        self._group = group

    def traceparent(self) -> str | None:
        context = trace.get_current_span().get_span_context()
        return _written(context) if context.is_valid else None

    def ids(self) -> tuple[str, str] | None:
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)

    @contextmanager
    def request(self, method: str, given: str) -> Iterator[Span]:
        # Without one, the current context: a page asks the API of its own service in the same process.
        parent = _context(given) if given else None
        with self._running(method, SpanKind.SERVER, {"http.request.method": method}, parent) as span:
            yield span

    def record(self, topic: str, partition: int, offset: int, headers: Headers | None) -> Span:
        attributes: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": topic,
            "messaging.destination.partition.id": str(partition),
            "messaging.kafka.offset": offset,
            "messaging.consumer.group.name": self._group,
        }
        given = next((value for name, value in headers or () if name == HEADER), b"") or b""
        parent = _context(given.decode("latin-1"))
        span = self._tracer.start_span(f"process {topic}", parent, SpanKind.CONSUMER, attributes)
        return Span(span)

    @contextmanager
    def handling(self, span: Span) -> Iterator[Span]:
        try:
            with span.current():
                yield span
        except Exception as error:
            span.failed(type(error).__name__)
            raise
        finally:
            span.end()

    @contextmanager
    def timer(self, kind: str, cause: tuple[str, datetime] | None, now: datetime) -> Iterator[Span]:
        parent, links = _EMPTY, []
        if cause is not None:
            earlier = _context(cause[0])
            if now - cause[1] < FOLLOWED_FOR:
                parent = earlier
            else:
                links = [Link(trace.get_current_span(earlier).get_span_context())]
        with self._running(f"timer {kind}", SpanKind.INTERNAL, {"kontor.kind": kind}, parent, links) as span:
            yield span

    @contextmanager
    def step(self, name: str, attributes: Mapping[str, str]) -> Iterator[Span | None]:
        if not trace.get_current_span().get_span_context().is_valid:
            yield None
            return
        given = {f"kontor.{key}": value for key, value in attributes.items()}
        with self._running(name, SpanKind.CLIENT, given, None) as span:
            yield span

    def publish(self, topic: str, type_: str, value: bytes) -> Span:
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.destination.name": topic,
            "kontor.message_type": type_,
        }
        parent = _context(orjson.loads(value).get(HEADER) or "")
        return Span(self._tracer.start_span(f"send {topic}", parent, SpanKind.PRODUCER, attributes))

    @contextmanager
    def _running(
        self,
        name: str,
        kind: SpanKind,
        attributes: Mapping[str, str],
        parent: Context | None,
        links: "list[Link] | None" = None,
    ) -> Iterator[Span]:
        """Current until it ends. An exception leaves its kind, and not its text, which may tell of people."""
        with self._tracer.start_as_current_span(
            name, parent, kind, attributes, links, record_exception=False, set_status_on_exception=False
        ) as started:
            span = Span(started)
            try:
                yield span
            except Exception as error:
                span.failed(type(error).__name__)
                raise


def _context(given: str) -> Context:
    """What this traceparent says; nothing where it is none."""
    if not TRACEPARENT.fullmatch(given):
        return _EMPTY
    return _W3C.extract({HEADER: given}, context=_EMPTY)


def _written(context: trace.SpanContext) -> str:
    carrier: dict[str, Any] = {}
    _W3C.inject(carrier, trace.set_span_in_context(trace.NonRecordingSpan(context), _EMPTY))
    return str(carrier[HEADER])
