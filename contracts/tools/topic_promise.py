"""The differences between the released topics and those of today. Rows are as in ``topics.json``."""

from collections.abc import Iterator, Mapping
from typing import Any

from promise import SEVERITIES, Change, Finding, Severity

Row = Mapping[str, Any]
DAY = 24 * 60 * 60 * 1000
PERSONAL = ("none", "ids", "contacts", "as-original")
"""From the least to the most."""

FIXED = {
    "owner": "who else announces there is not believed by its readers",
    "kind": "readers judge its records by it",
    "key": "the order of what belongs together is lost",
    "partitions": "keys move to other partitions, and their order is lost",
    "cleanup_policy": "records go that readers still count on",
}
PEOPLE = {"consumers": "reads", "watchers": "watches"}
JUDGED = {*FIXED, *PEOPLE, "name", "messages", "producers", "retention_ms", "max_message_bytes", "personal_data"}
JUDGED |= {"compatibility"}


def compare_topics(old: Row, new: Row) -> list[Finding]:
    """Two registries, as ``topics.json`` has them."""
    found: list[Finding] = []
    if old["partitioner"] != new["partitioner"]:
        detail = f"was {old['partitioner']} and is {new['partitioner']}: every key moves to another partition"
        found.append(Finding("topics", "partitioner", "moved", "breaking", detail))
    before, after = ({topic["name"]: topic for topic in registry["topics"]} for registry in (old, new))
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            found.append(Finding(name, "", "gone", "breaking", ""))
        elif name not in before:
            found.append(Finding(name, "", "new", "fine", ""))
        else:
            found += _topic(name, before[name], after[name])
    return found


def _topic(name: str, old: Row, new: Row) -> Iterator[Finding]:
    for place in sorted(new.keys() - JUDGED):
        yield Finding(name, place, "unknown-keyword", "breaking", place)
    for place, why in FIXED.items():
        if old[place] != new[place]:
            yield _moved(name, place, f"was {old[place]} and is {new[place]}: {why}")
    for type_ in old["messages"]:
        if type_ not in new["messages"]:
            yield _moved(name, type_, "does not come here any more, and its readers wait for it")
    yield from _writers(name, old, new)
    yield from _limits(name, old, new)
    for place, verb in PEOPLE.items():
        yield from (_said(name, place, f"{one} {verb} it now") for one in new[place] if one not in old[place])
        yield from (_said(name, place, f"{one} {verb} it no more") for one in old[place] if one not in new[place])
    if old.get("compatibility", new["compatibility"]) != new["compatibility"]:
        yield _moved(name, "compatibility", f"was {old['compatibility']} and is {new['compatibility']}")


def _writers(name: str, old: Row, new: Row) -> Iterator[Finding]:
    for one in new["producers"]:
        if one not in old["producers"]:
            foreign = new["kind"] == "events"
            text = f"{one} writes it, too" + (": events of anybody but the owner are parked" if foreign else "")
            yield _moved(name, "producers", text) if foreign else _said(name, "producers", text)
    for one in old["producers"]:
        if one not in new["producers"]:
            yield _moved(name, "producers", f"{one} must not write it any more")


def _limits(name: str, old: Row, new: Row) -> Iterator[Finding]:
    kept, size, data = "retention_ms", "max_message_bytes", "personal_data"
    if old[kept] != new[kept]:
        days = f"was {old[kept] / DAY:g} days and is {new[kept] / DAY:g}"
        if new[kept] < old[kept]:
            yield _moved(name, kept, f"{days}: who was away for so long has lost records")
        else:
            yield _said(name, kept, f"{days}: what is personal is kept for longer", "warning")
    if new[size] < old[size]:
        yield _moved(name, size, f"was {old[size]} and is {new[size]}: the broker refuses what was allowed")
    elif new[size] > old[size]:
        yield _said(name, size, f"was {old[size]} and is {new[size]}: readers have to fetch as much", "warning")
    if PERSONAL.index(new[data]) > PERSONAL.index(old[data]):
        yield _moved(name, data, f"was {old[data]} and is {new[data]}: its readers agreed to less")
    elif old[data] != new[data]:
        yield _said(name, data, f"was {old[data]} and is {new[data]}")


def _moved(name: str, place: str, detail: str) -> Finding:
    return _said(name, place, detail, SEVERITIES["moved"][0], "moved")


def _said(name: str, place: str, detail: str, severity: Severity = "fine", change: Change = "regrouped") -> Finding:
    return Finding(name, place, change, severity, detail)
