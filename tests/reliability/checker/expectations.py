"""Which events are those that an entry of the ledger expects."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reliability.checker.events import Event
from reliability.history import Expected

Shape = tuple[str, ...]


class Expectations:
    """Finds events by fields of their data. Each set of fields asked for is indexed once: a question costs one look."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._by_type: dict[str, list[Event]] = {}
        for event in events:
            self._by_type.setdefault(event.type, []).append(event)
        self._indexes: dict[tuple[str, Shape], dict[str, dict[str, Event]]] = {}

    def find(self, expected: Expected) -> Mapping[str, Event]:
        """By message id, the first record of each event that is one."""
        shape = tuple(sorted(expected.where))
        index = self._indexes.get((expected.type, shape))
        if index is None:
            index = self._indexes[expected.type, shape] = self._index(expected.type, shape)
        return index.get(_key([expected.where[path] for path in shape]), {})

    def _index(self, type: str, shape: Shape) -> dict[str, dict[str, Event]]:
        index: dict[str, dict[str, Event]] = {}
        for event in self._by_type.get(type, ()):
            data = event.message.get("data")
            index.setdefault(_key([_at(data, path) for path in shape]), {}).setdefault(event.id, event)
        return index


def name(expected: Expected) -> str:
    where = ", ".join(f"{path}={value}" for path, value in expected.where.items())
    return f"{expected.type} with {where}" if where else expected.type


def identity(expected: Expected) -> tuple[str, str]:
    """The same for expectations that the same events meet."""
    return expected.type, _key(sorted(expected.where.items()))


ABSENT = {"": "absent"}


def _at(data: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return ABSENT
    return data


def _key(value: Any) -> str:
    # As JSON: a tuple expected is a list found, and 1 is not true.
    return json.dumps(value, sort_keys=True, default=str)
