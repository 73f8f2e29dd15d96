"""The indexes that each service's documents need, for `kontor indexes`, which knows no service."""

import json

from applications import build_services

from chassis.consumer.dead_letters.blocked_key import BLOCKED_KEY
from chassis.mongo.indexes import told, wanted


def text() -> str:
    found = {
        service: [told(model.document) for model in wanted((*chassis.aggregates, BLOCKED_KEY))]
        for service, (chassis, _) in build_services().items()
    }
    lines = [
        f"  {json.dumps(service)}: [\n" + ",\n".join(f"    {json.dumps(one)}" for one in indexes) + "\n  ]"
        for service, indexes in found.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"
