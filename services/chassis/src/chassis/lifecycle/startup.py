"""What a service waits for before it begins: its broker and its database."""

from collections.abc import Iterable

from chassis.configuration.settings import Settings
from chassis.errors import UnavailableError
from chassis.kafka.access import check_access
from chassis.lifecycle.topics import missing_topics, without_leader
from chassis.lifecycle.waiting import patiently
from chassis.mongo.store import MongoStore


async def wait_for_servers(settings: Settings, topics: Iterable[str]) -> None:
    """Return when database and broker answer and each partition of ``topics`` has a leader.

    Raises UnavailableError after ``settings.start_timeout``; RuntimeError at once where a topic is missing, and SettingError
    where a server refuses us, or hides a topic: waiting does not mend it.
    """
    missing = await patiently(lambda: _answers(settings, topics), settings.start_timeout)
    if missing:
        raise RuntimeError(
            f"topics are missing: {', '.join(sorted(missing))}; create them with python -m chassis topics"
        )


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
        settings.mongo_url.get_secret_value(),
        settings.mongo_database,
        settings.SERVICE,
        lease=settings.lease,
        timeout=settings.database_timeout,
    )
    try:
        await store.check_access()
    finally:
        store.close()
