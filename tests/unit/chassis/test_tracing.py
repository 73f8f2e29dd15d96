"""Spans: whose trace they belong to, and what they never hold."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from chassis import tracing
from chassis.tracing.exporting import Counted
from chassis.tracing.spans import Spans

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def kept() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(Spans(provider.get_tracer("test"), "enrollment"))
    yield exporter
    tracing.use(None)


def _trace(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def test_a_request_follows_the_trace_that_it_comes_with(kept: InMemorySpanExporter) -> None:
    with tracing.request("POST", GIVEN) as span:
        assert span is not None
        span.answered("POST", "/v1/enrollments", 201)
        assert (tracing.traceparent() or "").startswith(f"00-{TRACE}-")
    (done,) = kept.get_finished_spans()
    assert (done.name, _trace(done)) == ("POST /v1/enrollments", TRACE)


@pytest.mark.parametrize("given", ["", "00-x-y-01", f"00-{'0' * 32}-{'0' * 16}-01", "Müller & Söhne"])
def test_a_request_with_no_traceparent_begins_a_trace(kept: InMemorySpanExporter, given: str) -> None:
    with tracing.request("GET", given):
        pass
    (done,) = kept.get_finished_spans()
    assert done.parent is None


def test_a_record_follows_its_header_where_its_writer_counts(kept: InMemorySpanExporter) -> None:
    headers = [("message-id", b"1"), ("traceparent", GIVEN.encode())]
    with tracing.record("identity.events", 3, 7, headers):
        pass
    with tracing.record("relationships.commands", 3, 8, None):
        pass
    event, command = kept.get_finished_spans()
    assert _trace(event) == TRACE
    assert command.parent is None


def test_a_null_header_begins_a_trace(kept: InMemorySpanExporter) -> None:
    with tracing.record("identity.events", 3, 7, [("traceparent", None)]):
        pass
    assert kept.get_finished_spans()[0].parent is None


def test_a_timer_follows_its_trace_for_an_hour(kept: InMemorySpanExporter) -> None:
    with tracing.timer("mail", (GIVEN, NOW - timedelta(minutes=59)), NOW):
        pass
    with tracing.timer("mail", (GIVEN, NOW - timedelta(days=30)), NOW):
        pass
    soon, late = kept.get_finished_spans()
    assert _trace(soon) == TRACE
    assert late.parent is None
    assert [f"{link.context.trace_id:032x}" for link in late.links] == [TRACE]


def test_an_error_leaves_its_kind_and_not_its_text(kept: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="canary"), tracing.record("identity.events", 0, 1, None):
        raise ValueError("canary@secret.example")
    (done,) = kept.get_finished_spans()
    assert dict(done.attributes or {})["error.type"] == "ValueError"
    assert not done.events
    assert "canary" not in done.to_json()


def test_a_step_belongs_to_a_span_or_is_none(kept: InMemorySpanExporter) -> None:
    with tracing.step("save", kind="mail") as alone:
        assert alone is None
    with tracing.request("GET", GIVEN), tracing.step("save", kind="mail"):
        pass
    save, request = kept.get_finished_spans()
    assert save.parent is not None
    assert request.context is not None
    assert save.parent.span_id == request.context.span_id


def test_an_event_announced_again_begins_a_trace(kept: InMemorySpanExporter) -> None:
    value = b'{"traceparent":"%s"}' % GIVEN.encode()
    tracing.publish("identity.events", "t", value, again=False).end()
    tracing.publish("identity.events", "t", value, again=True).end()
    first, again = kept.get_finished_spans()
    assert _trace(first) == TRACE
    assert again.parent is None


def test_a_tombstone_on_its_way_has_a_span(kept: InMemorySpanExporter) -> None:
    tracing.publish("relationships.snapshot", "t", None, again=False).end()
    (span,) = kept.get_finished_spans()
    assert (span.name, span.parent) == ("send relationships.snapshot", None)


def test_nothing_of_the_sdk_is_loaded_while_traces_are_off() -> None:
    code = "import identity.__main__, sys; sys.exit(any(m.startswith('opentelemetry.sdk') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class _Away(SpanExporter):
    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.FAILURE


def test_lost_spans_are_counted_and_said_once_a_minute() -> None:
    seconds = [0.0]
    counts: list[tuple[str, int]] = []
    exporter = Counted(_Away(), lambda outcome, count: counts.append((outcome, count)), clock=lambda: seconds[0])
    with capture_logs() as logs:
        for seconds[0] in (0.0, 30.0, 61.0):
            exporter.export([])
    assert counts == [("lost", 0)] * 3
    assert [line["event"] for line in logs] == ["spans_not_exported"] * 2
