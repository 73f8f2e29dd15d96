"""The composition of a service: store, relay, consumer, timers and HTTP, started and stopped in the one right order."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from starlette.routing import Router

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Aggregate, Cause, OutgoingEvent, own_cause, source_of
from chassis.aggregate.unit_of_work import Origin, snapshot_record
from chassis.aggregate.write_cache import WriteCache
from chassis.auth.revocation import Revocations
from chassis.auth.tokens import Authenticator
from chassis.configuration.settings import Settings
from chassis.consumer.consumer import Consumer
from chassis.consumer.dead_letters.blocked_key import BLOCKED_KEY
from chassis.consumer.reactions import Reactions
from chassis.errors import UnavailableError
from chassis.http.app import create_app
from chassis.kafka import aiokafka_patches, faststream_adapter
from chassis.kafka.access import check_access
from chassis.kafka.producer import Producer
from chassis.kafka.topic_reader import TopicReader
from chassis.lifecycle.background import bounded, run_beside
from chassis.lifecycle.startup import wait_for_database, wait_for_servers
from chassis.lifecycle.waiting import patiently
from chassis.mongo.store import MongoStore
from chassis.mongo.stored_files import StoredFiles
from chassis.observability.backlog import Backlog
from chassis.observability.census import Census, Counting
from chassis.observability.logging import HELD
from chassis.observability.metrics import Metrics
from chassis.observability.outages import Outages
from chassis.outbox.relay import Relay
from chassis.read_cache.cache import Part, ReadCache
from chassis.read_cache.invalidation import CacheInvalidation, NotifyingStore
from chassis.timers import Fire, Timers
from chassis.tracing.switch import start_tracing
from kontor_contracts import topics
from kontor_contracts.sign_in import VOIDING_TOPICS

log = structlog.get_logger("chassis.service")

Migration = Callable[[Cause], Awaitable[None]]

STUCK_BATCH_SECONDS = 240.0
STUCK_SWEEP_SECONDS = 120.0
READY_SECONDS = 2.0
JOIN_AGAIN_SECONDS = 2.0


class Chassis:
    """Everything a service runs on. Building it connects to nothing; the application's lifespan does."""

    def __init__(
        self,
        settings: Settings,
        *,
        aggregates: Sequence[Aggregate[Any, Any]],
        read_topics: Sequence[topics.Topic] | None = None,
        own_topic: str | None = None,
    ) -> None:
        self.settings = settings
        self.aggregates = tuple(aggregates)
        self.metrics = Metrics()
        self.metrics.runs(settings.SERVICE, settings.version, settings.revision)
        self.migrations: list[Migration] = []
        """Changes of stored documents that `migrate` runs, every time: idempotent, and safe while older instances still run."""
        self._read_topics = tuple(topics.read_by(settings.SERVICE) if read_topics is None else read_topics)
        self._own_topic = settings.topic(own_topic or topics.written_by(settings.SERVICE).name)
        self.store = MongoStore(
            settings.mongo_url.get_secret_value(),
            settings.mongo_database,
            settings.SERVICE,
            lease=settings.lease,
            timeout=settings.database_timeout,
        )
        self.files = StoredFiles(
            settings.mongo_url.get_secret_value(), settings.mongo_database, timeout=settings.database_timeout
        )
        self._snapshots = {one.kind: one for one in self.aggregates if one.snapshot}
        self.store.outbox.renew = self._renewed
        self.producer = Producer(settings.kafka_options(), timeout=settings.lease / 3)
        self.write_cache = WriteCache(settings.recent_documents)
        self.relay = Relay(
            self.store.outbox,
            self.producer,
            write_cache=self.write_cache,
            topic=self._own_topic,
            named=settings.topic,
            lease=settings.lease,
            interval=settings.sweep_interval,
            metrics=self.metrics,
            now=settings.now,
        )
        self._read_caches: list[ReadCache] = []
        self._invalidations: list[CacheInvalidation] = []
        store = NotifyingStore(self.store, self._written)
        self.handler = Handler(
            store, self.relay, service=settings.SERVICE, write_cache=self.write_cache, saved=self._saved
        )
        voiding = [topic for topic in topics.watched_by(settings.SERVICE) if topic in VOIDING_TOPICS]
        self.revocations = Revocations(settings, voiding, self.metrics)
        self.authenticator = Authenticator(
            jwks_url=settings.jwks_url,
            issuer=settings.issuer,
            audience=settings.audience,
            now=settings.now,
            cache=settings.jwks_cache,
            voided=self.revocations.voided,
        )
        self.consumer: Consumer | None = None
        self.timers: Timers | None = None
        self.broker: faststream_adapter.Broker | None = None
        self._has_producer = False
        self._backlog = Backlog(self.store.outbox, self.store, self.metrics, settings.now)
        self._counting: list[Counting] = []
        self.outages = Outages({"database": self.store.ping, "broker": self._broker_answers}, HELD, self.metrics)

    def _saved(self, kind: str, id: str, due: datetime | None) -> None:
        if self.timers is not None:
            self.timers.nudge(kind, id, due)

    def _renewed(self, kind: str, id: str, number: int, state: dict[str, Any]) -> OutgoingEvent | None:
        """A document's snapshot, to be published once more."""
        aggregate = self._snapshots.get(kind)
        if aggregate is None or aggregate.snapshot is None:
            return None
        said = aggregate.snapshot.of(aggregate.parse(state))
        cause = own_cause(self.settings.SERVICE, "snapshot", id, at=self.settings.now())
        origin = Origin(id, number, source_of(self.settings.SERVICE), aggregate.tenant(aggregate.parse(state)))
        return snapshot_record(aggregate.snapshot.topic, said, origin, cause)

    def _written(self, id: str) -> None:
        for cache in self._read_caches:
            cache.written(id)

    def count(self, aggregate: Aggregate[Any, Any], census: Census) -> None:
        """Have its documents counted, as metrics. To be asked for before the service starts."""
        counting = Counting(census, aggregate, self.store, self.metrics.registry, self.settings.now)
        self._counting.append(counting)

    def read_cache(self, *parts: Part[Any, Any], limit: int, bound: float) -> ReadCache:
        """Parts of this service's documents in memory, kept true while the service runs. To be asked for before it starts."""
        cache = ReadCache(self.store, limit=limit, bound=bound, count_reads=self.metrics.cache_misses.inc)
        kinds = {part.aggregate.kind for part in parts}
        follow = partial(TopicReader, self.settings, [self._own_topic])
        invalidation = CacheInvalidation(
            cache, self.store.outbox, follow, kinds=kinds, metrics=self.metrics, every=self.settings.look_interval
        )
        self._read_caches.append(cache)
        self._invalidations.append(invalidation)
        return cache

    def application(
        self,
        *,
        title: str,
        routers: Sequence[Router],
        reactions: Reactions | None = None,
        timers: Mapping[str, Fire] | None = None,
        on_start: Callable[[AsyncExitStack], object] | None = None,
        large_bodies: Mapping[str, int] | None = None,
    ) -> FastAPI:
        """The service as an ASGI application. ``on_start`` may enter a service's own resources into the stack.

        ``large_bodies``: patterns of paths whose bodies may be larger than others, with the most bytes each.
        """
        if reactions:
            self.consumer = Consumer(
                self.settings,
                group=self.settings.SERVICE,
                topics=self._read_topics,
                reactions=reactions,
                handler=self.handler,
                store=self.store,
                producer=self.producer,
                metrics=self.metrics,
            )
            self.broker = self._broker(self.consumer)
        self.timers = Timers(
            self.store,
            timers or {},
            service=self.settings.SERVICE,
            interval=self.settings.timer_interval,
            now=self.settings.now,
            metrics=self.metrics,
        )

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            async with AsyncExitStack() as stack:
                if on_start is not None:
                    on_start(stack)
                await self._start(stack)
                yield

        app = create_app(
            self.settings,
            title=title,
            routers=routers,
            metrics=self.metrics,
            lifespan=lifespan,
            large_bodies=large_bodies or {},
        )
        app.state.authenticator = self.authenticator
        return app

    def _broker(self, consumer: Consumer) -> faststream_adapter.Broker:
        aiokafka_patches.install()
        broker = faststream_adapter.new_broker(self.settings)
        consumer.register(broker)
        return broker

    async def _start(self, stack: AsyncExitStack) -> None:
        """Producer before relay before consumer; they stop the other way round, so nothing is begun that cannot end."""
        wait = self.settings.shutdown_timeout
        timeout = self.settings.start_timeout
        start_tracing(stack, self.settings, self.metrics.spans)
        stack.callback(self.store.close)
        stack.push_async_callback(bounded, self.files.close)
        run_beside(stack, self.outages.watch())
        run_beside(stack, self._backlog.watch())
        for counting in self._counting:
            run_beside(stack, counting.watch())
        stack.push_async_callback(bounded, self.revocations.stop)
        await patiently(self.revocations.start, timeout)
        for invalidation in self._invalidations:
            await invalidation.start()
            stack.push_async_callback(bounded, invalidation.stop)
        stack.push_async_callback(self.producer.stop)
        await patiently(self.producer.ensure, timeout)
        self._has_producer = True
        await self.relay.start()
        stack.push_async_callback(self.relay.stop, wait / 3)
        if self.timers is not None:
            await self.timers.start()
            stack.push_async_callback(self.timers.stop, wait / 3)
        if self.broker is not None and self.consumer is not None:
            stack.push_async_callback(bounded, self.broker.stop)
            run_beside(stack, _join(self.broker))
            run_beside(stack, self.consumer.blocked_keys.watch())
            run_beside(stack, self.consumer.assignment.watch())
            stack.push_async_callback(self.consumer.drain, wait)
        log.info("started", topics=[topic.name for topic in self._read_topics])

    async def wait_for_servers(self) -> None:
        """To be awaited before the application is served; see `chassis.lifecycle.startup`."""
        names = {self._own_topic, *(self.settings.topic(topic.name) for topic in self._read_topics)}
        names |= self.revocations.topics
        names |= {self.settings.topic(one.snapshot.topic) for one in self._snapshots.values() if one.snapshot}
        if self.consumer is not None:
            names.update(self.consumer.own_topics)
        await wait_for_servers(self.settings, names)

    async def ready(self) -> None:
        """HTTP can do its work, which needs the database alone: what is to be announced waits in the documents.

        How consumer and relay are doing, `report` and the metrics say. They are no reason to send requests elsewhere, where
        they are doing no better.
        """
        async with asyncio.timeout(READY_SECONDS):
            await self.store.ping()

    async def alive(self) -> None:
        """The process moves. The database and the broker are not asked: a restart does not mend them."""
        if time.monotonic() - self.relay.last_sweep > STUCK_SWEEP_SECONDS:
            raise UnavailableError("the relay's sweep stands still")
        if self.consumer is not None and self.consumer.stuck(STUCK_BATCH_SECONDS):
            raise UnavailableError("a batch has been in work for too long")

    async def _broker_answers(self) -> None:
        # Before there is a producer, by a connection made for the question.
        await (self.producer.ping() if self._has_producer else check_access(self.settings))

    async def report(self) -> dict[str, Any]:
        """The state of all that works in the background, for people and for tools."""
        return {
            "service": self.settings.SERVICE,
            "version": self.settings.version,
            "revision": self.settings.revision,
            "dependencies": self.outages.report(),
            "consumer": None if self.consumer is None else self.consumer.report(),
            "relay": await self.relay.report(),
        }

    async def migrate(self) -> None:
        """Create indexes, renew unique values that an older release derived by another rule, and run the migrations.

        Safe to run at any time, from any number of jobs.
        """
        cause = own_cause(self.settings.SERVICE, "migrate", at=self.settings.now())
        try:
            await wait_for_database(self.settings)
            await self.store.ensure_indexes((*self.aggregates, BLOCKED_KEY))
            for aggregate in self.aggregates:
                if aggregate.rekeyed is not None:
                    for id in await self.store.renew_keys(aggregate, aggregate.rekeyed):
                        log.error("key_taken", id=id, remedy="two documents have one key; merge or delete one of them")
                if aggregate.listed is not None:
                    await self.store.renew_listings(aggregate)
            for migration in self.migrations:
                await migration(cause)
        finally:
            self.store.close()


async def _join(broker: faststream_adapter.Broker) -> None:
    """Not waited for: it returns with the group's first assignment, which a member that has died holds up."""
    while True:
        try:
            await broker.start()
        except KafkaError as error:
            log.warning("consumer_not_joined", error=f"{type(error).__name__}: {error}", held=True)
            await bounded(broker.stop)
            await asyncio.sleep(JOIN_AGAIN_SECONDS)
        else:
            return
