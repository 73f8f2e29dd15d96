"""The reseller of record of a subscription: named, replaced, removed, and ended by what it rests on."""

from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from unit.relationships.people import NOW, OTHER_RESELLER, PROVIDER, RESELLER

from kontor_contracts.resellers_of_record import (
    ResellerOfRecordEnded,
    ResellerOfRecordRefused,
    ResellerOfRecordSet,
)
from relationships.domain.record.commands import Asked, Command, FollowEnd, RemoveReseller, SetReseller
from relationships.domain.record.decide import decide, refuse
from relationships.domain.record.evolve import evolve
from relationships.domain.record.judging import Reason
from relationships.domain.record.listing import EVERYBODYS, customer_key, list_key, listing, partner_key, shown_to
from relationships.domain.record.state import MOST_PAST, State
from relationships.resellers_of_record import named

NORD, MUELLER, FEDERN = named(PROVIDER), named(RESELLER), named(OTHER_RESELLER)
LATER = NOW + timedelta(days=1)
PORTAL = Asked(
    portal="office",
    provider_partner_id=NORD.partner_id,
    customer_id="cust",
    subscription_id="A-1",
    partner_id=MUELLER.partner_id,
)


def setting(reseller: Any = MUELLER, at: datetime = NOW, **changes: Any) -> SetReseller:
    wanted: dict[str, Any] = {
        "record_id": "r1",
        "customer_id": "cust",
        "subscription_id": "A-1",
        "provider": NORD,
        "reseller": reseller,
        "verdict": "valid",
        "by": "u1",
        "at": at,
    }
    return SetReseller(**(wanted | changes))


def removing(**changes: Any) -> RemoveReseller:
    wanted: dict[str, Any] = {"side": "provider", "by": "u1", "at": LATER}
    return RemoveReseller(**(wanted | changes))


def ending(**changes: Any) -> FollowEnd:
    wanted: dict[str, Any] = {
        "because": "partnership-ended",
        "partner_ids": (NORD.partner_id, MUELLER.partner_id),
        "again": False,
        "at": LATER,
    }
    return FollowEnd(**(wanted | changes))


def after(*commands: Command) -> State:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, State())


def test_a_reseller_is_named_once() -> None:
    (named_now,) = decide(setting(), State())
    assert isinstance(named_now, ResellerOfRecordSet)
    assert (named_now.reseller, named_now.set_by, named_now.portal) == (MUELLER, "u1", None)
    assert decide(setting(at=LATER), after(setting())) == []


def test_another_reseller_ends_the_one_before() -> None:
    ended, begun = decide(setting(FEDERN, LATER), after(setting()))
    assert isinstance(ended, ResellerOfRecordEnded) and isinstance(begun, ResellerOfRecordSet)
    assert (ended.reseller, ended.because, ended.since, ended.ended_at) == (MUELLER, "replaced", NOW, LATER)
    record = after(setting(), setting(FEDERN, LATER)).record
    assert record and record.current and record.current.reseller == FEDERN
    assert [one.naming.reseller for one in record.past] == [MUELLER]


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ("partner-id-unknown", "partner-id-unknown"),
        ("not-a-reseller", "partner-not-reseller"),
        ("provider-not-active", "partner-not-active"),
        ("reseller-not-active", "reseller-not-active"),
        ("region-differs", "region-differs"),
        ("partnership-missing", "partnership-missing"),
        ("customer-not-shared", "customer-not-shared"),
    ],
)
def test_a_reseller_that_may_not_be_named_is_refused(verdict: Reason, reason: str) -> None:
    for state in (State(), after(setting())):
        (refused,) = decide(setting(FEDERN, verdict=verdict), state)
        assert getattr(refused, "reason", None) == reason
        assert evolve(state, refused) == state


def test_a_portal_is_answered_with_what_it_asked_for() -> None:
    (refused,) = decide(setting(verdict="region-differs", by=None, asked=PORTAL), State())
    assert isinstance(refused, ResellerOfRecordRefused)
    assert (refused.portal, refused.partner_id, refused.reason) == ("office", MUELLER.partner_id, "region-differs")
    assert refuse(setting(asked=PORTAL), "too-late").reason == "too-late"
    (begun,) = decide(setting(by=None, asked=PORTAL), State())
    assert isinstance(begun, ResellerOfRecordSet) and begun.portal == "office"


@pytest.mark.parametrize("command", [setting, removing])
def test_a_portal_of_others_is_refused(command: Any) -> None:
    foreign = Asked(
        portal="other", provider_partner_id="1234", customer_id="cust", subscription_id="A-1", entitled=False
    )
    (refused,) = decide(command(asked=foreign), after(setting()))
    assert isinstance(refused, ResellerOfRecordRefused) and refused.reason == "portal-not-entitled"


@pytest.mark.parametrize(
    ("command", "because"),
    [
        (removing(comment="Neu geordnet"), "removed-by-provider"),
        (removing(side="reseller", organization_id=MUELLER.organization_id), "given-up-by-reseller"),
        (removing(side="program"), "ended-by-program"),
        (removing(asked=PORTAL, by=None), "removed-by-provider"),
    ],
)
def test_each_side_ends_what_is_named_once(command: RemoveReseller, because: str) -> None:
    (ended,) = decide(command, after(setting()))
    assert isinstance(ended, ResellerOfRecordEnded)
    assert (ended.because, ended.comment) == (because, command.comment)
    assert decide(command, after(setting(), command)) == []


def test_a_reseller_gives_up_only_what_it_is_named_on() -> None:
    gone = removing(side="reseller", organization_id=MUELLER.organization_id)
    assert decide(gone, after(setting(), setting(FEDERN, LATER))) == []


def test_nothing_is_removed_where_nothing_was_named() -> None:
    (refused,) = decide(removing(), State())
    assert getattr(refused, "reason", None) == "record-unknown"
    assert decide(ending(), State()) == []


def test_the_end_of_what_it_rests_on_ends_a_naming() -> None:
    (ended,) = decide(ending(), after(setting()))
    assert isinstance(ended, ResellerOfRecordEnded) and ended.because == "partnership-ended"
    of_customer = ending(because="customer-relationship-ended", partner_ids=(MUELLER.partner_id,))
    assert [type(one) for one in decide(of_customer, after(setting()))] == [ResellerOfRecordEnded]


def test_the_end_of_something_else_leaves_a_naming() -> None:
    assert decide(ending(partner_ids=(NORD.partner_id, FEDERN.partner_id)), after(setting())) == []
    assert decide(ending(partner_ids=(FEDERN.partner_id,)), after(setting())) == []


def test_a_naming_after_an_old_end_stays_if_they_connected_again() -> None:
    since = after(setting(at=LATER + timedelta(hours=1)))
    assert decide(ending(again=True), since) == []
    # The naming was judged before the end was saved, although it has a later time.
    assert len(decide(ending(again=False), since)) == 1
    assert len(decide(ending(again=True), after(setting()))) == 1


def test_a_record_keeps_the_newest_of_its_past() -> None:
    times = [setting(MUELLER if n % 2 else FEDERN, NOW + timedelta(hours=n)) for n in range(MOST_PAST * 2)]
    record = after(*times).record
    assert record and len(record.past) == MOST_PAST
    assert record.past[-1].until == times[-1].at


def test_each_sees_the_record_in_its_own_lists() -> None:
    state = after(setting(), setting(FEDERN, LATER))
    assert state.record is not None
    keys = set((listing(state) or ((), "", ""))[0])
    for viewer in (NORD.organization_id, "cust", EVERYBODYS, FEDERN.organization_id):
        assert shown_to(state.record, viewer) == "active"
        assert {list_key(viewer, "active"), customer_key(viewer, "active", "cust")} <= keys
        assert list_key(viewer, "ended") not in keys
    former = MUELLER.organization_id
    assert shown_to(state.record, former) == "ended" and list_key(former, "ended") in keys
    assert list_key(former, "active") not in keys
    # A reseller finds nothing by the other reseller's number.
    assert partner_key(former, "ended", FEDERN.partner_id) not in keys
    assert shown_to(state.record, "stranger") is None and listing(State()) is None
