"""Readers of events take values that came later; commands stay closed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from samples import envelope_for
from schemas import OPEN, all_schemas

from kontor_contracts import decode, encode
from kontor_contracts.enrollment import EnrollmentRejected
from kontor_contracts.open_values import LONGEST, Unknown
from kontor_contracts.relationships import ImportCustomer
from kontor_contracts.topics import BY_NAME, TOPICS

EVENTS = {type_ for topic in TOPICS if topic.kind == "events" for type_ in topic.types}
COMMANDS = {type_ for topic in TOPICS if topic.kind == "commands" for type_ in topic.types}


def closed_lists(schema: Any) -> Iterator[Any]:
    if isinstance(schema, dict):
        if "enum" in schema and schema.get("type") == "string":
            yield schema["enum"]
        for one in schema.values():
            yield from closed_lists(one)
    if isinstance(schema, list):
        for one in schema:
            yield from closed_lists(one)


def test_no_event_has_a_closed_list_of_texts() -> None:
    closed = {type_: [*closed_lists(schema)] for type_, schema in all_schemas().items() if type_ in EVENTS}
    assert {type_: lists for type_, lists in closed.items() if lists} == {}


def test_commands_have_closed_lists_and_no_open_one() -> None:
    schemas = {type_: schema for type_, schema in all_schemas().items() if type_ in COMMANDS}
    assert any(closed_lists(schema) for schema in schemas.values())
    assert not any(OPEN in json.dumps(schema) for schema in schemas.values())
    with pytest.raises(ValidationError, match="permissions"):
        ImportCustomer.model_validate(
            {
                "portal": "p",
                "external_id": "1",
                "name": "X",
                "country": "DE",
                "partner_id": "4711",
                "permissions": ["fly"],
            }
        )


def rejected(reason: str) -> Any:
    envelope = envelope_for(BY_NAME["enrollment.events"], EnrollmentRejected, "notifications")
    document = json.loads(encode(envelope)[0])
    document["data"]["reason"] = reason
    return decode(json.dumps(document).encode(), encode(envelope)[1], {EnrollmentRejected.TYPE: EnrollmentRejected})


def test_an_unknown_value_is_named_and_kept() -> None:
    newer = rejected("sanctioned")
    assert isinstance(newer.data.reason, Unknown) and newer.data.reason == "sanctioned"
    assert json.loads(encode(newer)[0])["data"]["reason"] == "sanctioned"


def test_a_known_value_is_no_unknown_one() -> None:
    known = rejected("no-response")
    assert known.data.reason == "no-response" and not isinstance(known.data.reason, Unknown)


@pytest.mark.parametrize("value", ["", "x" * (LONGEST + 1)])
def test_an_unknown_value_is_a_short_text(value: str) -> None:
    with pytest.raises(ValueError, match="reason"):
        rejected(value)
