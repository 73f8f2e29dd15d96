"""AsyncAPI 3 of the platform and of each service: topics with keys, limits and messages, who sends and who receives what."""

import inspect
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from schemas import all_schemas

from kontor_contracts import CONTENT_TYPE, Payload, Refusal
from kontor_contracts.topics import SERVICES, TOPICS, Topic, written_by

Document = dict[str, Any]
BINDINGS = "0.5.0"
HEADERS = {
    "content-type": "Always `application/cloudevents+json; charset=UTF-8`: the structured mode of CloudEvents.",
    "message-type": "The type again, for filtering without a look at the body.",
    "message-id": "The id again.",
    "republished": "`true` on a record that is announced once more; its id is the same.",
}
PUBLIC = "public"
"""Who reads a topic that no service reads: everybody else."""
CARRYING = tuple(topic for topic in TOPICS if topic.messages)


def documents(root: Path, version: str) -> dict[str, Document]:
    """By name: ``kontor`` has everything, each service what it sends and receives."""
    found = {"kontor": document(root, version, "Kontor", CARRYING, parties=None)}
    for service in SERVICES:
        topics = tuple(topic for topic in CARRYING if service in {topic.owner, *topic.consumers, *topic.watchers})
        found[service] = document(root, version, f"Kontor {service}", topics, parties={service})
    return found


def document(root: Path, version: str, title: str, topics: Iterable[Topic], *, parties: set[str] | None) -> Document:
    """``parties``: whose operations there are; None: everybody's."""
    topics = tuple(topics)
    schemas: Document = {}
    messages = {
        message.__name__: _message(root, topic, message, schemas) for topic in topics for message in topic.messages
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": title,
            "version": version,
            "description": "Kafka topics of Kontor, the partner side of a two-tier program. Every record is a CloudEvent 1.0.",
            "license": {"name": "Apache 2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {
            name: operation
            for topic in topics
            for party, name, operation in _operations(topic)
            if parties is None or party in parties
        },
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def _channel(topic: Topic) -> Document:
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}. Partition: murmur2 over the key. Personal data: {topic.personal_data}. "
        f"Compatibility: {topic.compatibility}.",
        "messages": {one.__name__: {"$ref": f"#/components/messages/{one.__name__}"} for one in topic.messages},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.cleanup],
                    "delete.retention.ms" if topic.cleanup == "compact" else "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_message_bytes,
                },
                "bindingVersion": BINDINGS,
            }
        },
    }


def _operations(topic: Topic) -> Iterable[tuple[str, str, Document]]:
    channel = {"channel": {"$ref": f"#/channels/{topic.name}"}}
    carried = {"messages": [_of_channel(topic, one) for one in topic.messages]}
    answers = _answers(topic) if topic.kind == "commands" else {}
    for party in topic.producers:
        yield party, _name(party, "sends", topic), {"action": "send", **channel, **carried, **answers}
    for party in dict.fromkeys((*topic.consumers, *topic.watchers)) or (PUBLIC,):
        group = {"bindings": {"kafka": {"groupId": {"const": party}, "bindingVersion": BINDINGS}}}
        by = group if party in topic.consumers else {}
        yield party, _name(party, "receives", topic), {"action": "receive", **channel, **carried, **answers, **by}


def _answers(topic: Topic) -> Document:
    """A command is answered on its owner's topic of events: by the fact, or by one of the refusals."""
    events = written_by(topic.owner)
    refusals = [_of_channel(events, one) for one in events.messages if issubclass(one, Refusal)]
    return {"reply": {"channel": {"$ref": f"#/channels/{events.name}"}, "messages": refusals}}


def _of_channel(topic: Topic, message: type[Payload]) -> Document:
    return {"$ref": f"#/channels/{topic.name}/messages/{message.__name__}"}


def _name(party: str, verb: str, topic: Topic) -> str:
    return f"{party.replace(' ', '-')}.{verb}.{topic.name}"


def _message(root: Path, topic: Topic, message: type[Payload], schemas: Document) -> Document:
    text = inspect.getdoc(message) or ""
    schema = all_schemas()[message.TYPE]
    for name, definition in schema["$defs"].items():
        moved = _moved(definition)
        if schemas.setdefault(name, moved) != moved:
            raise ValueError(f"two schemas are called {name}")
    left_out = {"$schema", "$id", "$defs", "title", "description"}
    payload = _moved({key: value for key, value in schema.items() if key not in left_out})
    return {
        "name": message.TYPE,
        "title": message.__name__,
        "summary": text.partition("\n")[0],
        "description": text,
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {name: {"type": "string", "description": said} for name, said in HEADERS.items()},
        },
        "correlationId": {"location": "$message.payload#/correlationid"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": BINDINGS},
        },
        "payload": payload,
        "examples": [
            {"name": path.stem, "payload": json.loads(path.read_text(encoding="utf-8"))}
            for path in sorted((root / "contracts/examples" / message.TYPE).glob("*.json"))
        ],
    }


def _moved(node: Any) -> Any:
    """With definitions where AsyncAPI has them: what a reference means must not depend on where the schema stands."""
    if isinstance(node, list):
        return [_moved(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _moved(value)
        for key, value in node.items()
    }
