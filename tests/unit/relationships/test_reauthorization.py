"""A provider knows until when its reseller has to confirm its data, and when it has."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

from unit.relationships.people import NOW, PROVIDER, RESELLER

from kontor_contracts.relationships import ResellerReauthorizationDue, ResellerReauthorized
from relationships.domain.partnership import EndPartnership, EstablishPartnership, FollowReauthorization, State
from relationships.domain.partnership_decide import decide, evolve

DUE = NOW + timedelta(days=90)
ESTABLISH = EstablishPartnership(provider=PROVIDER, reseller=RESELLER, invitation_id="i1", at=NOW)
END = EndPartnership(by="res", reason="contract-ended", at=NOW)
NOTICE = FollowReauthorization(DUE)


def after(*commands: EstablishPartnership | FollowReauthorization | EndPartnership) -> State:
    state = State()
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def test_a_date_is_announced_once_and_reminders_are_not() -> None:
    (due,) = decide(NOTICE, after(ESTABLISH))
    assert isinstance(due, ResellerReauthorizationDue)
    assert (due.due_at, due.provider, due.reseller) == (DUE, PROVIDER, RESELLER)
    assert decide(NOTICE, after(ESTABLISH, NOTICE)) == []


def test_a_moved_date_is_announced_to_who_knows_the_old_one() -> None:
    moved = FollowReauthorization(DUE + timedelta(days=30), announced=True)
    assert decide(moved, after(ESTABLISH)) == []
    (due,) = decide(moved, after(ESTABLISH, NOTICE))
    assert isinstance(due, ResellerReauthorizationDue) and due.due_at == moved.due_at


def test_a_confirmation_is_announced_where_a_date_was() -> None:
    confirmed = FollowReauthorization(None)
    assert decide(confirmed, after(ESTABLISH)) == []
    (fact,) = decide(confirmed, after(ESTABLISH, NOTICE))
    assert isinstance(fact, ResellerReauthorized)
    assert after(ESTABLISH, NOTICE, confirmed) == after(ESTABLISH)


def test_a_partnership_that_has_ended_follows_no_more() -> None:
    assert decide(NOTICE, after(ESTABLISH, END)) == []
    assert decide(replace(NOTICE, due_at=None), after(ESTABLISH, NOTICE, END)) == []
