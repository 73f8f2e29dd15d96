"""The second order of a document in its lists, as the store keeps it."""

import pytest

from chassis import Listing
from chassis.mongo.document import listed, listed_field


def test_a_second_order_is_stored_by_list() -> None:
    stored = listed(
        Listing(("a|active", "b.c|ended"), "name\t1", "name", second={"a|active": "2026\t1", "b.c|ended": "x"})
    )
    assert stored == {
        "k": ["a|active", "b.c|ended"],
        "o": "name\t1",
        "t": "name",
        "s": {"a|active": "2026\t1", "b%2Ec|ended": "x"},
    }
    assert listed(Listing(("a",), "1")) == {"k": ["a"], "o": "1", "t": ""}


@pytest.mark.parametrize("key", ["a.b", "$a", "a%2Eb", "a|active"])
def test_a_list_has_a_field_that_is_no_path(key: str) -> None:
    field = listed_field(key)
    assert not set(".$") & set(field)
    assert (field == key) is (not set(".$%") & set(key))
