"""Filters of lists: only documents in every list, with every word, are found."""

import re

import pytest

from chassis import list_filter


def test_a_filter_of_nothing_leaves_nothing_out() -> None:
    assert list_filter() == {}


def test_a_filter_asks_for_every_list_and_condition() -> None:
    found = list_filter(keys=["a", "b"], where=[{"state.kind": "x"}])
    assert found == {"$and": [{"state.kind": "x"}, {"ls.k": "a"}, {"ls.k": "b"}]}


@pytest.mark.parametrize(
    ("word", "found"), [("mul", True), ("sohne", True), ("ohne", False), (".", False), ("muller sohne", True)]
)
def test_a_word_of_a_search_is_the_beginning_of_a_word(word: str, found: bool) -> None:
    (condition,) = list_filter(words=[word])["$and"]
    assert bool(re.search(condition["ls.t"]["$regex"], "muller sohne it")) is found
