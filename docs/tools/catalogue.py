"""The message catalogue: a page for every message, and one for every topic's list of them."""

import inspect
import json
from pathlib import Path
from typing import Any

from fields import cell, field_table
from schemas import all_schemas
from topic_table import table

from kontor_contracts import Payload, Refusal
from kontor_contracts.personal import class_of
from kontor_contracts.topics import DAY, TOPICS, Topic


def pages(root: Path) -> dict[str, str]:
    """Path in the site → Markdown."""
    found = {"messages/README.md": _overview()}
    for topic in TOPICS:
        for message in topic.messages:
            found[f"messages/{message.TYPE}.md"] = _page(root, topic, message)
    return found


def _overview() -> str:
    parts = ["# Messages", "Every message of the program by its topic: what it says, its fields, an example."]
    for topic in TOPICS:
        if topic.messages:
            rows = [(f"[{message.__name__}]({message.TYPE}.md)", cell(_first(message))) for message in topic.messages]
            parts += [f"## {topic.name}", _facts(topic), table(("message", "says"), rows)]
    return "\n\n".join(parts) + "\n"


def _facts(topic: Topic) -> str:
    """What a reader or a writer of the topic must know."""
    return table(
        ("key", "written by", "read by", "partitions", "kept", "personal data", "compatibility"),
        [
            (
                topic.key,
                ", ".join(topic.producers),
                ", ".join((*topic.consumers, *topic.watchers)) or "nobody here: it is public",
                str(topic.partitions),
                f"{topic.retention_ms // DAY} days",
                topic.personal_data,
                topic.compatibility,
            )
        ],
    )


def _page(root: Path, topic: Topic, message: type[Payload]) -> str:
    schema = all_schemas()[message.TYPE]
    data = _data(schema)
    parts = [
        f"# {message.__name__}",
        f"`{message.TYPE}` on [`{topic.name}`](README.md#{topic.name.replace('.', '')})"
        + (" (the answer to a command that was refused)" if issubclass(message, Refusal) else ""),
        inspect.getdoc(message) or "",
        "## Fields of `data`",
        field_table(data, schema["$defs"]),
        _personal(data, schema["title"]),
        f"The whole envelope: [JSON Schema](../contracts/schemas/{message.TYPE}.json).",
        "## Example",
        *_examples(root, message),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _data(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["$defs"][schema["title"]]
    return found


def _personal(data: dict[str, Any], model: str) -> str:
    """Names what is personal at the first level; ``personal_data.json`` has the rest."""
    named = {name: class_of(model, name) for name in data.get("properties", {})}
    found = [f"`{name}` ({class_})" for name, class_ in named.items() if class_ in {"words", "contact", "sealed"}]
    return f"Personal: {', '.join(found)}." if found else ""


def _examples(root: Path, message: type[Payload]) -> list[str]:
    paths = sorted((root / "contracts/examples" / message.TYPE).glob("*.json"))
    return [
        f"```json\n{json.dumps(json.loads(path.read_text('utf-8')), indent=2, ensure_ascii=False)}\n```"
        for path in paths
    ]


def _first(message: type[Payload]) -> str:
    return (inspect.getdoc(message) or "").partition("\n")[0]
