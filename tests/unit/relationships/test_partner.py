"""A partner: suspended and reinstated with its enrollment, closed and reopened with its work account, erased."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

from unit.relationships.people import NOW, PROVIDER

from kontor_contracts.relationships import PartnerErased, PartnerListed, PartnerReinstated, PartnerSuspended
from relationships.documents import PARTNER
from relationships.domain.partner import (
    ErasePartner,
    FollowAccount,
    ListPartner,
    ReinstatePartner,
    State,
    SuspendPartner,
    active_company,
    active_partner_id,
    decide,
    evolve,
    known_company,
)

LIST = ListPartner(PROVIDER, "DE", "europe")
SUSPEND = SuspendPartner(reason="abuse", at=NOW)
REINSTATE = ReinstatePartner(at=NOW + timedelta(days=1))


def after(*commands: Any) -> State:
    state = State()
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def test_a_suspended_partner_is_not_active_until_it_is_reinstated() -> None:
    listed = after(LIST)
    (suspended,) = decide(SUSPEND, listed)
    assert isinstance(suspended, PartnerSuspended)
    assert (suspended.reason, suspended.suspended_at) == ("abuse", NOW)
    state = evolve(listed, suspended)
    assert active_company(state) is None and active_partner_id(state) is None
    assert decide(SUSPEND, state) == []
    (reinstated,) = decide(REINSTATE, state)
    assert isinstance(reinstated, PartnerReinstated)
    assert active_company(evolve(state, reinstated)) == active_company(listed)
    assert decide(REINSTATE, listed) == []


def test_a_new_name_does_not_end_a_suspension() -> None:
    renamed = PROVIDER.model_copy(update={"name": "Großhandel Süd AG"})
    state = after(LIST, SUSPEND, replace(LIST, partner=renamed))
    company = known_company(state)
    assert company is not None and company.partner.name == "Großhandel Süd AG"
    assert company.standing == "suspended" and company.suspension is not None


def test_a_closed_account_counts_beside_a_suspension() -> None:
    close, reopen = FollowAccount(closed=True, at=NOW), FollowAccount(closed=False, at=NOW)
    assert active_company(after(LIST, close)) is None
    assert active_company(after(LIST, close, reopen)) is not None
    assert active_company(after(LIST, SUSPEND, close, reopen)) is None
    assert active_company(after(LIST, SUSPEND, close, REINSTATE)) is None
    assert decide(close, after(LIST, close)) == []


def test_an_erased_partner_leaves_its_partner_id_to_another_company() -> None:
    listed = after(LIST)
    assert PARTNER.claims(listed) == {"partner_id": PROVIDER.partner_id}
    (erased,) = decide(ErasePartner(NOW), listed)
    assert isinstance(erased, PartnerErased) and erased.partner_id == PROVIDER.partner_id
    assert PARTNER.claims(evolve(listed, erased)) == {}
    assert decide(ErasePartner(NOW), evolve(listed, erased)) == []


def test_a_company_that_was_never_a_partner_is_not_suspended() -> None:
    for command in (SUSPEND, REINSTATE, FollowAccount(closed=True, at=NOW)):
        assert decide(command, State()) == []


def test_every_change_of_an_active_partner_id_is_announced() -> None:
    """What processes remember of a partner is dropped by its events (ADR 20)."""
    state = State()
    commands: list[Any] = [LIST, SUSPEND, REINSTATE, FollowAccount(closed=True, at=NOW), ErasePartner(NOW)]
    for command in commands:
        facts = decide(command, state)
        before, state = state, reduce(evolve, facts, state)
        assert active_partner_id(before) == active_partner_id(state) or facts
    assert isinstance(decide(LIST, State())[0], PartnerListed)
