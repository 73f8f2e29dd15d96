"""The registry for readers: as JSON for other languages and tools, as tables for the READMEs."""

import inspect
import re
from collections.abc import Iterable
from typing import Any

from kontor_contracts import claims
from kontor_contracts.topics import DAY, TOPICS, Topic


def as_data() -> dict[str, Any]:
    """The registry as ``topics.json`` holds it. Producers of any language must partition as it says."""
    return {"partitioner": "murmur2", "topics": [_topic(topic) for topic in TOPICS]}


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "owner": topic.owner,
        "kind": topic.kind,
        "key": topic.key,
        "messages": [message.TYPE for message in topic.messages],
        "producers": list(topic.producers),
        "consumers": list(topic.consumers),
        "watchers": list(topic.watchers),
        "personal_data": topic.personal_data,
        "partitions": topic.partitions,
        "cleanup_policy": topic.cleanup,
        "retention_ms": topic.retention_ms,
        "max_message_bytes": topic.max_message_bytes,
        "compatibility": topic.compatibility,
    }


def topic_table() -> str:
    """What a reader asks first of each topic."""
    rows = [
        (
            f"`{topic.name}`",
            topic.key,
            _names(topic.producers),
            _readers(topic),
            str(topic.partitions),
            "the newest of each key" if topic.cleanup == "compact" else f"{topic.retention_ms // DAY} d",
            topic.personal_data,
        )
        for topic in TOPICS
    ]
    return table(("topic", "key", "written by", "read by", "partitions", "kept", "personal data"), rows)


def message_table() -> str:
    """Every message with its topic, a link to its schema, what ``tenantid`` must equal, and the first line of its promise."""
    rows = [
        (
            f"[`{message.TYPE}`](schemas/{message.TYPE}.json)",
            f"`{topic.name}`",
            " or ".join(f"`{path}`" for path in message.TENANT) or "(not judged)",
            (inspect.getdoc(message) or "").partition("\n")[0],
        )
        for topic in TOPICS
        for message in topic.messages
    ]
    return table(("type", "topic", "`tenantid` equals", "says"), rows)


def claims_table() -> str:
    """What becomes of each claim of a command."""
    rows = [
        (f"`{rule.claim}`" if rule.claim.isidentifier() else rule.claim, rule.says, rule.becomes)
        for rule in claims.RULES
    ]
    return table(("claim", "says", "what becomes of it"), rows)


def put_between(text: str, block: str, content: str) -> str:
    """``text`` with ``content`` between the markers of ``block``; unchanged if it has no such markers."""
    begin, end = f"<!-- {block}:begin -->", f"<!-- {block}:end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{content}\n{end}", text)


def _readers(topic: Topic) -> str:
    """Watchers have no group there: what they read is nobody's offset."""
    if topic.kind == "snapshot":
        return "who holds a view of it (`kontor_contracts.authz`)"
    watched = f"; without a group: {_names(topic.watchers)}" if topic.watchers else ""
    return _names(topic.consumers) + watched


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
