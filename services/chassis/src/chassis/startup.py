"""What a service waits for before it begins: its broker and its database."""

import asyncio
import time
from collections.abc import Iterable

import structlog

from chassis.errors import UnavailableError
from chassis.kafka.topics import missing_topics
from chassis.mongo.store import MongoStore
from chassis.settings import Settings

log = structlog.get_logger("chassis.startup")

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 2.0


async def wait_for_servers(settings: Settings, topics: Iterable[str]) -> None:
    """Return when database and broker answer and ``topics`` are there.

    A service that ended because a server is away for a moment would be started again after a pause that grows with
    every such end; all of them together would come back long after the server. To be awaited before there is anything
    that a signal would have to stop in order: SIGTERM ends the wait as it ends any program.

    Raises UnavailableError where one does not answer within ``settings.start_timeout``, and RuntimeError at once where
    a topic is missing: waiting does not make it.
    """
    deadline = time.monotonic() + settings.start_timeout
    pause = FIRST_PAUSE
    while True:
        try:
            missing = await _answers(settings, topics)
        except UnavailableError as error:
            if time.monotonic() + pause > deadline:
                raise
            log.warning("waiting for a server", error=str(error), seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            if missing:
                raise RuntimeError(
                    f"topics are missing: {', '.join(sorted(missing))}; create them with python -m chassis.topics"
                )
            return


async def _answers(settings: Settings, topics: Iterable[str]) -> set[str]:
    """Which topics are missing. Its connections are its own, as a connection belongs to the loop that opened it."""
    store = MongoStore(
        settings.mongo_url.get_secret_value(), settings.mongo_database, settings.SERVICE, lease=settings.lease
    )
    try:
        await store.ping()
        return await missing_topics(settings, topics)
    finally:
        store.close()
