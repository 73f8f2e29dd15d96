"""The composition of a service: store, relay, consumer, timers and HTTP, started and stopped in the one right order."""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from fastapi import FastAPI
from starlette.routing import Router

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Aggregate
from chassis.aggregate.write_cache import WriteCache
from chassis.auth.revocation import Revocations
from chassis.auth.tokens import Authenticator
from chassis.configuration import SettingError, refuse, suggestion, unknown
from chassis.consumer.consumer import Consumer
from chassis.consumer.dead_letters.blocked_key import BLOCKED_KEY
from chassis.consumer.reactions import Reaction
from chassis.errors import UnavailableError
from chassis.http.app import create_app
from chassis.http.server import serve
from chassis.kafka import aiokafka_patches, faststream_adapter
from chassis.kafka.producer import Producer
from chassis.kafka.topic_reader import TopicReader
from chassis.mongo.store import MongoStore
from chassis.observability.logging import configure
from chassis.observability.metrics import Metrics
from chassis.outbox.relay import Relay
from chassis.read_cache.cache import Part, ReadCache
from chassis.read_cache.invalidation import CacheInvalidation, NotifyingStore
from chassis.settings import Settings
from chassis.startup import wait_for_servers
from chassis.timers import Fire, Timers
from kontor_contracts import Payload, topics

log = structlog.get_logger("chassis.service")

Own = TypeVar("Own", bound=Settings)

STUCK_BATCH_SECONDS = 240.0
STUCK_SWEEP_SECONDS = 120.0


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
        self._read_topics = tuple(topics.read_by(settings.SERVICE) if read_topics is None else read_topics)
        self._own_topic = settings.topic(own_topic or topics.written_by(settings.SERVICE).name)
        self.store = MongoStore(
            settings.mongo_url.get_secret_value(), settings.mongo_database, settings.SERVICE, lease=settings.lease
        )
        self.producer = Producer(settings.kafka_options(), timeout=settings.lease / 3)
        self.recent = WriteCache(settings.recent_documents)
        self.relay = Relay(
            self.store,
            self.producer,
            recent=self.recent,
            topic=self._own_topic,
            lease=settings.lease,
            interval=settings.sweep_interval,
            metrics=self.metrics,
            now=settings.now,
        )
        self._mirrors: list[ReadCache] = []
        self._watches: list[CacheInvalidation] = []
        told = NotifyingStore(self.store, self._written)
        self.handler = Handler(told, self.relay, service=settings.SERVICE, recent=self.recent, saved=self._saved)
        tokens = [topic for topic in topics.watched_by(settings.SERVICE) if topic.owner == "identity"]
        self.revocations = Revocations(settings, tokens, self.metrics)
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
        self._joining: asyncio.Task[None] | None = None

    def _saved(self, kind: str, id: str, due: datetime | None) -> None:
        if self.timers is not None:
            self.timers.nudge(kind, id, due)

    def _written(self, id: str) -> None:
        for mirror in self._mirrors:
            mirror.written(id)

    def mirror(self, *parts: Part[Any, Any], limit: int, bound: float) -> ReadCache:
        """Parts of this service's documents in memory, kept true while the service runs. To be asked for before it starts."""
        mirror = ReadCache(self.store, limit=limit, bound=bound, count_reads=self.metrics.mirror_reads.inc)
        kinds = {part.aggregate.kind for part in parts}
        follow = partial(TopicReader, self.settings, [self._own_topic])
        watch = CacheInvalidation(mirror, self.store, follow, kinds=kinds, metrics=self.metrics)
        self._mirrors.append(mirror)
        self._watches.append(watch)
        return mirror

    def application(
        self,
        *,
        title: str,
        routers: Sequence[Router],
        reactions: Mapping[type[Payload], Reaction] | None = None,
        timers: Mapping[str, Fire] | None = None,
        on_start: Callable[[AsyncExitStack], object] | None = None,
    ) -> FastAPI:
        """The service as an ASGI application. ``on_start`` may enter a service's own resources into the stack."""
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
            self.store, timers or {}, interval=self.settings.timer_interval, now=self.settings.now, metrics=self.metrics
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
            ready=self.ready,
            alive=self.alive,
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
        stack.callback(self.store.close)
        await self.revocations.start()
        stack.push_async_callback(self.revocations.stop)
        for watch in self._watches:
            await watch.start()
            stack.push_async_callback(watch.stop)
        await self.producer.start()
        stack.push_async_callback(self.producer.stop)
        await self.relay.start()
        stack.push_async_callback(self.relay.stop, wait / 3)
        if self.timers is not None:
            await self.timers.start()
            stack.push_async_callback(self.timers.stop, wait / 3)
        if self.broker is not None and self.consumer is not None:
            # Not waited for: it returns with the group's first assignment, which a member that has died holds up.
            self._joining = asyncio.create_task(_join(self.broker))
            counting = asyncio.create_task(self.consumer.lanes.watch())
            stack.callback(counting.cancel)
            stack.push_async_callback(self._leave, self.broker, self._joining)
            stack.push_async_callback(self.consumer.drain, wait)
        log.info("started", topics=[topic.name for topic in self._read_topics])

    async def _leave(self, broker: faststream_adapter.Broker, joining: "asyncio.Task[None]") -> None:
        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)
        await broker.stop()

    async def wait_for_servers(self) -> None:
        """To be awaited before the application is served; see `chassis.startup`."""
        names = {self._own_topic, *(self.settings.topic(topic.name) for topic in self._read_topics)}
        names |= self.revocations.topics
        if self.consumer is not None:
            names.update(self.consumer.own_topics)
        await wait_for_servers(self.settings, names)

    async def ready(self) -> None:
        """Database and broker answer. A partition that the flood guard has paused is for alerts (`Consumer.paused`)."""
        await asyncio.gather(self.store.ping(), self.producer.ping())

    async def alive(self) -> None:
        """The process moves. The database and the broker are not asked: a restart does not mend them."""
        if time.monotonic() - self.relay.last_sweep > STUCK_SWEEP_SECONDS:
            raise UnavailableError("the relay's sweep stands still")
        if self._joining is not None and self._joining.done() and self._joining.exception() is not None:
            raise UnavailableError("the consumer did not start")
        if self.consumer is not None and self.consumer.stuck(STUCK_BATCH_SECONDS):
            raise UnavailableError("a batch has been in work for too long")

    async def migrate(self) -> None:
        """Create indexes, and renew unique values that an older release derived by another rule.

        Safe to run at any time, from any number of jobs.
        """
        try:
            await self.store.ensure_indexes((*self.aggregates, BLOCKED_KEY))
            for aggregate in self.aggregates:
                if aggregate.rekeyed is not None:
                    for id in await self.store.renew_keys(aggregate, aggregate.rekeyed):
                        log.error("key_taken", id=id, remedy="two documents have one key; merge or delete one of them")
        finally:
            self.store.close()


async def _join(broker: faststream_adapter.Broker) -> None:
    try:
        await broker.start()
    except Exception:
        log.exception("the consumer did not start")
        raise


def run(settings: Own, build: Callable[[Own], tuple[Chassis, FastAPI]], arguments: Sequence[str]) -> None:
    """``python -m <service> [migrate] [serve]``: create the indexes, or serve until SIGTERM or SIGINT, or both in this order.

    Without an argument it serves.
    """
    configure(settings)
    for pair in unknown(type(settings)):
        log.warning("setting_unknown", hint=suggestion(pair))
    try:
        _run(settings, build, arguments)
    except SettingError as error:
        refuse(str(error))


def _run(settings: Own, build: Callable[[Own], tuple[Chassis, FastAPI]], arguments: Sequence[str]) -> None:
    for command in arguments or ["serve"]:
        match command:
            case "migrate":
                asyncio.run(_settled(build(settings))[0].migrate())
            case "serve":
                _serve(settings, *_settled(build(settings)))
            case _:
                sys.exit(f"unknown command {command!r}; known: migrate, serve")


def _settled(built: tuple[Chassis, FastAPI]) -> tuple[Chassis, FastAPI]:
    """Never collects garbage in what is there by now, which stays.

    A pass through all of it stops the process for tens of milliseconds, and would come again and again.
    """
    gc.freeze()
    return built


def _serve(settings: Settings, chassis: Chassis, app: FastAPI) -> None:
    try:
        asyncio.run(chassis.wait_for_servers())
    except (UnavailableError, RuntimeError) as error:
        log.error("cannot start", error=str(error))  # noqa: TRY400  what is away says all; where we noticed says nothing
        sys.exit(1)
    serve(settings, app)
