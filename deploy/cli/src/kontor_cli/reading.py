"""Reading dead-letter topics: all that is there, and then what comes."""

import re
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import TopicAuthorizationFailedError
from aiokafka.protocol.metadata import MetadataRequest

from kontor_cli.choosing import ChoiceError
from kontor_cli.connection import Connection
from kontor_cli.letters import Box, Letter, Refusal, Resolution
from kontor_contracts.topics import TOPICS

POLL_MS = 200
DEAD_LETTERS = tuple(topic.name for topic in TOPICS if topic.kind == "dlq")
"""Of the registry. Groups of other programs may have such topics, too."""


class UnseenError(Exception):
    """Whether there are dead letters is not known."""


Heard = Callable[[Letter | Resolution | Refusal], None]


class Reader:
    """Over one consumer without a group. ``boxes`` are filled by ``read``, and then by ``follow``.

    ``unseen``: dead-letter topics that were asked for and that this user may not see or read.
    """

    def __init__(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, connection: Connection) -> None:
        self._consumer = consumer
        self._admin = admin
        self._connection = connection
        self.boxes: dict[str, Box] = {}
        self.unseen: list[str] = []

    async def groups(self) -> list[str]:
        """The groups that have a dead-letter topic under our prefix; those of other prefixes have a dot in their name."""
        name = re.compile(re.escape(self._connection.prefix) + r"([a-z0-9-]+)\.dlq")
        return sorted(match[1] for topic in await self._admin.list_topics() if (match := name.fullmatch(topic)))

    async def read(self, group: str | None) -> dict[str, Box]:
        """What is in the topics now, of one group or of all.

        Raises ChoiceError for a group without such a topic, and UnseenError where no such topic can be seen. Where only some
        can be seen, ``unseen`` names the others.
        """
        groups = await self.groups()
        hidden = await self._hidden(groups)
        if group is not None:
            hidden = [topic for topic in hidden if topic == self._connection.dead_letters(group)]
            if group not in groups and not hidden:
                raise ChoiceError(
                    f"there is no group {group} with dead letters; there are: {', '.join(groups) or 'none'}"
                )
        chosen = [name for name in groups if group in (None, name)]
        self.unseen = hidden
        while not await self._read_all(chosen):
            chosen = [name for name in chosen if self._connection.dead_letters(name) not in self.unseen]
        if not chosen:
            raise UnseenError(unseen_text(self.unseen) if self.unseen else self._nothing())
        return self.boxes

    async def _read_all(self, groups: list[str]) -> bool:
        """Whether this user may read all of them; else ``unseen`` has one more."""
        self.boxes = {name: Box(name) for name in groups}
        if not groups:
            return True
        topics = {self._connection.dead_letters(name) for name in groups}
        places = await self._places(topics)
        self._consumer.assign(places)
        await self._consumer.seek_to_beginning(*places)
        ends = await self._consumer.end_offsets(places)
        try:
            while [place for place in places if await self._consumer.position(place) < ends[place]]:
                await self._take(lambda _: None)
        except TopicAuthorizationFailedError as error:
            refused = set(error.args)
            # Of a topic given up before, the client may still hold the answer for another partition.
            if not refused <= topics | set(self.unseen):
                raise
            self.unseen = sorted(refused | set(self.unseen))
            return False
        return True

    async def _hidden(self, groups: Iterable[str]) -> list[str]:
        """Of the registry's topics that are not listed, those that this user may not see. The others do not exist."""
        listed = {self._connection.dead_letters(name) for name in groups}
        expected = {f"{self._connection.prefix}{name}" for name in DEAD_LETTERS}
        if not (missing := sorted(expected - listed)):
            return []
        # The client's own method would let the broker create them.
        request = MetadataRequest(missing, allow_auto_topic_creation=False)
        answer = (await self._admin._send_request(request)).to_object()  # noqa: SLF001
        return sorted(
            topic["topic"] for topic in answer["topics"] if topic["error_code"] == TopicAuthorizationFailedError.errno
        )

    def _nothing(self) -> str:
        return (
            f"no dead-letter topic can be seen under the prefix {self._connection.prefix!r}: there is none, or this user"
            " may not look. It needs DESCRIBE and READ on *.dlq; create the topics with python -m chassis topics."
        )

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


def unseen_text(topics: Iterable[str]) -> str:
    return (
        f"this user may not look at {', '.join(topics)}: whether a dead letter is open there is not known."
        " It needs DESCRIBE and READ on *.dlq."
    )
