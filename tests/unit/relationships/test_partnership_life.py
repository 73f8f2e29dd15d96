"""The life of a partnership: its end, the provider's administrator access, suspension and a new beginning."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from unit.relationships.people import NOW, OTHER_RESELLER, PROVIDER, RESELLER

from chassis.aggregate.model import Cause, Loaded, Position, Step
from chassis.aggregate.unit_of_work import UnitOfWork
from kontor_contracts.relationships import PartnershipEnded, ProviderAdminAccessGranted, ProviderAdminAccessRemoved
from relationships.documents import PARTNERSHIP
from relationships.domain.partnership import (
    MOST_PAST,
    EndPartnership,
    EstablishPartnership,
    ExpireAdminAccess,
    FollowPartners,
    GrantAdminAccess,
    Partnership,
    PresentPartner,
    RemoveAdminAccess,
    State,
    active_partnership,
    due,
    partnership_of,
)
from relationships.domain.partnership_decide import decide, evolve
from relationships.domain.partnership_refusals import PartnershipRefused

DAY = timedelta(days=1)
ESTABLISH = EstablishPartnership(provider=PROVIDER, reseller=RESELLER, invitation_id="i1", at=NOW)
END = EndPartnership(by="res", reason="contract-ended", comment="Danke", at=NOW + DAY)
REMOVE = RemoveAdminAccess(at=NOW + DAY)


def after(*commands: Any) -> State:
    state = State()
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def pair(state: State) -> Partnership:
    assert state.partnership is not None
    return state.partnership


def grant(until: datetime | None = None, **changes: Any) -> GrantAdminAccess:
    return replace(GrantAdminAccess(by="u1", until=until, consent=True, at=NOW + DAY), **changes)


def follow(*present: PresentPartner) -> FollowPartners:
    return FollowPartners(present, NOW + DAY)


def refusal(command: Any, state: State) -> str:
    (fact,) = decide(command, state)
    assert isinstance(fact, PartnershipRefused)
    return fact.reason


CONNECTED = after(ESTABLISH)


@pytest.mark.parametrize("by", ["prov", "res", None])
def test_either_side_ends_a_partnership_and_its_admin_access(by: str | None) -> None:
    removed, ended = decide(replace(END, by=by), CONNECTED)
    assert isinstance(removed, ProviderAdminAccessRemoved) and removed.cause == "partnership-ended"
    assert isinstance(ended, PartnershipEnded)
    assert (ended.ended_by, ended.reason, ended.comment, ended.ended_at) == (by, "contract-ended", "Danke", NOW + DAY)
    assert (ended.since, ended.invitation_id) == (NOW, "i1")
    state = evolve(evolve(CONNECTED, removed), ended)
    assert active_partnership(state) is None
    assert not pair(state).admin_access_holds(NOW + DAY)


def test_an_end_is_said_once_and_keeps_its_first_reason() -> None:
    ended = after(ESTABLISH, END)
    assert decide(replace(END, by="prov", reason="other"), ended) == []
    assert decide(REMOVE, ended) == []


def test_what_was_never_connected_cannot_be_ended() -> None:
    assert refusal(END, State()) == "partnership-unknown"
    assert refusal(REMOVE, State()) == "partnership-unknown"


def test_the_reseller_removes_the_access_alone_and_grants_it_again() -> None:
    (removed,) = decide(REMOVE, CONNECTED)
    assert isinstance(removed, ProviderAdminAccessRemoved) and removed.cause == "removed-by-reseller"
    without = after(ESTABLISH, REMOVE)
    assert active_partnership(without) is not None
    assert not pair(without).admin_access_holds(NOW + DAY)
    assert decide(REMOVE, without) == []
    (granted,) = decide(grant(), without)
    assert isinstance(granted, ProviderAdminAccessGranted) and granted.until is None
    assert pair(evolve(without, granted)).admin_access_holds(NOW + 1000 * DAY)


def test_an_access_with_an_end_holds_until_then_and_the_timer_removes_it() -> None:
    end = NOW + 30 * DAY
    limited = after(ESTABLISH, grant(end))
    assert due(limited) == end
    assert pair(limited).admin_access_holds(end - timedelta(seconds=1))
    assert not pair(limited).admin_access_holds(end), "the timer may be late"
    assert decide(ExpireAdminAccess(end - timedelta(seconds=1)), limited) == []
    (removed,) = decide(ExpireAdminAccess(end), limited)
    assert isinstance(removed, ProviderAdminAccessRemoved) and removed.cause == "time-over"
    over = evolve(limited, removed)
    assert due(over) is None and active_partnership(over) is not None
    assert decide(ExpireAdminAccess(end), over) == []


def test_the_end_of_an_access_can_be_changed_or_lifted() -> None:
    limited = after(ESTABLISH, grant(NOW + 30 * DAY))
    assert decide(grant(NOW + 30 * DAY), limited) == []
    assert due(after(ESTABLISH, grant(NOW + 30 * DAY), grant(NOW + 60 * DAY))) == NOW + 60 * DAY
    lifted = after(ESTABLISH, grant(NOW + 30 * DAY), grant(None))
    assert due(lifted) is None and pair(lifted).admin_access_holds(NOW + 90 * DAY)


def test_an_access_needs_consent_and_an_end_to_come() -> None:
    assert refusal(grant(consent=False), CONNECTED) == "access-consent-missing"
    assert refusal(grant(NOW), CONNECTED) == "access-end-past"
    assert refusal(grant(), after(ESTABLISH, END)) == "partnership-not-active"
    assert refusal(grant(), State()) == "partnership-not-active"


def test_a_suspended_company_suspends_the_partnership_until_it_is_back() -> None:
    gone, back = PresentPartner(RESELLER, active=False), PresentPartner(RESELLER, active=True)
    suspended = after(ESTABLISH, follow(gone))
    assert active_partnership(suspended) is None
    assert not pair(suspended).admin_access_holds(NOW + DAY)
    assert refusal(grant(), suspended) == "partnership-not-active"
    assert decide(follow(gone), suspended) == []
    resumed = after(ESTABLISH, follow(gone), follow(back))
    assert active_partnership(resumed) == pair(CONNECTED), "all of it holds as before"


def test_a_partnership_rests_until_both_companies_are_active() -> None:
    both = follow(PresentPartner(RESELLER, active=False), PresentPartner(PROVIDER, active=False))
    suspended = after(ESTABLISH, both)
    assert pair(suspended).suspended == ("provider", "reseller")
    (resumed,) = decide(follow(PresentPartner(PROVIDER, active=True)), suspended)
    assert resumed.active is False  # type: ignore[union-attr]
    half = evolve(suspended, resumed)
    assert active_partnership(half) is None
    assert active_partnership(reduce(evolve, decide(follow(PresentPartner(RESELLER, active=True)), half), half))


def test_a_suspended_partnership_can_be_ended() -> None:
    ended = after(ESTABLISH, follow(PresentPartner(RESELLER, active=False)), END)
    assert pair(ended).ended
    assert decide(follow(PresentPartner(RESELLER, active=True)), ended) == [], "nothing comes back after the end"


def test_a_partnership_follows_the_names_of_its_companies() -> None:
    renamed = RESELLER.model_copy(update={"name": "Müller SE"})
    state = after(ESTABLISH, follow(PresentPartner(renamed, active=True)))
    assert pair(state).reseller.name == "Müller SE"
    assert decide(follow(PresentPartner(OTHER_RESELLER, active=False)), state) == [], "a stranger changes nothing"


def test_connecting_again_is_a_new_partnership_and_the_old_one_is_history() -> None:
    again = replace(ESTABLISH, invitation_id="i2", at=NOW + 2 * DAY)
    state = after(ESTABLISH, REMOVE, END, again)
    assert (pair(state).since, pair(state).invitation_id, pair(state).admin_access) == (NOW + 2 * DAY, "i2", True)
    (past,) = state.past
    assert (past.invitation_id, past.since) == ("i1", NOW)
    assert past.ending is not None and past.ending.reason == "contract-ended"
    assert decide(ESTABLISH, after(ESTABLISH, END, again, replace(END, at=NOW + 3 * DAY))) == [], "an old acceptance"


def test_the_history_of_a_pair_is_bounded() -> None:
    state = State()
    for number in range(MOST_PAST + 5):
        later = 2 * number * DAY
        begin = replace(ESTABLISH, invitation_id=f"i{number}", at=ESTABLISH.at + later)
        for command in (begin, replace(END, at=END.at + later)):
            state = reduce(evolve, decide(command, state), state)
    assert len(state.past) == MOST_PAST
    assert state.past[-1].invitation_id == f"i{MOST_PAST + 3}"


def test_only_the_two_companies_see_their_partnership() -> None:
    assert partnership_of(CONNECTED, "prov") is partnership_of(CONNECTED, "res") is CONNECTED.partnership
    assert partnership_of(CONNECTED, "res2") is None
    assert partnership_of(None, "prov") is None


def test_a_late_acceptance_revives_no_ended_partnership() -> None:
    """A second invitation, accepted before the end and applied after it."""
    late = replace(ESTABLISH, invitation_id="i2", at=END.at - timedelta(minutes=1))
    assert decide(late, after(ESTABLISH, END)) == []
    assert active_partnership(after(ESTABLISH, END, replace(late, at=END.at + timedelta(minutes=1))))


def test_a_partner_named_twice_is_followed_once() -> None:
    standings = (PresentPartner(PROVIDER, active=False), PresentPartner(PROVIDER, active=True))
    begun = after(ESTABLISH)
    assert decide(follow(*standings), begun) == []


def test_a_partners_record_read_again_changes_no_younger_partnership() -> None:
    state = after(ESTABLISH)
    unit = UnitOfWork(PARTNERSHIP, "partnership:p.r", Loaded(state), "/kontor/relationships")
    cause = Cause(
        id="m1", time=NOW, correlation_id="c", actor="a", position=Position("partner:prov", 1), key=None, on_bus=True
    )
    unit.take(Step(follow(PresentPartner(PROVIDER, active=True)), cause))
    assert not unit.written
