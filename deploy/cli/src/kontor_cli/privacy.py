"""What of a record may be shown to somebody who only looks after the machinery. Pure.

The envelope's attributes are ids, times and types; the data of some topics holds names and addresses of people. Those are
hidden unless they are asked for, and so is everything that does not look as it should: a broken record may hold anything
anywhere.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from kontor_cli.letters import Letter
from kontor_contracts import Envelope
from kontor_contracts.topics import BY_NAME

HIDDEN = "[hidden]"
PLAIN = re.compile(r"[A-Za-z0-9:._/+-]{0,256}")
"""Ids, times, URNs, types: no spaces, no @."""
MEDIA_TYPE = re.compile(r"[A-Za-z0-9/+.-]+(; ?charset=[A-Za-z0-9-]+)?", re.IGNORECASE)
OWN = ("content-type", "message-type", "message-id", "traceparent")


def readable_key(letter: Letter, *, reveal: bool) -> str | None:
    return None if letter.key is None else _plain(letter.key.decode(errors="replace"), reveal=reveal)


def readable_headers(letter: Letter, *, reveal: bool) -> list[tuple[str, str | None]]:
    """The record's own, without the notes."""
    return [
        (_plain(name, reveal=reveal), None if raw is None else _header(name, raw, reveal=reveal))
        for name, raw in letter.own_headers
    ]


def readable_value(letter: Letter, *, prefix: str, reveal: bool) -> str | None:
    if letter.value is None:
        return None
    if reveal:
        return letter.value.decode(errors="replace")
    topic = BY_NAME.get(letter.place.topic.removeprefix(prefix))
    harmless = topic is not None and topic.personal_data in ("none", "ids") and letter.stage != "parse"
    try:
        body = json.loads(letter.value)
        return json.dumps(body if harmless else _masked_message(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"[{len(letter.value)} bytes that are no JSON]"


def _masked_message(body: Any) -> Any:
    if not isinstance(body, dict) or "specversion" not in body:
        return _masked(body)
    return {_plain(name, reveal=False): _attribute(name, value) for name, value in body.items()}


def _attribute(name: str, value: Any) -> Any:
    if name in Envelope.model_fields and name != "data" and isinstance(value, str):
        allowed = MEDIA_TYPE if name == "datacontenttype" else PLAIN
        return value if allowed.fullmatch(value) else HIDDEN
    return _masked(value)


def _masked(value: Any) -> Any:
    match value:
        case Mapping():
            return {_plain(str(name), reveal=False): _field(str(name), inner) for name, inner in value.items()}
        case list():
            return [_masked(inner) for inner in value]
        case bool() | None:
            return value
        case _:
            return HIDDEN


def _field(name: str, value: Any) -> Any:
    if name.endswith("_id") and isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return _masked(value)


def _header(name: str, raw: bytes, *, reveal: bool) -> str:
    text = raw.decode(errors="replace")
    if reveal:
        return text
    if name == "content-type":
        return text if MEDIA_TYPE.fullmatch(text) else HIDDEN
    return _plain(text, reveal=False) if name in OWN or name.startswith("ce_") else HIDDEN


def _plain(text: str, *, reveal: bool) -> str:
    return text if reveal or PLAIN.fullmatch(text) else HIDDEN
