"""What a play of the journey leaves behind: the steps, the mails, the events, the dead letters."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kontor_contracts.topics import TOPICS
from kontor_local.connected import connected


@dataclass(frozen=True, slots=True)
class StepResult:
    name: str
    ok: bool
    seconds: float
    seen: str = ""


@dataclass(slots=True)
class Report:
    """``ok``: every step was so and no record is in a dead-letter topic."""

    steps: list[StepResult] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    events: dict[str, int] = field(default_factory=dict)
    dead_letters: int = 0

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps) and self.dead_letters == 0

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        steps = [{"name": s.name, "ok": s.ok, "seconds": s.seconds} for s in self.steps]
        document = asdict(self) | {"ok": self.ok, "steps": steps}
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


async def count_records(bootstrap: str, prefix: str = "") -> dict[str, int]:
    """Records per topic of the registry, from the first to the last offset."""
    partitions = await _partitions(bootstrap, [prefix + topic.name for topic in TOPICS])
    counts = {}
    async with connected(AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)) as consumer:
        for topic in TOPICS:
            places = partitions[prefix + topic.name]
            ends = await consumer.end_offsets(places)
            begins = await consumer.beginning_offsets(places)
            counts[topic.name] = sum(ends[place] - begins[place] for place in places)
    return counts


async def _partitions(bootstrap: str, topics: list[str]) -> dict[str, list[TopicPartition]]:
    # By the admin client: a consumer knows no topic that it did not subscribe to, and would count nothing.
    async with connected(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        described = await admin.describe_topics(topics)
    return {
        one["topic"]: [TopicPartition(one["topic"], each["partition"]) for each in one["partitions"]]
        for one in described
    }
