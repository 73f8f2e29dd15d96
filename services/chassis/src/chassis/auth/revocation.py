"""Access tokens that are void before they expire: kept in memory, read from the events that void them.

Tokens are verified offline, so the service that issued one cannot take it back. Instead every process reads, without a
consumer group, the events of the last hour (no token lives longer) before it serves, and then the new ones. ADR 15.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from chassis.aggregate.watermarks import is_jump
from chassis.configuration.settings import Settings
from chassis.consumer.judgement import InvalidError, judge
from chassis.errors import UnavailableError
from chassis.kafka.topic_reader import TopicReader, repeatedly
from chassis.observability.metrics import Metrics
from kontor_contracts import Envelope, MalformedError, Payload, UnknownTypeError, decode
from kontor_contracts.sign_in import subjects_of, voids_tokens
from kontor_contracts.topics import Topic

log = structlog.get_logger("chassis.revocations")

REMEMBERED = timedelta(hours=1)
"""No access token is accepted that was made to live longer than this."""
LEEWAY = timedelta(minutes=5)
"""How far the clocks of broker and services may be apart."""
CATCH_UP_SECONDS = 30.0


class Voided:
    """What was taken back in the last hour: by subject, the number and the time of its latest event that voids tokens.

    A number that cannot be right is not believed, nor is a time to come: either would void every token from then on.
    """

    def __init__(self) -> None:
        self._events: dict[str, tuple[int, datetime]] = {}

    @property
    def count(self) -> int:
        return len(self._events)

    def note(self, event: Envelope[Payload], now: datetime) -> bool:
        """Events of one subject may come in any order, and again. False: it cannot be right, and is not noted."""
        if not voids_tokens(event.data):
            return True
        known = self._events.get(event.subject)
        seen = known[0] if known else 0
        if is_jump(seen, event.sequence) or event.time > now + LEEWAY:
            return False
        if seen < event.sequence:
            self._events[event.subject] = (event.sequence, event.time)
        return True

    def forget(self, before: datetime) -> None:
        """Tokens that an event of before ``before`` could void have expired."""
        self._events = {subject: event for subject, event in self._events.items() if event[1] >= before}

    def covers(self, claims: Mapping[str, Any]) -> bool:
        """Whether the token with these claims was taken back."""
        *session, user = subjects_of(claims)
        if any(subject in self._events for subject in session):
            return True
        event = self._events.get(user)
        if event is None:
            return False
        number, at = event
        version, issued = claims.get("ver"), claims.get("iat", 0)
        if not isinstance(version, int):
            return bool(issued <= at.timestamp())
        # By the count of the user's events, so clocks may differ. But a token issued well after the event was issued by a
        # service that had it: if the token does not know of it, there was none.
        return version < number and issued <= (at + LEEWAY).timestamp()


class Revocations:
    """Reads the topics that a service watches for this. With none it knows nothing, and asks no broker."""

    def __init__(self, settings: Settings, topics: Iterable[Topic], metrics: Metrics) -> None:
        self._settings = settings
        self._topics = {settings.topic(topic.name): topic for topic in topics}
        self._metrics = metrics
        self._follower = TopicReader(settings, self._topics, self._note)
        self._reading: asyncio.Task[None] | None = None
        self.voided = Voided()

    @property
    def topics(self) -> set[str]:
        return set(self._topics)

    async def start(self) -> None:
        """Return when everything is known that was in the topics before. Raises UnavailableError."""
        if not self._topics:
            return
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await self._follower.join(back=REMEMBERED + LEEWAY)
                await self._follower.catch_up()
        except (KafkaError, TimeoutError) as error:
            await self.stop()
            raise UnavailableError(f"revocations: {type(error).__name__}") from error
        # While the broker is away nothing new is learnt, and tokens live as long as they were made to.
        self._reading = asyncio.create_task(repeatedly(self._look, "revocations", self._settings.look_interval))

    async def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._follower.leave()

    async def _look(self) -> None:
        await self._follower.catch_up()
        self.voided.forget(self._settings.now() - REMEMBERED - LEEWAY)
        self._metrics.revocations.set(self.voided.count)

    def _note(self, record: ConsumerRecord) -> None:
        # What cannot be read or believed is on the dead letters of those who have to apply it.
        topic = self._topics[record.topic]
        with suppress(MalformedError, UnknownTypeError, InvalidError):
            headers = [(name, value) for name, value in record.headers if isinstance(name, str)]
            event = decode(record.value, headers, topic.types)
            judge(event, topic, record.key)
            if not self.voided.note(event, self._settings.now()):
                log.error("revocation_not_believed", message=event.id, sequence=event.sequence, time=str(event.time))
