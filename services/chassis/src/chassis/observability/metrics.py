"""Every metric of Kontor, in one place: name, kind, labels and meaning. Units are in the names."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from aiokafka import ConsumerRecord, TopicPartition
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from kontor_contracts import Refusal

SOURCES_PER_TOPIC = 50
STAGES = ("parse", "validate", "handle", "wait")
"""Of dead letters; see `chassis.consumer.dead_letters.headers`."""
UNKNOWN = float("nan")
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
AGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
"""Seconds: an event that waited for a server to come back may be a day old."""


class Metrics:
    """One registry per application, so that nothing is registered by importing.

    Names, labels and meanings are listed in deploy/observability/metrics.yaml, which dashboards, alerts and docs follow.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._of_the_process(self.registry)
        self._of_records(self.registry)
        self._of_dead_letters(self.registry)
        self._of_the_consumer(self.registry)
        self._of_the_outbox(self.registry)
        self._of_timers(self.registry)
        self._of_the_read_cache(self.registry)
        self._of_requests(self.registry)
        self.waiting_unknown()

    def _of_the_process(self, r: CollectorRegistry) -> None:
        self.build = Gauge(
            "kontor_build_info", "1, with what runs here as labels", ["service", "version", "revision"], registry=r
        )
        self.server_available = Gauge(
            "kontor_dependency_available", "1 while this server answers this instance", ["dependency"], registry=r
        )
        self.spans = Counter("kontor_spans", "Spans of traces, sent to the collector or lost", ["outcome"], registry=r)
        for outcome in ("sent", "lost"):
            self.spans.labels(outcome)
        self.revocations = Gauge(
            "kontor_revocations", "Users and sessions whose older access tokens this instance refuses", registry=r
        )

    def _of_records(self, r: CollectorRegistry) -> None:
        self.records = Counter(
            "kontor_records", "Records consumed, by their one outcome", ["topic", "type", "outcome"], registry=r
        )
        self._done: dict[tuple[str, str, str], Counter] = {}
        self.retries = Counter("kontor_retries", "Tries in place after transient trouble", ["topic"], registry=r)
        self.ages = Histogram(
            "kontor_record_age_seconds", "From an event's time to its outcome", ["topic"], buckets=AGES, registry=r
        )
        self.deliveries = Histogram(
            "kontor_record_delivery_seconds",
            "From a record's time in its topic to its outcome",
            ["topic"],
            buckets=AGES,
            registry=r,
        )
        self._topic_ages: dict[str, tuple[Histogram, Histogram]] = {}
        self.sequence_gaps = Counter(
            "kontor_sequence_gaps", "Events that are missing between two of an aggregate", ["topic"], registry=r
        )

    def _of_dead_letters(self, r: CollectorRegistry) -> None:
        self.dead_letters = Counter("kontor_dead_letters", "Records parked", ["topic", "stage"], registry=r)
        self.blocked_lanes = Gauge(
            "kontor_blocked_lanes", "Keys whose events wait behind a dead letter, as this instance knows", registry=r
        )
        self._paused = Gauge(
            "kontor_partition_paused_since_seconds",
            "Unix time at which the flood guard paused the partition; no series: it is read",
            ["topic", "partition"],
            registry=r,
        )
        self._writer_faults = Counter(
            "kontor_writer_faults",
            "Records parked because they break the contract, by the source that they name",
            ["topic", "source"],
            registry=r,
        )
        self._refusals = Counter(
            "kontor_command_refusals",
            "Commands that were refused, by the source that they name and the reason",
            ["topic", "source", "reason"],
            registry=r,
        )
        self._sources: set[tuple[str, str]] = set()

    def _of_the_consumer(self, r: CollectorRegistry) -> None:
        self.given_back = Counter("kontor_batches_given_back", "Batches rewound after transient trouble", registry=r)
        self.batch = Histogram(
            "kontor_batch_records", "Records per batch", buckets=(1, 10, 50, 100, 250, 500, 1000), registry=r
        )
        self.consumer_concurrency = Gauge(
            "kontor_consumer_concurrency", "Keys whose records are applied at the same time", registry=r
        )
        self.assigned = Gauge(
            "kontor_consumer_assigned_partitions", "Partitions that this instance has", ["topic"], registry=r
        )
        self.lag = Gauge(
            "kontor_consumer_lag", "Records behind the end, in partitions of this instance", ["topic"], registry=r
        )
        self.unassigned = Gauge(
            "kontor_consumer_unassigned_seconds",
            "Since when this instance has had no partition; 0: it has one",
            registry=r,
        )
        self._halted = Gauge(
            "kontor_consumer_halted_since_seconds",
            "Unix time since which records of a partition are given back, of the first one; 0: none stands still",
            registry=r,
        )

    def _of_the_outbox(self, r: CollectorRegistry) -> None:
        self.published = Counter("kontor_outbox_published", "Events the broker acknowledged", ["path"], registry=r)
        self.publish_failures = Counter("kontor_outbox_publish_failures", "Publishes that failed", ["kind"], registry=r)
        self.publishing = Histogram(
            "kontor_outbox_publish_seconds",
            "From an event's time to the broker's acknowledgement",
            buckets=AGES,
            registry=r,
        )
        self.replies_given_up = Counter(
            "kontor_replies_given_up",
            "Replies to commands that the topic named for them did not take",
            ["topic"],
            registry=r,
        )
        self.relay_claims = Gauge(
            "kontor_outbox_claims", "Documents that the sweep may have in hand at the same time", registry=r
        )
        self.outbox_age = Gauge(
            "kontor_outbox_oldest_seconds", "Age of the oldest unpublished event; 0: none; NaN: unknown", registry=r
        )
        self.outbox_pending = Gauge(
            "kontor_outbox_pending_documents",
            "Documents with unpublished events, counted up to a thousand; NaN: unknown",
            registry=r,
        )

    def _of_timers(self, r: CollectorRegistry) -> None:
        self.timers = Counter("kontor_timers_fired", "Timers fired", ["kind", "outcome"], registry=r)
        self.timers_overdue = Gauge(
            "kontor_timers_overdue_seconds",
            "For how long the oldest timer has been due; 0: none; NaN: unknown",
            registry=r,
        )

    def _of_the_read_cache(self, r: CollectorRegistry) -> None:
        self.cached_parts = Gauge("kontor_mirrored_parts", "Parts of documents that this instance keeps", registry=r)
        self.cache_misses = Counter(
            "kontor_mirror_reads", "Parts of documents read because what was kept could not answer", registry=r
        )

    def _of_requests(self, r: CollectorRegistry) -> None:
        self.http = Histogram(
            "kontor_http_request_seconds",
            "HTTP requests",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=r,
        )
        self._requests: dict[tuple[str, str, int], Histogram] = {}

    def runs(self, service: str, version: str, revision: str) -> None:
        self.build.labels(service, version, revision).set(1)

    def reads(self, topics: Iterable[str]) -> None:
        """Counters of these topics start at 0: an alert cannot see the first step of a series that was not there before."""
        for topic in topics:
            self.retries.labels(topic)
            self.sequence_gaps.labels(topic)
            for stage in STAGES:
                self.dead_letters.labels(topic, stage)

    def waiting_unknown(self) -> None:
        """The database cannot say what waits. 0 would be a lie."""
        for gauge in (self.outbox_age, self.outbox_pending, self.timers_overdue):
            gauge.set(UNKNOWN)

    def record_done(self, topic: str, type_: str, outcome: str, count: int = 1) -> None:
        """So many more records. Looking up a labelled child costs more than counting, so they are kept."""
        child = self._done.get((topic, type_, outcome))
        if child is None:
            child = self._done[topic, type_, outcome] = self.records.labels(topic, type_, outcome)
        child.inc(count)

    def partition_paused(self, place: TopicPartition, since: datetime | None) -> None:
        """None: the partition is read again."""
        if since is None:
            with suppress(KeyError):
                self._paused.remove(place.topic, str(place.partition))
        else:
            self._paused.labels(place.topic, str(place.partition)).set(since.timestamp())

    def writer_fault(self, topic: str, source: str | None) -> None:
        self._writer_faults.labels(topic, self._named(topic, source)).inc()

    def refusals(self, topic: str, source: str, events: Iterable[object]) -> None:
        """Of a command, whatever they are about: the contract, or a rule of the domain."""
        for event in events:
            if isinstance(event, Refusal):
                self._refusals.labels(topic, self._named(topic, source), str(event.reason)).inc()

    def _named(self, topic: str, source: str | None) -> str:
        """A source is any text that a writer chose, so only the first few of a topic have a series of their own."""
        name = "unknown" if source is None else source
        if (topic, name) not in self._sources:
            if sum(known == topic for known, _ in self._sources) >= SOURCES_PER_TOPIC:
                name = "other"
            self._sources.add((topic, name))
        return name

    def request_done(self, method: str, route: str, status: int, seconds: float) -> None:
        child = self._requests.get((method, route, status))
        if child is None:
            child = self._requests[method, route, status] = self.http.labels(method, route, str(status))
        child.observe(seconds)

    def record_aged(self, record: ConsumerRecord, commit: datetime, now: datetime) -> None:
        """A record has its outcome ``now``. Negative ages, of a clock that is behind, count as 0."""
        children = self._topic_ages.get(record.topic)
        if children is None:
            topic = record.topic
            children = self._topic_ages[topic] = (self.ages.labels(topic), self.deliveries.labels(topic))
        whole, delivery = children
        whole.observe(max((now - commit).total_seconds(), 0.0))
        if record.timestamp > 0:
            delivery.observe(max(now.timestamp() - record.timestamp / 1000, 0.0))

    def events_published(self, seconds: Iterable[float]) -> None:
        """From events' times to the broker's acknowledgement."""
        for age in seconds:
            self.publishing.observe(max(age, 0.0))

    def halted(self, since: datetime | None) -> None:
        """None: no partition stands still."""
        self._halted.set(0 if since is None else since.timestamp())
