"""Where a customer stands in the lists of its partners, and which key a request enters the index by."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from unit.relationships.people import PROVIDER, RESELLER
from unit.relationships.test_ends import END, IMPORT, JOINT, after

from relationships.api.customer_lists import Wanted, filter_for
from relationships.domain.customer.commands import FollowAccount, NameChannel, RenameCustomer
from relationships.domain.customer.listing import by_since, listing
from relationships.domain.customer.state import State
from relationships.domain.listing_words import search_words, sort_form

R, P = RESELLER.partner_id, PROVIDER.partner_id


def keys(state: State) -> set[str]:
    found = listing(state)
    return set(found[0]) if found else set()


def test_a_customer_stands_in_the_list_of_each_of_its_partners() -> None:
    state = after(JOINT, NameChannel(R, "referral"))
    assert {f"{R}|active", f"{P}|active", f"{R}|active|origin=invitation", f"{R}|active|channel=referral"} <= keys(
        state
    )
    assert {f"{R}|may=administer", f"{P}|may=order"} <= keys(state)
    assert not {f"{P}|active|channel=referral", f"{R}|may=order", f"{R}|ended"} & keys(state)


def test_an_ended_relationship_moves_to_the_list_of_ended_ones() -> None:
    state = after(JOINT, END)
    assert f"{R}|ended" in keys(state) and f"{P}|active" in keys(state)
    assert not [key for key in keys(state) if key.startswith((f"{R}|active", f"{R}|may="))]


def test_a_customer_is_ordered_by_the_dates_of_each_of_its_partners() -> None:
    state = after(JOINT, END)
    assert set(by_since(state)) == {f"{R}|ended", f"{P}|active"} <= keys(state)
    later = [replace(one, since=one.since + timedelta(hours=1)) for one in state.relationships]
    orders = by_since(replace(state, relationships=(*later[:1], *state.relationships[1:])))
    changed = {key for key, order in orders.items() if order > by_since(state)[key]}
    assert len(changed) == 1


def test_a_list_by_date_is_entered_by_the_own_list() -> None:
    wanted = Wanted(words=("beck",), origin="imported", by_since=True)
    found = filter_for(wanted, R, shared_with=P, fewest=P)
    assert (found.key, found.second) == (f"{R}|active", True)
    assert f"{P}|active" in str(found.where) and "origin=imported" in str(found.where)


def test_a_closed_customer_is_in_no_list_until_it_is_reopened() -> None:
    closed = after(JOINT, FollowAccount(closed=True))
    assert listing(closed) is None and listing(State()) is None
    assert keys(after(JOINT, FollowAccount(closed=True), FollowAccount(closed=False))) == keys(after(JOINT))


def test_an_import_stands_under_its_origin() -> None:
    assert f"{R}|active|origin=imported" in keys(after(IMPORT))


@pytest.mark.parametrize("word", ["bäckerei", "BACK", "suess", "Süß"])
def test_a_customer_is_found_by_the_beginnings_of_its_words(word: str) -> None:
    found = listing(after(JOINT))
    assert found
    filter_ = filter_for(Wanted(words=search_words(word)), R)
    assert filter_.key in found[0]
    assert any(one.startswith(search_words(word)[0]) for one in found[2].split())


def test_a_customer_that_left_is_found_by_the_name_it_had() -> None:
    left = after(replace(JOINT, partners=(RESELLER,)), END, RenameCustomer("Ganz anders"))
    found = listing(left)
    assert found and "backerei" in found[2] and "ganz" not in found[2]


def test_names_sort_without_case_and_accents() -> None:
    assert sorted(["Zebra", "Äpfel", "apfel b", "Straße", "STRASSF"], key=sort_form) == [
        "Äpfel",
        "apfel b",
        "Straße",
        "STRASSF",
        "Zebra",
    ]


def test_a_request_enters_the_index_by_what_leaves_fewest() -> None:
    assert filter_for(Wanted(), R).key == f"{R}|active"
    assert filter_for(Wanted(), R).where == {}
    assert filter_for(Wanted(origin="imported"), R).key == f"{R}|active|origin=imported"
    both = filter_for(Wanted(words=("kon",), origin="imported", channel="referral", since_from=date(2026, 11, 1)), R)
    assert both.key == f"{R}|active|word=kon"
    assert {"ls.k": f"{R}|active|origin=imported"} in both.where["$and"]
    since = {"state.relationships": {"$elemMatch": {"partner_id": R, "since": {"$gte": "2026-11-01"}}}}
    assert since in both.where["$and"]


def test_a_shared_list_is_read_from_the_side_with_fewer_customers() -> None:
    shared = filter_for(Wanted(), R, shared_with=P, fewest=R)
    assert (shared.key, shared.where) == (f"{R}|active", {"$and": [{"ls.k": f"{P}|active"}]})
    mirror = filter_for(Wanted(), P, shared_with=R, fewest=R)
    assert (mirror.key, mirror.where) == (shared.key, shared.where)


def test_filters_of_a_shared_list_look_at_the_viewers_own_notes() -> None:
    """Not at the other partner's: what it notes about the customer is its own."""
    mirror = filter_for(
        Wanted(origin="imported", channel="referral", since_from=date(2026, 11, 1)), P, shared_with=R, fewest=R
    )
    asked = [mirror.key, *(one["ls.k"] for one in mirror.where["$and"] if "ls.k" in one)]
    assert [key for key in asked if key.startswith(R)] == [f"{R}|active"]
    assert f"{P}|active|channel=referral" in asked
    (since,) = (one["state.relationships"] for one in mirror.where["$and"] if "state.relationships" in one)
    assert since["$elemMatch"]["partner_id"] == P


def test_a_search_is_no_pattern() -> None:
    assert search_words(".* | ^(a+)+$") == ("a",)
