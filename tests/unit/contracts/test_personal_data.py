"""Each text of each message has a class of personal data, and its topic promises no less."""

from typing import Any

import pytest
from personal_fields import personal_fields
from schemas import all_schemas

from kontor_contracts.personal import BY_NAME, ORDER
from kontor_contracts.topics import DAY, TOPICS, Topic

FIELDS = personal_fields()
MOST_DAYS = {"none": 30, "ids": 30, "contacts": 14, "as-original": 30}
"""A topic keeps nothing for longer than this, by its class. Dead letters wait for an operator."""
SECRETS = ("password", "secret", "token", "totp", "recovery", "private", "credential", "access_code", "pin")

carrying = pytest.mark.parametrize("topic", [one for one in TOPICS if one.messages], ids=lambda topic: topic.name)


@pytest.mark.parametrize("type_", FIELDS)
def test_every_text_has_a_class(type_: str) -> None:
    without = [path for path, class_ in FIELDS[type_].items() if class_ is None]
    assert without == [], "say in kontor_contracts/personal.py how personal it is"


@pytest.mark.parametrize("type_", FIELDS)
def test_no_message_has_a_field_for_a_secret(type_: str) -> None:
    names = [path.rpartition(".")[2] for path in FIELDS[type_]]
    assert [name for name in names if any(word in name for word in SECRETS) and not name.startswith("sealed_")] == []


def test_sealed_fields_are_those_of_class_sealed() -> None:
    for fields in FIELDS.values():
        for path, class_ in fields.items():
            assert (class_ == "sealed") == path.rpartition(".")[2].startswith("sealed_"), path


@carrying
def test_a_topic_promises_the_class_of_what_it_carries(topic: Topic) -> None:
    highest = max(
        (class_ for type_ in topic.types for class_ in FIELDS[type_].values() if class_ is not None), key=ORDER.index
    )
    least = {"none": "none", "id": "ids", "company": "none"}.get(highest, "contacts")
    people = any(path.endswith(("_by", "user_id")) for type_ in topic.types for path in FIELDS[type_])
    assert topic.personal_data == ("ids" if least == "none" and people else least), highest


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_keeps_nothing_for_longer_than_its_class_allows(topic: Topic) -> None:
    assert topic.retention_ms <= MOST_DAYS[topic.personal_data] * DAY


def test_no_class_is_given_to_a_field_that_no_message_has() -> None:
    used: set[str] = set()
    for schema in all_schemas().values():
        definitions: dict[str, Any] = schema["$defs"]
        for model, definition in definitions.items():
            used |= definition["properties"].keys() | {f"{model}.{name}" for name in definition["properties"]}
    assert BY_NAME.keys() - used == set()
