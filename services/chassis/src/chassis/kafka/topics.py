"""The job that creates topics: ``python -m chassis.topics``. Services create none; they refuse to start without theirs."""

import asyncio
import sys
from collections.abc import Iterable

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from pydantic import Field

from chassis.configuration import load
from chassis.errors import UnavailableError
from chassis.settings import KafkaSettings, Settings
from kontor_contracts.topics import TOPICS, Topic

log = structlog.get_logger("chassis.kafka.topics")


class TopicSettings(KafkaSettings):
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
            "cleanup.policy": "delete",
            "retention.ms": str(topic.retention_ms),
            "max.message.bytes": str(topic.max_message_bytes),
            "min.insync.replicas": str(min(settings.min_insync_replicas, settings.replication_factor)),
        },
    )


async def missing_topics(settings: Settings, names: Iterable[str]) -> set[str]:
    """Which of ``names`` the broker does not have. Raises UnavailableError where no broker answers."""
    options = settings.kafka_options()
    admin = AIOKafkaAdminClient(**options)
    try:
        await admin.start()
        return set(names) - set(await admin.list_topics())
    except KafkaError as error:
        raise UnavailableError(f"broker: {type(error).__name__}") from error
    finally:
        await admin.close()


def main() -> None:
    settings = load(TopicSettings)
    created = asyncio.run(create_topics(settings))
    sys.stdout.write("".join(f"created {name}\n" for name in created) or "all topics are there\n")


if __name__ == "__main__":
    main()
