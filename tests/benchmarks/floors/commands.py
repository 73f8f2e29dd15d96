"""A bare handler: one update, one awaited send. A crash in between loses the event; a repeated request counts twice."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

TOPIC = os.environ["FLOOR_TOPIC"]


class Amount(BaseModel):
    amount: int


class AmountAdded(BaseModel):
    id: str
    counter_id: str
    amount: int


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(os.environ["FLOOR_MONGO"])
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["FLOOR_KAFKA"], acks="all")
    await producer.start()
    app.state.counters = client[os.environ["FLOOR_DATABASE"]]["counters"]
    app.state.producer = producer
    yield
    await producer.stop()
    client.close()


app = FastAPI(lifespan=lifespan)


@app.post("/v1/counters/{counter_id}/add")
async def add(counter_id: str, body: Amount) -> Any:
    await app.state.counters.update_one({"_id": counter_id}, {"$inc": {"total": body.amount}}, upsert=True)
    event = AmountAdded(id=str(uuid4()), counter_id=counter_id, amount=body.amount)
    await app.state.producer.send_and_wait(TOPIC, event.model_dump_json().encode(), key=counter_id.encode())
    return {"counter_id": counter_id}


@app.get("/readyz")
async def ready() -> dict[str, bool]:
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["FLOOR_PORT"]),
        log_config=None,
        access_log=False,
        loop="uvloop",
    )
