"""What tests on a cluster look at."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kontor_contracts.topics import SERVICES, TOPICS
from kontor_local.cluster.release import Release
from kontor_local.connected import connected


async def ends(kontor: Release) -> list[str]:
    """Containers that ended although nobody asked them to: pod and code."""
    return [
        f"{pod['metadata']['name']} ended with {status['lastState']['terminated']['exitCode']}"
        for service in SERVICES
        for pod in await kontor.pods(service)
        for status in pod["status"].get("containerStatuses", ())
        if status.get("lastState", {}).get("terminated")
    ]


@asynccontextmanager
async def log_of(kontor: Release, pod: str) -> AsyncIterator[asyncio.StreamReader]:
    """What its container says from its start to its end, also when the pod is gone by then."""
    command = ["kubectl", "--namespace", kontor.kubectl.namespace, "logs", pod, "--follow"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def events_twice(kontor: Release) -> list[str]:
    """Events that are on their topic more than once, by source and number. A relay may repeat one only after a crash."""
    seen = Counter((event["source"], event["id"]) for event in await events(kontor))
    return sorted(f"{source} {id}" for (source, id), count in seen.items() if count > 1)


async def events(kontor: Release) -> list[dict[str, Any]]:
    """All that services have published."""
    names = [kontor.topic(topic.name) for topic in TOPICS if topic.kind == "events"]
    async with connected(AIOKafkaAdminClient(bootstrap_servers=kontor.kafka)) as admin:
        described = await admin.describe_topics(names)
    places = [TopicPartition(one["topic"], each["partition"]) for one in described for each in one["partitions"]]
    found: list[dict[str, Any]] = []
    async with connected(AIOKafkaConsumer(bootstrap_servers=kontor.kafka, enable_auto_commit=False)) as consumer:
        consumer.assign(places)
        begins, last = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, begins[place])
        while [place for place in places if await consumer.position(place) < last[place]]:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                found += [json.loads(record.value) for record in records]
    return found
