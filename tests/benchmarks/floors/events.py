"""The usual FastStream consumer: one message, one update, one commit. A repeated message counts twice."""

import asyncio
import os
from typing import Any

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

broker = KafkaBroker(os.environ["FLOOR_KAFKA"], logger=None)
app = FastStream(broker, logger=None)


class Data(BaseModel):
    amount: int
    total: int


class AmountAdded(BaseModel):
    id: str
    type: str
    source: str
    subject: str
    data: Data


@broker.subscriber(
    os.environ["FLOOR_TOPIC"],
    group_id=os.environ["FLOOR_GROUP"],
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.ACK,
)
async def amount_added(message: AmountAdded) -> None:
    await mirrors.update_one(
        {"_id": message.subject}, {"$inc": {"total": message.data.amount, "count": 1}}, upsert=True
    )


async def main() -> None:
    global mirrors  # noqa: PLW0603  the client belongs to the loop
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(os.environ["FLOOR_MONGO"])
    mirrors = client[os.environ["FLOOR_DATABASE"]]["mirrors"]
    await app.run()


mirrors: Any = None

if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
