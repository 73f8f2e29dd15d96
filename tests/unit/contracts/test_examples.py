"""The golden examples: what was once published must be understood for as long as v1 lives."""

import json
from pathlib import Path

import examples
import pytest
from jsonschema import Draft202012Validator
from schemas import DIALECT, all_schemas, schema_of
from unit.contracts.messages import TYPES, binary, user_added

from kontor_contracts import Payload, decode, organizations_of, schema_id
from kontor_contracts.topics import Topic

CONTRACTS = Path(__file__).parents[3] / "contracts"
FILES = sorted((CONTRACTS / "examples").glob("*/*.json"))
SCHEMAS = all_schemas()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_example_is_understood_and_valid(path: Path) -> None:
    envelope = decode(path.read_bytes(), [], TYPES)
    assert envelope.type == path.parent.name
    assert envelope.tenantid in (organizations_of(envelope.data) or {envelope.tenantid})
    Draft202012Validator(SCHEMAS[envelope.type]).validate(json.loads(path.read_bytes()))


@pytest.mark.parametrize(
    ("topic", "message", "consumer"),
    [pytest.param(*one, id=f"{one[1].TYPE}-{one[2]}") for one in examples.expected()],
)
def test_every_consumer_of_a_type_has_an_example(topic: Topic, message: type[Payload], consumer: str) -> None:
    document = json.loads((CONTRACTS / "examples" / message.TYPE / f"{consumer}.json").read_bytes())
    assert document["partitionkey"] == document["subject"]
    if topic.kind == "events":
        assert document["source"] == f"/kontor/{topic.owner}"
        assert int(document["sequence"]) >= 1


def test_examples_speak_german_and_english() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in FILES)
    for word in ("Müller & Söhne GmbH", "de-DE", "de-AT", "en-GB", "Größler", "Öztürk"):
        assert word in texts


def test_a_damaged_example_is_found(tmp_path: Path) -> None:
    document = json.loads(FILES[0].read_bytes())
    folder = tmp_path / FILES[0].parent.name
    folder.mkdir()
    damages = {
        "gone": {**document, "data": {}},
        "elsewhere": {**document, "type": user_added().type},
        "loose": document,
    }
    for name, damaged in damages.items():
        (folder / f"{name}.json").write_text(json.dumps(damaged))
    (folder / "null.json").write_text(json.dumps({**document, "sequence": "7"}))
    found = "\n".join(examples.broken(tmp_path, SCHEMAS))
    for name in ("gone", "elsewhere", "null"):
        assert f"/{name}.json: " in found
    assert "loose" not in found


def test_the_binary_mode_carries_the_same_message() -> None:
    # Example of the binary mode: attributes in headers, the data alone in the value.
    path = CONTRACTS / "examples" / user_added().type / "notifications.json"
    value, headers = binary()
    # The example is as it was released; fields that came later stand in what is written today.
    assert json.loads(value).items() >= json.loads(path.read_bytes())["data"].items()
    assert decode(value, headers, TYPES) == decode(path.read_bytes(), [], TYPES)


@pytest.mark.parametrize("message", TYPES.values(), ids=TYPES.keys())
def test_every_schema_is_one_and_knows_its_type(message: type[Payload]) -> None:
    schema = schema_of(message)
    Draft202012Validator.check_schema(schema)
    assert (schema["$schema"], schema["$id"]) == (DIALECT, schema_id(message.TYPE))
    assert schema["title"] == message.__name__
    assert schema["description"]
    assert schema["properties"]["type"]["const"] == message.TYPE
