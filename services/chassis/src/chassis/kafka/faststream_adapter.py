"""FastStream, and the only file that knows it.

What FastStream does for us: it makes the aiokafka consumer from its options, subscribes it with a rebalance listener, runs the
polling loop as a task, starts and stops with the application, and describes the subscription for AsyncAPI.

What it does not do for us, and why:

- Parsing and decoding. It decodes every header before any middleware runs, and one header that is no UTF-8 makes a whole
  batch vanish. Our parser hands the untouched records over, and `chassis.consumer.decoder` judges each alone.
- Acknowledging. Its policies commit before the handler (records are lost) or seek back at once (one bad record stops its
  partition for ever). The policy is manual: `chassis.consumer` commits once every record of a batch has an outcome.
- Retries and dead letters: it has none for Kafka.
- Its pause after an empty poll, which is as long as the poll: a record that comes meanwhile would wait. See `subscribe`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLOAuthBearer, SASLPlaintext, SASLScram256, SASLScram512

from chassis.configuration.settings import Settings
from chassis.observability.logging import errors_only

Broker = KafkaBroker

BY_MECHANISM = {"SCRAM-SHA-512": SASLScram512, "SCRAM-SHA-256": SASLScram256, "PLAIN": SASLPlaintext}
POLL_MS = 500
"""How long a poll waits for the first record. A record that is there ends it at once."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The untouched records of one poll, and the consumer they came from."""

    records: tuple[ConsumerRecord, ...]
    consumer: AIOKafkaConsumer


def new_broker(settings: Settings) -> KafkaBroker:
    """FastStream's client of the broker; not started."""
    options = settings.kafka_options()
    return KafkaBroker(
        options.pop("bootstrap_servers"),
        security=_security(options),
        sasl_oauth_token_provider=options.get("sasl_oauth_token_provider"),
        allow_auto_create_topics=False,
        graceful_timeout=settings.shutdown_timeout,
        apply_types=False,
        logger=errors_only("faststream"),
    )


def subscribe(
    broker: KafkaBroker,
    topics: Sequence[str],
    settings: Settings,
    *,
    group: str,
    listener: ConsumerRebalanceListener,
    before_poll: Callable[[AIOKafkaConsumer], None],
    on_batch: Callable[[Batch], Awaitable[None]],
) -> Callable[[], AIOKafkaConsumer | None]:
    """Have every batch of ``topics`` handed to ``on_batch``, one at a time. It must commit and must not raise.

    Returns what gives the client that reads, while there is one.
    """
    subscriber = broker.subscriber(
        *topics,
        group_id=group,
        listener=listener,
        batch=True,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        session_timeout_ms=int(settings.kafka_session_timeout * 1000),
        heartbeat_interval_ms=int(settings.kafka_session_timeout * 1000 / 4),
        parser=_parse,
        decoder=_decode,
        title=f"{group}:records",
    )

    async def poll(consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        before_poll(consumer)
        found = await consumer.getmany(timeout_ms=POLL_MS, max_records=settings.batch_records)
        return tuple(chain.from_iterable(found.values()))

    subscriber.get_msg = poll  # type: ignore[method-assign]
    subscriber(on_batch)
    return lambda: subscriber.consumer


async def _parse(records: tuple[ConsumerRecord, ...], original: Callable[[Any], Awaitable[Any]]) -> Any:
    # One stub without headers and value is enough to get FastStream's message, and with it the consumer.
    message = await original((replace(records[0], headers=(), value=b""),))
    message.raw_message = records
    return message


async def _decode(message: Any) -> Batch:
    return Batch(message.raw_message, message.consumer)


def _security(options: dict[str, Any]) -> BaseSecurity:
    context = options.get("ssl_context")
    mechanism = options.get("sasl_mechanism")
    if mechanism == "OAUTHBEARER":
        return SASLOAuthBearer(ssl_context=context, use_ssl=context is not None)
    if mechanism is None:
        return BaseSecurity(ssl_context=context, use_ssl=context is not None)
    return BY_MECHANISM[mechanism](
        options["sasl_plain_username"],
        options["sasl_plain_password"],
        ssl_context=context,
        use_ssl=context is not None,
    )
