"""The table of who may do what with which topic grants what the registry says, and nothing else."""

from pathlib import Path

import pytest

from kontor_contracts import access
from kontor_contracts.topics import TOPICS, Topic

GRANTS = access.grants()
DOCS = Path(__file__).parents[3] / "docs" / "acls.md"


def principals(topic: Topic, operation: str) -> set[str]:
    return {grant.principal for grant in GRANTS if grant.name == topic.name and operation in grant.operations}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_topic_is_written_by_its_producers_alone(topic: Topic) -> None:
    assert principals(topic, "Write") == set(topic.producers)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_topic_is_read_by_its_readers_alone(topic: Topic) -> None:
    operator = {access.OPERATOR} if topic.kind == "dlq" else set()
    assert principals(topic, "Read") == {*topic.consumers, *topic.watchers} | operator


def test_nobody_may_write_everywhere() -> None:
    assert not [
        grant for grant in GRANTS if "*" in grant.name and {"Read", "Write"} & set(grant.operations.split(", "))
    ]


def test_the_table_in_the_docs_names_every_grant() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for grant in GRANTS:
        assert f"| {grant.principal} | {grant.kind} | `{grant.name}` | {grant.operations} |" in text
