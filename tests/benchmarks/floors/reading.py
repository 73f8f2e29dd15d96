"""No database and no framework: batches from aiokafka, each record parsed by pydantic, one commit per batch."""

import asyncio
import os

import uvloop
from aiokafka import AIOKafkaConsumer
from pydantic import BaseModel


class Data(BaseModel):
    amount: int
    total: int


class AmountAdded(BaseModel):
    id: str
    type: str
    source: str
    subject: str
    sequence: int
    data: Data


async def main() -> None:
    totals: dict[str, int] = {}
    consumer = AIOKafkaConsumer(
        os.environ["FLOOR_TOPIC"],
        bootstrap_servers=os.environ["FLOOR_KAFKA"],
        group_id=os.environ["FLOOR_GROUP"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        while True:
            for records in (await consumer.getmany(timeout_ms=20, max_records=500)).values():
                for record in records:
                    message = AmountAdded.model_validate_json(record.value)
                    counter = message.subject
                    totals[counter] = totals.get(counter, 0) + message.data.amount
            await consumer.commit()
    finally:
        await consumer.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
