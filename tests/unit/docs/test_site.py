"""The site of `make docs`: all of the repository's pages, one page for each message and operation, documents that hold."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import site_pages
from fields import field_table
from jsonschema import Draft202012Validator

from kontor_contracts.topics import SERVICES, TOPICS

ROOT = Path(__file__).parents[3]
CARRYING = [topic for topic in TOPICS if topic.messages]


@pytest.fixture(scope="module")
def pages() -> Mapping[str, bytes]:
    found = site_pages.sources(ROOT) | site_pages.written(ROOT, "0.0.0")
    return {str(path): content for path, content in found.items()}


def channels(pages: Mapping[str, bytes], name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(pages[f"messages/asyncapi/{name}.json"])
    return document


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from references(one)


def at(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


@pytest.mark.parametrize("topic", CARRYING, ids=lambda topic: topic.name)
def test_every_message_has_a_page_with_fields_and_example(pages: Mapping[str, bytes], topic: Any) -> None:
    overview = pages["messages/README.md"].decode()
    for type_ in topic.types:
        text = pages[f"messages/{type_}.md"].decode()
        assert "| field | kind | required | says |" in text and f'"type": "{type_}"' in text
        assert f"({type_}.md)" in overview


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_stands_in_the_http_reference(pages: Mapping[str, bytes], service: str) -> None:
    document, text = json.loads(pages[f"http/openapi/{service}.json"]), pages[f"http/{service}.md"].decode()
    for path, item in document["paths"].items():
        for method in item:
            assert f"### {method.upper()} {path}\n" in text


def test_every_page_of_the_repository_is_found_by_the_reader(pages: Mapping[str, bytes]) -> None:
    listed = json.dumps(site_pages.nav({Path(path): content for path, content in pages.items()}))
    own = [
        path
        for path in pages
        if path.endswith(".md") and not path.startswith(("messages/kontor.", "docs/operating/runbooks"))
    ]
    assert [path for path in own if path not in listed] == []


def test_a_table_of_fields_goes_into_objects_and_lists() -> None:
    person = {"properties": {"name": {"type": "string", "description": "a | b", "maxLength": 9}}, "required": ["name"]}
    people = {"properties": {"people": {"type": "array", "items": {"$ref": "#/$defs/Person"}}}}
    assert field_table(people, {"Person": person}).splitlines()[2:] == [
        "| `people` | list of Person | no |  |",
        r"| `people[].name` | string to 9 | yes | a \| b |",
    ]


def test_there_is_an_asyncapi_document_for_all_and_for_each(pages: Mapping[str, bytes]) -> None:
    found = {Path(path).stem for path in pages if path.startswith("messages/asyncapi/")}
    assert found == {"kontor", *SERVICES}


@pytest.mark.parametrize("name", ["kontor", *SERVICES])
def test_references_and_examples_of_asyncapi_hold(pages: Mapping[str, bytes], name: str) -> None:
    document = channels(pages, name)
    found = set(references(document))
    assert found and not any("$defs" in one for one in found)
    assert all(at(document, one) is not None for one in found)
    for message in document["components"]["messages"].values():
        assert message["examples"], message["name"]
        validator = Draft202012Validator({**message["payload"], "components": document["components"]})
        for example in message["examples"]:
            validator.validate(example["payload"])


@pytest.mark.parametrize("topic", CARRYING, ids=lambda topic: topic.name)
def test_a_channel_says_all_that_the_registry_says(pages: Mapping[str, bytes], topic: Any) -> None:
    whole = channels(pages, "kontor")
    channel = whole["channels"][topic.name]
    assert {at(whole, one["$ref"])["name"] for one in channel["messages"].values()} == set(topic.types)
    kafka = channel["bindings"]["kafka"]
    assert (kafka["topic"], kafka["partitions"]) == (topic.name, topic.partitions)
    config = kafka["topicConfiguration"]
    assert {
        name: "".join(map(str, one)) if isinstance(one, list) else str(one) for name, one in config.items()
    } == topic.config
    assert topic.key in channel["description"]


def test_operations_go_both_ways_and_commands_name_their_refusals(pages: Mapping[str, bytes]) -> None:
    whole = channels(pages, "kontor")
    found = {(one["action"], one["channel"]["$ref"].rpartition("/")[2]) for one in whole["operations"].values()}
    for topic in CARRYING:
        assert {("send", topic.name), ("receive", topic.name)} <= found
        if topic.kind == "commands":
            reply = whole["operations"][f"{topic.owner}.receives.{topic.name}"]["reply"]
            assert reply["channel"]["$ref"] == f"#/channels/{topic.owner}.events"
            assert reply["messages"], topic.name


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_own_operations_alone(pages: Mapping[str, bytes], service: str) -> None:
    operations = channels(pages, service)["operations"]
    assert operations and all(name.startswith(f"{service}.") for name in operations)
    assert set(operations) == {
        name for name in channels(pages, "kontor")["operations"] if name.startswith(f"{service}.")
    }
