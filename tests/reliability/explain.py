"""What the services wrote down about an answer that nobody should get."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

CORRELATION = re.compile(r'"correlation_id":"([^"]+)"')


def explained(surprise: str, logs: Mapping[str, str]) -> str:
    """The answer, and what any instance logged about its request beside the request itself."""
    found = CORRELATION.search(surprise)
    return "\n".join([surprise, *_notes(found[1], logs)]) if found else surprise


def _notes(correlation: str, logs: Mapping[str, str]) -> Iterator[str]:
    for instance, log in logs.items():
        for line in log.splitlines():
            # A process that was killed may have left half a line.
            with suppress(ValueError):
                if correlation in line and (entry := json.loads(line))["level"] != "info":
                    yield f"{instance}: {entry['event']}\n{entry.get('exception', '')}"
