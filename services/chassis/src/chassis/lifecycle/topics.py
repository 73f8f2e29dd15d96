"""The job that creates topics: ``python -m chassis topics``. Services create none; they refuse to start without theirs."""

import asyncio
import sys
from collections.abc import Iterable
from typing import ClassVar

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    KafkaError,
    LeaderNotAvailableError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.protocol.metadata import MetadataRequest
from pydantic import Field

from chassis.configuration.kafka import KafkaSettings
from chassis.configuration.loading import SettingError, load, refuse
from chassis.configuration.settings import Settings
from chassis.errors import UnavailableError
from chassis.kafka.access import check_access
from chassis.lifecycle.waiting import patiently
from chassis.observability.logging import configure
from kontor_contracts.topics import TOPICS, Topic

log = structlog.get_logger("chassis.lifecycle.topics")


class TopicSettings(KafkaSettings):
    SERVICE: ClassVar[str] = "topics"

    replication_factor: int = Field(default=3, ge=1)
    min_insync_replicas: int = Field(default=2, ge=1)


async def create_topics(settings: TopicSettings, wanted: Iterable[Topic] = TOPICS) -> list[str]:
    """Create what is missing and return its names. Never changes an existing topic: more partitions would move keys."""
    admin = AIOKafkaAdminClient(**settings.kafka_options())
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        new = [_new(settings, topic) for topic in wanted if settings.topic(topic.name) not in existing]
        if not new:
            return []
        response = await admin.create_topics(new)
        for name, code, *_ in response.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"{name} could not be created")
        return [topic.name for topic in new]
    finally:
        await admin.close()


def _new(settings: TopicSettings, topic: Topic) -> NewTopic:
    return NewTopic(
        name=settings.topic(topic.name),
        num_partitions=topic.partitions,
        replication_factor=settings.replication_factor,
        topic_configs={
            **topic.config,
            "min.insync.replicas": str(min(settings.min_insync_replicas, settings.replication_factor)),
        },
    )


async def without_leader(settings: KafkaSettings, names: Iterable[str]) -> list[str]:
    """Partitions of these topics, which are there, that nobody leads at present, as ``topic/number``. Raises UnavailableError."""
    admin = AIOKafkaAdminClient(**settings.kafka_options())
    try:
        await admin.start()
        described = await admin.describe_topics(sorted(names)) if names else []
    except KafkaError as error:
        raise UnavailableError(f"broker: {type(error).__name__}") from error
    finally:
        await admin.close()
    return [
        f"{topic['topic']}/{partition['partition']}"
        for topic in described
        for partition in topic["partitions"]
        if partition["leader"] < 0 or partition["error_code"] == LeaderNotAvailableError.errno
    ]


async def missing_topics(settings: Settings, names: Iterable[str]) -> set[str]:
    """Which of ``names`` the broker does not have.

    Raises UnavailableError where no broker answers, and SettingError where it does not let us see a topic.
    """
    options = settings.kafka_options()
    admin = AIOKafkaAdminClient(**options)
    try:
        await admin.start()
        missing = set(names) - set(await admin.list_topics())
        hidden = await _hidden(admin, missing)
    except KafkaError as error:
        raise UnavailableError(f"broker: {type(error).__name__}") from error
    finally:
        await admin.close()
    if hidden:
        who = settings.kafka_username or "that it takes us for"
        raise SettingError(
            f"KONTOR_KAFKA_USERNAME: the broker does not let the principal {who} see {', '.join(hidden)}. Grant it what"
            " docs/acls.md lists for this service, or correct the principal."
        )
    return missing


async def _hidden(admin: AIOKafkaAdminClient, names: Iterable[str]) -> list[str]:
    """Of topics that are not listed, those that we may not see. The broker tells them from others only when they are named."""
    if not (asked := sorted(names)):
        return []
    # The client's own method would let the broker create them.
    request = MetadataRequest(asked, allow_auto_topic_creation=False)
    answer = (await admin._send_request(request)).to_object()  # noqa: SLF001
    refused = TopicAuthorizationFailedError.errno
    return [topic["topic"] for topic in answer["topics"] if topic["error_code"] == refused]


def main() -> None:
    """Ends with 2 where settings are wrong, with 1 where the broker is away for too long or does not do it."""
    settings = load(TopicSettings)
    configure(settings)

    async def create() -> list[str]:
        await patiently(lambda: check_access(settings), settings.start_timeout)
        return await create_topics(settings)

    try:
        created = asyncio.run(create())
    except SettingError as error:
        refuse(str(error))
    except (UnavailableError, KafkaError) as error:
        sys.exit(f"topics were not created: {type(error).__name__}: {error}")
    sys.stdout.write("".join(f"created {name}\n" for name in created) or "all topics are there\n")
