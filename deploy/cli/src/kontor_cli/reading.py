"""Reading dead-letter topics: all that is there, and then what comes."""

import re
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kontor_cli.choosing import ChoiceError
from kontor_cli.connection import Connection
from kontor_cli.letters import Box, Letter, Refusal, Resolution

POLL_MS = 200


class UnseenError(Exception):
    """Whether there are dead letters is not known."""


Heard = Callable[[Letter | Resolution | Refusal], None]


class Reader:
    """Over one consumer without a group. ``boxes`` are filled by ``read``, and then by ``follow``."""

    def __init__(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, connection: Connection) -> None:
        self._consumer = consumer
        self._admin = admin
        self._connection = connection
        self.boxes: dict[str, Box] = {}

    async def groups(self) -> list[str]:
        """The groups that have a dead-letter topic under our prefix; those of other prefixes have a dot in their name."""
        name = re.compile(re.escape(self._connection.prefix) + r"([a-z0-9-]+)\.dlq")
        return sorted(match[1] for topic in await self._admin.list_topics() if (match := name.fullmatch(topic)))

    async def read(self, group: str | None) -> dict[str, Box]:
        """What is in the topics now, of one group or of all. Raises ChoiceError for a group without such a topic."""
        groups = await self.groups()
        if group is not None and group not in groups:
            raise ChoiceError(f"there is no group {group} with dead letters; there are: {', '.join(groups) or 'none'}")
        chosen = [group] if group is not None else groups
        self.boxes = {name: Box(name) for name in chosen}
        if not chosen:
            raise UnseenError(
                f"no dead-letter topic can be seen under the prefix {self._connection.prefix!r}: there is none, or this user"
                " may not look. It needs DESCRIBE and READ on *.dlq; create the topics with python -m chassis topics."
            )
        places = await self._places([self._connection.dead_letters(name) for name in chosen])
        self._consumer.assign(places)
        await self._consumer.seek_to_beginning(*places)
        ends = await self._consumer.end_offsets(places)
        while [place for place in places if await self._consumer.position(place) < ends[place]]:
            await self._take(lambda _: None)
        return self.boxes

    async def follow(self, heard: Heard) -> None:
        """Go on reading, and tell of each record, until cancelled."""
        while True:
            await self._take(heard)

    async def _take(self, heard: Heard) -> None:
        for place, records in (await self._consumer.getmany(timeout_ms=POLL_MS)).items():
            box = self.boxes[place.topic.removeprefix(self._connection.prefix).removesuffix(".dlq")]
            for record in records:
                if (found := box.add(record)) is not None:
                    heard(found)

    async def _places(self, topics: Iterable[str]) -> list[TopicPartition]:
        described = await self._admin.describe_topics(list(topics))
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in described
            for partition in topic["partitions"]
        ]
