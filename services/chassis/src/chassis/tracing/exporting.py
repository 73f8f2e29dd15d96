"""Where spans go: to a collector, by OTLP over HTTP, in batches, from a thread of its own.

A collector that is away costs spans and nothing else: they are counted, and a line a minute says so.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from chassis.configuration.settings import Settings
from chassis.tracing.spans import Spans

log = structlog.get_logger("chassis.tracing.exporting")

SAY_EVERY = 60.0
EXPORT_SECONDS = 5.0

Count = Callable[[str, int], None]
"""Outcome and how many spans."""


class Exporting:
    """Of one process, from its start to its end. ``spans`` is for `chassis.tracing.use`."""

    def __init__(self, settings: Settings, count: Count) -> None:
        exporter = OTLPSpanExporter(
            settings.traces_url,
            certificate_file=str(settings.traces_ca_file) if settings.traces_ca_file else None,
            timeout=EXPORT_SECONDS,
        )
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.traces_ratio)),
            resource=_resource(settings),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(Counted(exporter, count)))
        self.spans = Spans(self._provider.get_tracer("kontor", settings.version), settings.topic(settings.SERVICE))

    def stop(self) -> None:
        """Send what is left. Blocks while the collector does not answer, for the time of one export."""
        self._provider.shutdown()


class Counted(SpanExporter):
    """An exporter whose failures are counted, and said once a minute."""

    def __init__(self, exporter: SpanExporter, count: Count, clock: Callable[[], float] = time.monotonic) -> None:
        self._exporter = exporter
        self._count = count
        self._clock = clock
        self._said = -SAY_EVERY

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        sent = result is SpanExportResult.SUCCESS
        self._count("sent" if sent else "lost", len(spans))
        now = self._clock()
        if not sent and now - self._said >= SAY_EVERY:
            self._said = now
            log.warning(
                "spans_not_exported", spans=len(spans), remedy="is KONTOR_TRACES_URL right, and the collector up?"
            )
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _resource(settings: Settings) -> Resource:
    """What OTEL_RESOURCE_ATTRIBUTES says besides is in it, too."""
    attributes: dict[str, Any] = {
        "service.namespace": "kontor",
        "service.name": settings.SERVICE,
        "service.version": settings.version,
        "deployment.environment.name": settings.environment,
    }
    return Resource.create(attributes)
