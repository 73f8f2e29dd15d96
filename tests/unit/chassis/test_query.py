"""A condition is split in what an index finds and what is left out of that."""

from typing import Any

import pytest

from chassis.mongo.query import condition

INDEXES = [("state.a", "_id"), ("state.a", "state.b", "_id"), ("tenant", "_id")]
AFTER = {"$gt": "k:1"}


@pytest.mark.parametrize(
    ("where", "found", "left"),
    [
        ({}, {"_id": AFTER}, {}),
        ({"state.c": 1}, {"_id": AFTER}, {"state.c": 1}),
        ({"state.a": 1}, {"state.a": 1, "_id": AFTER}, {}),
        ({"state.a": 1, "state.c": 2}, {"state.a": 1, "_id": AFTER}, {"state.c": 2}),
        ({"state.b": 2, "state.a": 1}, {"state.a": 1, "state.b": 2, "_id": AFTER}, {}),
        ({"state.a": {"$ne": 1}, "tenant": "t"}, {"tenant": "t", "_id": AFTER}, {"state.a": {"$ne": 1}}),
        ({"$or": [{"state.a": 1}]}, {"_id": AFTER}, {"$or": [{"state.a": 1}]}),
    ],
)
def test_the_index_with_most_of_the_fields_finds(where: Any, found: Any, left: Any) -> None:
    asked = condition("k", where, indexes=INDEXES, beyond=AFTER)
    assert asked.found == {"kind": "k", **found}
    assert asked.left == left


def test_a_unique_value_finds_by_its_own_index() -> None:
    asked = condition("k", {"state.a": 1, "uk.name": {"$in": ["x"]}}, indexes=INDEXES, beyond=AFTER)
    assert asked.found == {"uk.name": {"$in": ["x"]}}
    assert asked.left == {"kind": "k", "state.a": 1, "_id": AFTER}


def test_an_index_without_the_id_leaves_the_range() -> None:
    asked = condition("k", {"state.a": 1}, indexes=[("state.a", "state.b")], beyond=AFTER)
    assert (asked.found, asked.left) == ({"kind": "k", "state.a": 1}, {"_id": AFTER})
