"""The gate as a mutation test: 52 edits that break somebody are each refused in the right words, 19 harmless ones pass."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import topic_table
from promise import Finding
from release import findings, report
from schemas import all_schemas
from topic_promise import compare_topics

SCHEMAS, TOPICS = all_schemas(), topic_table.as_data()
EVENT = "kontor.enrollment.enrollment-rejected.v1"
ACTIVATED = "kontor.enrollment.enrollment-activated.v1"
AUTHORIZED = "kontor.relationships.resellers-authorized.v1"
COMMAND = "kontor.relationships.import-customer.v1"
REPORT = "kontor.relationships.report-subscriptions.v1"
REFUSED = "kontor.relationships.customer-import-refused.v1"
DAY = 24 * 60 * 60 * 1000

Schemas = dict[str, dict[str, Any]]
Edit = Callable[[Schemas, dict[str, Any]], object]


def fields(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["$defs"][schema["title"]]["properties"]
    return found


def put(type_: str, name: str, **values: Any) -> Edit:
    return lambda schemas, _: fields(schemas[type_])[name].update(values)


def replace(type_: str, name: str, node: dict[str, Any]) -> Edit:
    return lambda schemas, _: fields(schemas[type_]).update({name: node})


def without(type_: str, name: str, keyword: str) -> Edit:
    return lambda schemas, _: fields(schemas[type_])[name].pop(keyword)


def gone(type_: str, name: str) -> Edit:
    return lambda schemas, _: fields(schemas[type_]).pop(name)


def renamed(type_: str, old: str, new: str) -> Edit:
    def edit(schemas: Schemas, _: dict[str, Any]) -> None:
        fields(schemas[type_])[new] = fields(schemas[type_]).pop(old)

    return edit


def needed(type_: str, name: str, node: dict[str, Any] | None = None) -> Edit:
    def edit(schemas: Schemas, _: dict[str, Any]) -> None:
        schema = schemas[type_]
        if node is not None:
            fields(schema)[name] = node
        schema["$defs"][schema["title"]]["required"].append(name)

    return edit


def missing(type_: str, name: str) -> Edit:
    return lambda schemas, _: schemas[type_]["$defs"][schemas[type_]["title"]]["required"].remove(name)


def nullable(type_: str, name: str) -> Edit:
    def edit(schemas: Schemas, _: dict[str, Any]) -> None:
        fields(schemas[type_])[name] = {"anyOf": [fields(schemas[type_])[name], {"type": "null"}]}

    return edit


def never_null(type_: str, name: str) -> Edit:
    def edit(schemas: Schemas, _: dict[str, Any]) -> None:
        fields(schemas[type_])[name] = fields(schemas[type_])[name]["anyOf"][0]

    return edit


def in_envelope(type_: str, name: str, change: Callable[[dict[str, Any]], object]) -> Edit:
    return lambda schemas, _: change(schemas[type_]["properties"][name])


def topic(name: str, **values: Any) -> Edit:
    return lambda _, topics: row(topics, name).update(values)


def row(topics: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in topics["topics"] if one["name"] == name)
    return found


def listed(name: str, place: str, *, add: str = "", drop: str = "") -> Edit:
    def edit(_: Schemas, topics: dict[str, Any]) -> None:
        found = row(topics, name)
        found[place] = [one for one in [*found[place], *([add] if add else [])] if one != drop]

    return edit


def moved(_: Schemas, topics: dict[str, Any]) -> None:
    row(topics, "enrollment.events")["messages"].remove(EVENT)
    row(topics, "identity.events")["messages"].append(EVENT)


def values(type_: str, name: str) -> list[str]:
    found: list[str] = fields(SCHEMAS[type_])[name]["x-extensible-enum"]
    return found


def found_after(edit: Edit) -> list[Finding]:
    schemas, topics = deepcopy(SCHEMAS), deepcopy(TOPICS)
    edit(schemas, topics)
    return [*compare_topics(TOPICS, topics), *findings(SCHEMAS, schemas)]


TEXT = {"type": "string"}
BREAKING: list[tuple[str, Edit, str]] = [
    ("a field is gone", gone(EVENT, "reviewed_by"), "`data.reviewed_by` is gone, and readers still look for it"),
    ("a field of a command is gone", gone(COMMAND, "name"), "`data.name` is gone"),
    ("a field is renamed", renamed(EVENT, "contact", "recipient"), "`data.contact` is gone"),
    ("a field deep inside is gone", lambda s, _: s[AUTHORIZED]["$defs"]["Recipient"]["properties"].pop("email"),
     "`data.grants[].partner.contact.email` is gone"),
    ("text becomes a number", replace(COMMAND, "country", {"type": "number"}), "`data.country` was text and is a number"),
    ("text becomes a list", replace(EVENT, "reviewed_by", {"type": "array", "items": TEXT}),
     "`data.reviewed_by` was text and is a list"),
    ("a number becomes text", replace(REPORT, "active", TEXT), "`data.active` was a whole number and is text"),
    ("a list becomes one", replace(COMMAND, "permissions", TEXT), "`data.permissions` was a list and is text"),
    ("an object becomes text", replace(EVENT, "contact", TEXT), "`data.contact` was an object and is text"),
    ("text or a number", put(EVENT, "reviewed_by", type=["string", "integer"]), "was text and is text or a whole number"),
    ("a union", replace(EVENT, "reviewed_by", {"anyOf": [TEXT, {"type": "integer"}]}), "`data.reviewed_by` was"),
    ("an item is of another type", lambda s, _: fields(s[COMMAND])["permissions"].update(items={"type": "integer"}),
     "`data.permissions[]` was text and is a whole number"),
    ("a new field is required", needed(EVENT, "note", TEXT), "`data.note` has to be there now, though it is new"),
    ("a new field of a command is required", needed(COMMAND, "note", TEXT), "`data.note` has to be there now"),
    ("a field is required", needed(COMMAND, "domain"), "`data.domain` has to be there now; it is missing in what was"),
    ("a field may be missing", missing(EVENT, "reviewed_by"), "`data.reviewed_by` may be missing now"),
    ("a field may be null", nullable(EVENT, "reviewed_by"), "`data.reviewed_by` may be null now"),
    ("a field is never null", never_null(COMMAND, "domain"), "`data.domain` takes less now: was text or null and is text"),
    ("a value is gone", put(EVENT, "reason", **{"x-extensible-enum": values(EVENT, "reason")[:2]}),
     "`data.reason` takes less now: without "),
    ("a refusal's reason is gone", put(REFUSED, "reason", **{"x-extensible-enum": values(REFUSED, "reason")[1:]}),
     f"without {values(REFUSED, 'reason')[0]}"),
    ("a refusal's reason is renamed",
     put(REFUSED, "reason", **{"x-extensible-enum": ["no", *values(REFUSED, "reason")[1:]]}), "takes less now"),
    ("an open list is closed", replace(EVENT, "reason", {"type": "string", "enum": values(EVENT, "reason")}),
     "`data.reason` takes less now: any value before"),
    ("a command's value is gone", lambda s, _: fields(s[COMMAND])["permissions"]["items"].update(enum=["order"]),
     "`data.permissions[]` takes less now: administer, order before, and now order"),
    ("a text may have fewer characters", put(COMMAND, "name", maxLength=100), "takes less now: maxLength was 200 and is 100"),
    ("a text must have more characters", put(COMMAND, "name", minLength=5), "takes less now: minLength was 1 and is 5"),
    ("a number has to be larger", put(REPORT, "active", minimum=1), "takes less now: minimum was 0 and is 1"),
    ("a number has to be smaller", put(REPORT, "active", maximum=9), "takes less now: maximum was 10000000 and is 9"),
    ("a list may not be empty", put(COMMAND, "permissions", minItems=1), "takes less now: minItems was none and is 1"),
    ("a pattern comes", put(EVENT, "reason", pattern="^m"), 'takes less now: pattern was none and is "^m"'),
    ("a command's pattern changes", put(COMMAND, "country", pattern="^[A-Z]{3}$"),
     "`data.country` reads differently: pattern was"),
    ("a command's default changes", put(COMMAND, "permissions", default=["order"]), "reads differently: default was"),
    ("a time is any text", lambda s, _: s[EVENT]["properties"]["time"].pop("format"),
     '`time` format was "date-time" and is none'),
    ("a keyword of no rule", put(EVENT, "reviewed_by", contentEncoding="base64"),
     "has a keyword that this gate does not know: contentEncoding"),
    ("a keyword of no rule in a definition", lambda s, _: s[EVENT]["$defs"]["Recipient"].update(minProperties=1),
     "has a keyword that this gate does not know: minProperties"),
    ("no more fields", lambda s, _: s[EVENT]["$defs"]["EnrollmentRejected"].update(additionalProperties=False), "`data` was"),
    ("an attribute is gone", lambda s, _: s[EVENT]["properties"].pop("partitionkey"), "`partitionkey` is gone"),
    ("a type is gone", lambda s, _: s.pop(EVENT), "it is gone, and somebody still writes or reads it"),
    ("a topic is gone", lambda _, t: t["topics"].remove(row(t, "notifications.events")), "notifications.events: it is gone"),
    ("fewer partitions", topic("identity.events", partitions=6), "was 12 and is 6: keys move to other partitions"),
    ("more partitions", topic("identity.events", partitions=24), "was 12 and is 24: keys move"),
    ("another key", topic("relationships.commands", key="portal"), "the order of what belongs together is lost"),
    ("another owner", topic("identity.events", owner="enrollment"), "`owner` was identity and is enrollment"),
    ("another topic for a type", moved, f"`{EVENT}` does not come here any more"),
    ("kept for less long", topic("identity.events", retention_ms=7 * DAY), "was 14 days and is 7: who was away"),
    ("smaller records", topic("identity.events", max_message_bytes=1000), "the broker refuses what was allowed"),
    ("more personal data", topic("relationships.commands", personal_data="contacts"),
     "was none and is contacts: its readers agreed"),
    ("compacted", topic("identity.events", cleanup_policy="compact"), "was delete and is compact: records go"),
    ("a second writer of events", listed("identity.events", "producers", add="enrollment"),
     "events of anybody but the owner"),
    ("a writer is shut out", listed("relationships.commands", "producers", drop="other portals"),
     "other portals must not write it any more"),
    ("another partitioner", lambda _, t: t.update(partitioner="crc32"), "was murmur2 and is crc32"),
    ("a property of no rule", topic("identity.events", tiered=True), "has a keyword that this gate does not know: tiered"),
    ("a weaker promise", topic("identity.events", compatibility="NONE"), "was FULL_TRANSITIVE and is NONE"),
]  # fmt: skip

HARMLESS: list[tuple[str, Edit, str | None]] = [
    ("a new field", replace(EVENT, "note", {"anyOf": [TEXT, {"type": "null"}], "default": None}), "producers"),
    ("a new field of a command", replace(COMMAND, "note", {"anyOf": [TEXT, {"type": "null"}]}), "consumers"),
    ("a further value", put(EVENT, "reason", **{"x-extensible-enum": [*values(EVENT, "reason"), "other"]}), "consumers"),
    ("a further reason", put(REFUSED, "reason", **{"x-extensible-enum": [*values(REFUSED, "reason"), "no"]}), "consumers"),
    ("a new type", lambda s, _: s.update({"kontor.enrollment.call-asked.v1": s[EVENT]}), None),
    ("a new topic", lambda _, t: t["topics"].append({**row(t, "identity.events"), "name": "billing.events"}), None),
    ("a command's field may be missing", missing(COMMAND, "name"), "consumers"),
    ("a command's field may be null", nullable(COMMAND, "name"), "consumers"),
    ("a command takes longer text", put(COMMAND, "name", maxLength=300), "consumers"),
    ("a command takes any country", without(COMMAND, "country", "pattern"), "consumers"),
    ("an event's text is longer", put(EVENT, "company_name", maxLength=300), "consumers"),
    ("another title", lambda s, _: s[EVENT].update(description="In other words."), None),
    ("examples", put(EVENT, "reviewed_by", examples=["u1"]), None),
    ("one more reader", listed("notifications.events", "consumers", add="identity"), None),
    ("one reader less", listed("notifications.events", "consumers", drop="enrollment"), None),
    ("a command of one more writer", listed("relationships.commands", "producers", add="billing"), None),
    ("kept for longer", topic("identity.events", retention_ms=30 * DAY), None),
    ("larger records", topic("identity.events", max_message_bytes=2 * 1024 * 1024), None),
    ("less personal data", topic("identity.events", personal_data="ids"), None),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "words"), [pytest.param(edit, words, id=name) for name, edit, words in BREAKING])
def test_an_edit_that_breaks_somebody_is_refused_in_words(edit: Edit, words: str) -> None:
    broken = [str(one) for one in found_after(edit) if one.severity == "breaking"]
    assert any(words in line for line in broken), broken


@pytest.mark.parametrize(("edit", "first"), [pytest.param(edit, first, id=name) for name, edit, first in HARMLESS])
def test_a_harmless_edit_passes_and_says_who_goes_first(edit: Edit, first: str | None) -> None:
    found = found_after(edit)
    assert [str(one) for one in found if one.severity == "breaking"] == []
    if first is not None:
        assert re.search(rf"rollout .*: {first} \(.*\) first", "\n".join(report(found, "the release")))


def test_there_are_enough_edits_of_both_kinds() -> None:
    assert len({name for name, *_ in BREAKING}) == len(BREAKING) >= 40
    assert len({name for name, *_ in HARMLESS}) == len(HARMLESS) >= 15


def test_nothing_edited_is_nothing_found() -> None:
    assert found_after(lambda *_: None) == []
