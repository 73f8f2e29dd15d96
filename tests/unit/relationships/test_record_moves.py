"""A record follows its customer: into a match, and back when that is undone."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from unit.relationships.people import NOW, PROVIDER, RESELLER

from kontor_contracts.resellers_of_record import ResellerOfRecordMoved
from relationships.domain.customer.state import Match, MatchedInto, Relationship
from relationships.domain.customer.state import State as CustomerState
from relationships.domain.record.commands import FollowEnd, MoveRecord, SetReseller
from relationships.domain.record.decide import decide
from relationships.domain.record.evolve import evolve
from relationships.domain.record.following import customer_of, left, others_of
from relationships.domain.record.listing import customer_key, listing
from relationships.domain.record.state import Record, State
from relationships.resellers_of_record import named

LATER = NOW + timedelta(days=1)
BOTH = tuple(Relationship(partner_id=one.partner_id, permissions=("order",), since=NOW) for one in (PROVIDER, RESELLER))
MATCH = Match(
    imported_id="imported", imported_name="A", portal="office", external_id="1", matched_at=NOW, undo_until=LATER
)
IMPORTED = CustomerState(relationships=BOTH)
MATCHED = replace(IMPORTED, matched=MatchedInto("own", NOW))
OWN = CustomerState(relationships=BOTH, matches=(MATCH,))
ALONE = CustomerState(unmatched=("imported",))
"""The customer after the match was undone, with none of the partners."""


def setting(customer_id: str) -> SetReseller:
    return SetReseller(
        record_id="r1",
        customer_id=customer_id,
        subscription_id="A-1",
        provider=named(PROVIDER),
        reseller=named(RESELLER),
        verdict="valid",
        by="u1",
        at=NOW,
    )


def after(*commands: SetReseller | MoveRecord | FollowEnd) -> Record:
    state = State()
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    assert state.record is not None
    return state.record


MOVED = after(setting("imported"), MoveRecord(customer_id="own", at=LATER))


def test_a_record_moves_with_its_reseller_and_back_again() -> None:
    state = State(after(setting("imported")))
    (fact,) = decide(MoveRecord(customer_id="own", at=LATER), state)
    assert isinstance(fact, ResellerOfRecordMoved)
    assert (fact.former_customer_id, fact.customer_id, fact.reseller) == ("imported", "own", named(RESELLER))
    moved = evolve(state, fact)
    assert decide(MoveRecord(customer_id="own", at=LATER), moved) == []
    assert moved.record is not None and (moved.record.home, moved.record.current) == ("imported", MOVED.current)
    found = listing(moved)
    assert found is not None and customer_key("own", "active", "own") in found[0]
    back = reduce(evolve, decide(MoveRecord(customer_id="imported", at=LATER), moved), moved)
    assert back.record == after(setting("imported"))


def test_a_reseller_named_again_keeps_where_the_record_belongs() -> None:
    gone = FollowEnd(
        because="partnership-ended",
        partner_ids=(PROVIDER.partner_id, RESELLER.partner_id),
        again=False,
        at=LATER,
    )
    again = after(setting("imported"), MoveRecord(customer_id="own", at=LATER), gone, setting("own"))
    assert (again.customer_id, again.home) == ("own", "imported")


@pytest.mark.parametrize(
    ("record", "customers", "wanted"),
    [
        (after(setting("imported")), {"imported": IMPORTED}, "imported"),
        (after(setting("imported")), {"imported": MATCHED, "own": OWN}, "own"),
        # The other customer does not have the relationships yet, or no longer.
        (after(setting("imported")), {"imported": MATCHED, "own": CustomerState()}, "imported"),
        (MOVED, {"own": OWN, "imported": MATCHED}, "own"),
        (MOVED, {"own": ALONE, "imported": IMPORTED}, "imported"),
        # It was named for the imported customer, also where the other one has both partners itself.
        (MOVED, {"own": replace(ALONE, relationships=BOTH), "imported": IMPORTED}, "imported"),
        # Named during the match, it goes where the two partners are.
        (after(setting("own")), {"own": ALONE, "imported": IMPORTED}, "imported"),
        (after(setting("own")), {"own": replace(ALONE, relationships=BOTH), "imported": IMPORTED}, "own"),
        (after(setting("own")), {"own": ALONE, "imported": CustomerState()}, "own"),
        (after(setting("own")), {}, "own"),
    ],
)
def test_a_record_is_about_the_customer_with_the_relationships(
    record: Record, customers: dict[str, CustomerState], wanted: str
) -> None:
    assert customer_of(record, customers) == wanted
    now = customers.get(record.customer_id)
    assert set(customers) - {record.customer_id} <= set(others_of(record, now))


def test_a_record_without_one_of_its_partners_says_which() -> None:
    record = after(setting("own"))
    assert left(record, OWN) == ()
    assert left(record, CustomerState(relationships=BOTH[:1])) == (RESELLER.partner_id,)
    assert left(record, None) == (PROVIDER.partner_id, RESELLER.partner_id)
    assert left(replace(record, current=None), None) == ()
