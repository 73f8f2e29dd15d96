"""A reseller's request to a provider: answered, withdrawn, or expired after 14 days."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from unit.relationships.people import NOW, PROVIDER, RESELLER, RESELLER_CONTACT

from kontor_contracts.directory import PartnershipRequested, PartnershipRequestExpired
from relationships.domain.invitation.state import Person
from relationships.domain.partner_request import (
    ERASED,
    LIFETIME,
    PAUSE,
    AcceptRequest,
    AskForPartnership,
    DeclineRequest,
    ExpireRequest,
    ForgetRequester,
    Request,
    RequestRefused,
    State,
    WithdrawRequest,
    decide,
    due,
    evolve,
    request_of,
)
from relationships.domain.partner_request_listing import list_key, listing

DAY = timedelta(days=1)
ANNA = Person(user_id="u1", organization_id="res", organization_name=RESELLER.name, contact=RESELLER_CONTACT)
ASK = AskForPartnership(
    request_id="prov.res",
    provider=PROVIDER,
    reseller=RESELLER,
    requester=ANNA,
    message="40 Kunden",
    connected=False,
    same_region=True,
    at=NOW,
)
ACCEPT = AcceptRequest(by=ANNA, provider=PROVIDER, reseller=RESELLER, invitation_id="i9", at=NOW + DAY)
DECLINE = DeclineRequest(reason="outside-offer", comment="Zu klein", at=NOW + DAY)
WITHDRAW = WithdrawRequest(NOW + DAY)
EXPIRE = ExpireRequest(NOW + LIFETIME)


def after(*commands: Any) -> State:
    state = State()
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def request(state: State) -> Request:
    assert state.request is not None
    return state.request


def refusal(command: Any, state: State) -> str:
    (fact,) = decide(command, state)
    assert isinstance(fact, RequestRefused)
    return fact.reason


@pytest.mark.parametrize(
    ("command", "status"), [(ACCEPT, "accepted"), (DECLINE, "declined"), (WITHDRAW, "withdrawn"), (EXPIRE, "expired")]
)
def test_an_open_request_has_four_ways_out(command: Any, status: str) -> None:
    state = after(ASK, command)
    assert request(state).status == status
    assert decide(command, state) == [], "said again, it is so already"
    assert due(state) is None
    for other in (ACCEPT, DECLINE, WITHDRAW):
        if other is not command:
            assert refusal(other, state) == "request-not-open"


def test_a_request_is_open_for_14_days() -> None:
    asked = after(ASK)
    assert due(asked) == NOW + LIFETIME
    assert decide(ExpireRequest(NOW + LIFETIME - DAY), asked) == []
    late = replace(ACCEPT, at=NOW + LIFETIME)
    assert refusal(late, asked) == "request-not-open", "also while the timer is late"
    again = decide(replace(ASK, at=NOW + LIFETIME), asked)
    assert [type(fact) for fact in again] == [PartnershipRequestExpired, PartnershipRequested]


def test_one_request_is_open_at_a_time() -> None:
    assert refusal(replace(ASK, at=NOW + DAY), after(ASK)) == "request-open"
    assert len(decide(replace(ASK, at=NOW + 2 * DAY), after(ASK, WITHDRAW))) == 1


def test_a_declined_reseller_asks_again_after_a_pause() -> None:
    declined = after(ASK, DECLINE)
    assert refusal(replace(ASK, at=NOW + PAUSE), declined) == "request-too-soon"
    assert len(decide(replace(ASK, at=NOW + DAY + PAUSE), declined)) == 1


def test_who_is_connected_or_elsewhere_does_not_ask() -> None:
    assert refusal(replace(ASK, connected=True), State()) == "already-connected"
    assert refusal(replace(ASK, same_region=False), State()) == "region-differs"


def test_nothing_is_left_of_an_erased_requester() -> None:
    forgotten = after(ASK, ForgetRequester(NOW + DAY))
    assert (request(forgotten).status, request(forgotten).requester) == ("withdrawn", ERASED)
    assert (request(forgotten).message, request(forgotten).requester_id) == (None, None)
    assert decide(ForgetRequester(NOW + DAY), forgotten) == []


def test_both_companies_and_nobody_else_see_the_request() -> None:
    asked = after(ASK)
    assert request_of(asked, "prov") is request_of(asked, "res") is asked.request
    assert request_of(asked, "res2") is None
    found = listing(asked)
    assert found is not None
    assert set(found[0]) == {list_key(side, status) for side in ("prov", "res") for status in ("pending", None)}
