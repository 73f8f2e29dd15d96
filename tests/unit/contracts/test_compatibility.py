"""The gate: what may change within v1, what may not, and who goes first."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, get_args

import pytest
import release
from compatibility import Schema, compare
from promise import Change, Finding, Kind, Severity
from schemas import OPEN, all_schemas

from kontor_contracts.enrollment import EnrollmentRejected, RejectionReason
from kontor_contracts.relationships import ImportCustomer, ResellersAuthorized

SCHEMAS = all_schemas()
EVENT, COMMAND, NESTED = EnrollmentRejected, ImportCustomer, ResellersAuthorized


def data_of(schema: Schema, definition: str) -> dict[str, Any]:
    properties: dict[str, Any] = schema["$defs"][definition]["properties"]
    return properties


def changed(type_: str, change: Callable[[Schema], object]) -> list[Finding]:
    """What the gate finds when ``change`` is made to today's schema of the type."""
    schema = deepcopy(SCHEMAS[type_])
    change(schema)
    return release.findings({type_: SCHEMAS[type_]}, {type_: schema})


def add(name: str, node: Schema, *, required: bool = False) -> Callable[[Schema], object]:
    def change(schema: Schema) -> None:
        definition = schema["$defs"][schema["title"]]
        definition["properties"][name] = node
        if required:
            definition["required"].append(name)

    return change


def set_in(name: str, **values: Any) -> Callable[[Schema], object]:
    return lambda schema: data_of(schema, schema["title"])[name].update(values)


def drop(name: str) -> Callable[[Schema], object]:
    return lambda schema: data_of(schema, schema["title"]).pop(name)


def not_required(name: str) -> Callable[[Schema], object]:
    return lambda schema: schema["$defs"][schema["title"]]["required"].remove(name)


def rename(old: str, new: str) -> Callable[[Schema], object]:
    def change(schema: Schema) -> None:
        properties = data_of(schema, schema["title"])
        properties[new] = properties.pop(old)

    return change


REASONS = list(get_args(RejectionReason))
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("message", "change", "severity", "kind", "place"),
    [
        (EVENT, add("note", TEXT), "fine", "added", "data.note"),
        (COMMAND, add("note", TEXT), "fine", "added", "data.note"),
        (EVENT, add("note", TEXT, required=True), "breaking", "required", "data.note"),
        (COMMAND, add("note", TEXT, required=True), "breaking", "required", "data.note"),
        (EVENT, drop("reviewed_by"), "breaking", "removed", "data.reviewed_by"),
        (COMMAND, drop("name"), "breaking", "removed", "data.name"),
        (EVENT, rename("contact", "recipient"), "breaking", "removed", "data.contact"),
        (EVENT, set_in("reviewed_by", type="integer"), "breaking", "retyped", "data.reviewed_by"),
        (EVENT, not_required("reviewed_by"), "breaking", "optional", "data.reviewed_by"),
        (COMMAND, not_required("name"), "fine", "optional", "data.name"),
        (EVENT, set_in("reason", **{OPEN: [*REASONS, "sanctioned"]}), "fine", "extended", "data.reason"),
        (EVENT, set_in("reason", **{OPEN: REASONS[:2]}), "breaking", "narrowed", "data.reason"),
        (EVENT, set_in("reason", **{OPEN: ["other", *REASONS[:2]]}), "breaking", "narrowed", "data.reason"),
        (COMMAND, set_in("name", enum=["Müller"]), "breaking", "narrowed", "data.name"),
        (COMMAND, set_in("name", pattern="^M"), "breaking", "reworded", "data.name"),
        (EVENT, set_in("company_name", pattern="^M"), "warning", "reworded", "data.company_name"),
        (COMMAND, set_in("name", maxLength=100), "breaking", "narrowed", "data.name"),
        (COMMAND, set_in("name", maxLength=300), "fine", "widened", "data.name"),
        (EVENT, set_in("company_name", maxLength=300), "warning", "widened", "data.company_name"),
        (COMMAND, set_in("name", minLength=5), "breaking", "narrowed", "data.name"),
        (COMMAND, set_in("permissions", default=["order"]), "breaking", "reworded", "data.permissions"),
        (COMMAND, set_in("permissions", minItems=1), "breaking", "narrowed", "data.permissions"),
    ],
)
def test_each_change_has_its_verdict(
    message: Any, change: Callable[[Schema], object], severity: Severity, kind: Change, place: str
) -> None:
    found = changed(message.TYPE, change)
    assert (severity, kind, place) in {(one.severity, one.change, one.place) for one in found}
    assert all(one.severity == "fine" for one in found) == (severity == "fine")


def test_nothing_changed_means_nothing_found() -> None:
    assert release.findings(SCHEMAS, SCHEMAS) == []


@pytest.mark.parametrize("keyword", ["title", "description"])
def test_words_for_readers_may_change(keyword: str) -> None:
    assert changed(EVENT.TYPE, lambda schema: schema.update({keyword: "other words"})) == []


def test_a_closed_list_may_open_and_never_close_again() -> None:
    closed, opened = {"type": "string", "enum": ["a", "b"]}, {"type": "string", "maxLength": 100, OPEN: ["a", "b", "c"]}
    assert [one.change for one in compare("t", "events", closed, opened)] == ["opened", "extended"]
    assert "narrowed" in [one.change for one in compare("t", "events", opened, closed)]


def test_a_change_deep_inside_is_found_and_placed() -> None:
    found = changed(NESTED.TYPE, lambda schema: data_of(schema, "Recipient").pop("email"))
    assert {one.place for one in found} == {"data.contact.email", "data.grants[].partner.contact.email"}
    assert {one.severity for one in found} == {"breaking"}


def test_a_change_of_the_envelope_is_found() -> None:
    found = changed(EVENT.TYPE, lambda schema: schema["properties"].pop("partitionkey"))
    assert [(one.place, one.change) for one in found] == [("partitionkey", "removed")]


def test_null_is_a_type_of_its_own() -> None:
    optional = {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}], "default": None}
    old, new = ({"properties": {"x": node}} for node in (optional, {"type": "string", "maxLength": 5, "default": None}))
    assert [one.change for one in compare("t", "events", old, new)] == ["narrowed"]
    assert [one.change for one in compare("t", "events", new, old)] == ["nullable"]
    longer: Schema = deepcopy(old)
    longer["properties"]["x"]["anyOf"][0]["maxLength"] = 9
    assert [one.change for one in compare("t", "events", old, longer)] == ["widened"]


@pytest.mark.parametrize("kind", ["events", "commands"])
def test_a_message_that_is_gone_breaks_and_a_new_one_does_not(kind: Kind) -> None:
    schema = SCHEMAS[EVENT.TYPE]
    assert [one.severity for one in compare(EVENT.TYPE, kind, schema, None)] == ["breaking"]
    assert [one.severity for one in compare(EVENT.TYPE, kind, None, schema)] == ["fine"]


def test_a_new_field_of_an_event_is_written_first() -> None:
    assert release.rollout(changed(EVENT.TYPE, add("note", TEXT))) == [
        f"{EVENT.TYPE}: producers (enrollment) first, then consumers (identity, relationships, notifications)"
    ]


@pytest.mark.parametrize(
    ("message", "change", "readers"),
    [
        (COMMAND, add("note", TEXT), "relationships"),
        (EVENT, set_in("company_name", maxLength=300), "identity, relationships, notifications"),
    ],
)
def test_what_must_be_understood_is_read_first(message: Any, change: Callable[[Schema], object], readers: str) -> None:
    (line,) = release.rollout(changed(message.TYPE, change))
    assert line.startswith(f"{message.TYPE}: consumers ({readers}) first, then producers")


def test_what_breaks_has_no_order() -> None:
    found = changed(EVENT.TYPE, drop("reviewed_by"))
    assert release.rollout(found) == []
    assert "publish a v2 type" in "\n".join(release.report(found, "main"))
