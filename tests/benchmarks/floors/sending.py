"""aiokafka's producer alone, with as many sends under way as it likes; prints how long it took, in seconds."""

import asyncio
import os
import time

import uvloop
from aiokafka import AIOKafkaProducer

COUNT = int(os.environ["FLOOR_COUNT"])
KEYS = int(os.environ["FLOOR_KEYS"])
VALUE = b"x" * int(os.environ["FLOOR_BYTES"])


async def main() -> None:
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["FLOOR_KAFKA"], acks="all", enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait(os.environ["FLOOR_TOPIC"], VALUE, key=b"warm")
    started = time.perf_counter()
    sent = []
    for number in range(COUNT):
        key = f"account:{number % KEYS}".encode()
        sent.append(await producer.send(os.environ["FLOOR_TOPIC"], VALUE, key=key))
    await asyncio.gather(*sent)
    print(time.perf_counter() - started, flush=True)  # noqa: T201  read by the benchmark
    await producer.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
