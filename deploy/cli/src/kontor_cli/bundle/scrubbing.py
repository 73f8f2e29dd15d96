"""What of settings, log lines and reports may leave the house. Pure.

Logs hold no secret and no person by themselves. A bundle trusts nobody, since a library's error or a line of another program may:
of a line only fields known by name are kept, and of these only values of the expected form.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

HIDDEN = "(set, not shown)"
SHOWN = {
    "KAFKA_BOOTSTRAP",
    "KAFKA_MECHANISM",
    "KAFKA_SECURITY",
    "TOPIC_PREFIX",
    "MONGO_DATABASE",
    "ENVIRONMENT",
    "LOG_LEVEL",
    "SERVICE",
    "VERSION",
    "REVISION",
}
"""Settings whose value is shown. Numbers and switches are, too; of addresses only scheme, host and port."""
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?|true|false|null", re.IGNORECASE)

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]{5,15}(Z|[+-]\d\d:\d\d)")
ID = re.compile(r"([a-z-]{1,32}:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{32}")
ROUTE = re.compile(r"(/[a-z0-9.-]*|/\{[a-z_]+(:[a-z]+)?\})+|unmatched")
FIELDS: Mapping[str, re.Pattern[str]] = {
    "timestamp": MOMENT,
    "event": re.compile(r"[a-z][a-z0-9_]{0,63}"),
    **dict.fromkeys(("correlation_id", "message_id", "mail_id", "subject", "trace_id", "span_id"), ID),
    "route": ROUTE,
    **dict.fromkeys(
        (
            "level",
            "logger",
            "service",
            "version",
            "environment",
            "message_type",
            "topic",
            "method",
            "outcome",
            "template",
            "kind",
            "dependency",
            "code",
        ),
        WORD,
    ),
}
"""Fields of log lines whose texts are kept where they have this form. Numbers and switches are kept under any name."""
FRAME = re.compile(r'^ *File "[^"]*?([^/"]+/[^/"]+\.py)", line (\d+), in (\w+|<\w+>)$', re.MULTILINE)
RAISED = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Timeout))\b", re.MULTILINE)


def settings(variables: Mapping[str, str]) -> dict[str, str]:
    """Those with our prefix."""
    return {name: _setting(name.removeprefix("KONTOR_"), variables[name]) for name in sorted(variables) if _ours(name)}


def _ours(name: str) -> bool:
    return name.startswith("KONTOR_") and WORD.fullmatch(name) is not None


def _setting(name: str, value: str) -> str:
    if name in SHOWN or NUMBER.fullmatch(value):
        return value if "@" not in value else HIDDEN
    if name.endswith("_URL") and not name.startswith("MONGO"):
        return _address(value)
    return HIDDEN


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{parts.hostname}{port}"


def log_lines(lines: Iterable[str]) -> tuple[list[dict[str, Any]], int]:
    """What may be shown of each line, and how many lines were left out because they are not ours."""
    kept, left_out = [], 0
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if isinstance(found, dict) and isinstance(found.get("event"), str):
            kept.append(_line(found))
        else:
            left_out += 1
    return kept, left_out


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in line.items():
        if not WORD.fullmatch(name):
            continue
        if name == "exception":
            shown[name] = _raised(str(value))
        elif value is None or isinstance(value, (bool, int, float)):
            shown[name] = value
        elif name in FIELDS:
            shown[name] = value if isinstance(value, str) and FIELDS[name].fullmatch(value) else "(left out)"
    return shown


def _raised(text: str) -> list[str]:
    """Where it was raised, and its class; not what it said."""
    return [f"{file}:{number} {function}" for file, number, function in FRAME.findall(text)] + RAISED.findall(text)[-1:]


def report(value: Any) -> Any:
    """A service's report of itself: its structure, numbers, and texts of the expected forms."""
    match value:
        case dict():
            return {str(name): report(one) for name, one in value.items() if WORD.fullmatch(str(name))}
        case list():
            return [report(one) for one in value]
        case str() if any(form.fullmatch(value) for form in (WORD, MOMENT, ID, NUMBER)):
            return value
        case str():
            return RAISED.findall(value)[0] if RAISED.findall(value) else "(left out)"
        case _:
            return value


LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def metrics(text: str) -> str:
    """Series with names of ours as they are; a label's value that is neither a word nor a route is left out."""

    def judged(found: re.Match[str]) -> str:
        value = found[2]
        fits = any(form.fullmatch(value) for form in (WORD, ROUTE, NUMBER)) or value in {"?", "+Inf", ""}
        return f'{found[1]}="{value if fits else "(left out)"}"'

    return "\n".join(LABEL.sub(judged, line) for line in text.splitlines() if not line.startswith("#")) + "\n"
