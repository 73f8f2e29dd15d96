"""What a service waits for before it begins: its broker and its database."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog

from chassis.errors import UnavailableError
from chassis.kafka.access import check_access
from chassis.kafka.topics import missing_topics, without_leader
from chassis.mongo.store import MongoStore
from chassis.settings import KafkaSettings, Settings

log = structlog.get_logger("chassis.startup")

T = TypeVar("T")

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 2.0
SAY_EVERY = 60.0


async def patiently(step: Callable[[], Awaitable[T]], within: float) -> T:
    """Try again while a server is away, for so many seconds. One line when it begins, one a minute, one when it is over.

    A service that ended because a server is away for a moment would be started again after a pause that grows with
    every such end; all of them together would come back long after the server.

    Raises UnavailableError where that was not enough, and at once whatever waiting does not mend.
    """
    began = time.monotonic()
    said: float | None = None
    pause = FIRST_PAUSE
    while True:
        try:
            done = await step()
        except UnavailableError as error:
            now = time.monotonic()
            if now + pause > began + within:
                raise
            if said is None or now - said >= SAY_EVERY:
                said = now
                log.warning("waiting for a server", error=str(error), seconds=round(now - began, 1), at_most=within)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            if said is not None:
                log.info("servers_available", seconds=round(time.monotonic() - began, 1))
            return done


async def wait_for_servers(settings: Settings, topics: Iterable[str]) -> None:
    """Return when database and broker answer and each partition of ``topics`` has a leader.

    Raises UnavailableError after ``settings.start_timeout``; RuntimeError at once where a topic is missing, and SettingError
    where a server refuses us: waiting does not mend it.
    """
    missing = await patiently(lambda: _answers(settings, topics), settings.start_timeout)
    if missing:
        raise RuntimeError(f"topics are missing: {', '.join(sorted(missing))}; create them with python -m chassis topics")


async def wait_for_broker(settings: KafkaSettings) -> None:
    """The same for a job that needs the broker alone."""
    await patiently(lambda: check_access(settings), settings.start_timeout)


async def wait_for_database(settings: Settings) -> None:
    """The same for a job that needs the database alone."""
    await patiently(lambda: _database_answers(settings), settings.start_timeout)


async def _answers(settings: Settings, topics: Iterable[str]) -> set[str]:
    """Which topics are missing."""
    await _database_answers(settings)
    await check_access(settings)
    wanted = set(topics)
    missing = await missing_topics(settings, wanted)
    leaderless = await without_leader(settings, wanted - missing)
    if leaderless:
        raise UnavailableError(f"broker: no leader is elected yet for {', '.join(leaderless)}")
    return missing


async def _database_answers(settings: Settings) -> None:
    # Connections of its own: a connection belongs to the loop that opened it, and a job's ends with the wait.
    store = MongoStore(
        settings.mongo_url.get_secret_value(), settings.mongo_database, settings.SERVICE, lease=settings.lease
    )
    try:
        await store.check_access()
    finally:
        store.close()
