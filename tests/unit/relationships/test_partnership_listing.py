"""Where a partnership stands in the lists of its two companies."""

from dataclasses import replace

import pytest
from unit.relationships.people import NOW, PROVIDER, RESELLER

from relationships.domain.partnership import Ending, Partnership, State, Status
from relationships.domain.partnership_listing import by_since, list_key, listing, word_key

PAIR = Partnership(
    partnership_id="prov.res",
    provider=PROVIDER,
    reseller=RESELLER,
    admin_access=True,
    since=NOW,
    invitation_id="i1",
)
ENDED = replace(PAIR, status="ended", ending=Ending(at=NOW, by="res", reason="other"))


def keys(pair: Partnership = PAIR) -> tuple[str, ...]:
    found = listing(State(pair))
    assert found is not None
    return found[0]


@pytest.mark.parametrize("side", ["prov", "res"])
def test_each_side_finds_the_partnership(side: str) -> None:
    assert {list_key(side, "active"), list_key(side, "present"), list_key(side, "all")} <= set(keys())
    assert list_key(side, "ended") not in keys()


@pytest.mark.parametrize(("status", "lists"), [("suspended", ["present", "suspended"]), ("ended", ["ended"])])
def test_a_partnership_stands_in_the_list_of_its_status(status: Status, lists: list[str]) -> None:
    own = {key.removeprefix("prov|") for key in keys(replace(PAIR, status=status)) if key.count("|") == 1}
    assert {key for key in own if not key.startswith("res")} == {"all", *lists}


@pytest.mark.parametrize("pair", [PAIR, ENDED])
def test_a_partnership_has_a_date_in_each_of_its_lists(pair: Partnership) -> None:
    assert set(by_since(State(pair))) == {key for key in keys(pair) if key.count("|") == 1}
    assert by_since(State()) == {}


def test_each_side_searches_for_the_name_of_the_other() -> None:
    assert word_key("prov", "present", "muller") in keys()
    assert word_key("res", "present", "grosshandel") in keys()
    assert word_key("res", "present", "muller") not in keys(), "its own name is in every partnership"
    assert word_key("prov", "present", "m") in keys()
    assert word_key("prov", "ended", "sohne") in keys(ENDED)


def test_both_lists_are_in_the_order_of_the_other_name() -> None:
    first = replace(PAIR, reseller=RESELLER.model_copy(update={"name": "Äpfel GmbH"}), partnership_id="prov.a")
    orders = [found[1] for pair in (PAIR, first) if (found := listing(State(pair)))]
    assert sorted(orders) == [orders[1], orders[0]]
    other = replace(PAIR, provider=PROVIDER.model_copy(update={"name": "Zentrallager"}), partnership_id="z.res")
    again = [found[1] for pair in (other, PAIR) if (found := listing(State(pair)))]
    assert sorted(again) == [again[1], again[0]]


def test_what_was_never_established_is_in_no_list() -> None:
    assert listing(State()) is None
