"""The end of a customer relationship, and what stands against it."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from unit.relationships.people import CUSTOMER_CONTACT, NOW, PROVIDER, RESELLER, grants_of

from kontor_contracts.customers import EndedBy, RelationshipEnded, SubscriptionsRefused, SubscriptionsReported
from relationships.domain.customer.commands import (
    AuthorizeResellers,
    Command,
    EndRelationship,
    FollowAccount,
    ImportCustomer,
    ReportSubscriptions,
)
from relationships.domain.customer.decide import decide
from relationships.domain.customer.evolve import evolve
from relationships.domain.customer.refusals import RelationshipRefused
from relationships.domain.customer.state import State, history_of, visible_to

JOINT = AuthorizeResellers(
    customer_id="cust",
    name="Bäckerei Süß",
    country="DE",
    contact=CUSTOMER_CONTACT,
    contact_user="u2",
    partners=(RESELLER, PROVIDER),
    invitation_id="i1",
    at=NOW,
    consent="customer-2026-11",
)
AGAIN = replace(JOINT, partners=(RESELLER,), invitation_id="i2", at=NOW + timedelta(days=9))
END = EndRelationship(
    partner_id=RESELLER.partner_id,
    by="customer",
    user_id="u2",
    reason="Wir wechseln.",
    at=NOW + timedelta(days=3),
    partner=RESELLER,
    others=(PROVIDER,),
)
REPORT = ReportSubscriptions(
    customer_id="cust", partner_id=RESELLER.partner_id, portal="office", active=2, at=NOW + timedelta(days=1)
)
IMPORT = ImportCustomer(
    customer_id="cust",
    portal="office",
    external_id="K-1",
    name="Bäckerei Süß",
    country="DE",
    partner_id=RESELLER.partner_id,
    permissions=("administer", "order"),
    at=NOW + timedelta(days=5),
)


def after(*commands: Command) -> State:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, State())


def refusals(command: Command, state: State) -> list[str]:
    return [fact.reason for fact in decide(command, state) if isinstance(fact, RelationshipRefused)]


@pytest.mark.parametrize("by", ["customer", "partner", "program"])
def test_an_end_takes_the_rights_and_tells_all_sides(by: EndedBy) -> None:
    state = after(JOINT)
    (ended,) = decide(replace(END, by=by), state)
    assert isinstance(ended, RelationshipEnded)
    assert (ended.ended_by, ended.ended_by_user, ended.reason) == (by, "u2", "Wir wechseln.")
    assert (ended.contact, ended.partner, ended.others) == (CUSTOMER_CONTACT, RESELLER, (PROVIDER,))
    left = evolve(state, ended)
    assert grants_of(left) == {PROVIDER.partner_id: ("order",)}
    assert visible_to(left, RESELLER.partner_id) == ()
    assert [one.partner_id for one in visible_to(left, PROVIDER.partner_id)] == [PROVIDER.partner_id]
    assert decide(END, left) == []


def test_an_unknown_relationship_cannot_be_ended() -> None:
    assert refusals(replace(END, partner_id="999999"), after(JOINT)) == ["no-relationship"]
    assert refusals(END, State()) == ["no-relationship"]


@pytest.mark.parametrize(("by", "expected"), [("customer", True), ("partner", True), ("program", False)])
def test_active_subscriptions_stand_against_an_end(by: EndedBy, expected: bool) -> None:
    state = after(JOINT, REPORT, replace(REPORT, portal="azure", active=1))
    ending = replace(END, by=by)
    assert (refusals(ending, state) == ["subscriptions-active"]) is expected
    half = after(JOINT, REPORT, replace(REPORT, portal="azure", active=1), replace(REPORT, active=0))
    assert bool(refusals(ending, half)) is expected
    none = reduce(evolve, decide(replace(REPORT, portal="azure", active=0), half), half)
    assert refusals(ending, none) == []


def test_active_subscriptions_of_one_partner_do_not_hold_another() -> None:
    state = after(JOINT, REPORT)
    assert refusals(replace(END, partner_id=PROVIDER.partner_id, partner=PROVIDER), state) == []


def test_a_report_is_answered_and_counts_once() -> None:
    state = after(JOINT)
    (reported,) = decide(REPORT, state)
    assert isinstance(reported, SubscriptionsReported)
    assert decide(REPORT, evolve(state, reported)) == []
    for wrong, reason in (
        (replace(REPORT, partner_id="999999"), "no-relationship"),
        (replace(REPORT, entitled=False), "portal-not-entitled"),
    ):
        (refused,) = decide(wrong, state)
        assert isinstance(refused, SubscriptionsRefused) and refused.reason == reason
    (refused,) = decide(REPORT, after(JOINT, END))
    assert isinstance(refused, SubscriptionsRefused) and refused.reason == "no-relationship"


def test_a_repeated_acceptance_brings_no_ended_relationship_back() -> None:
    state = after(JOINT, END, JOINT)
    assert grants_of(state) == {PROVIDER.partner_id: ("order",)}
    twice = after(JOINT, END, AGAIN, replace(END, at=NOW + timedelta(days=20)))
    assert decide(JOINT, twice) == [] and decide(AGAIN, twice) == []


def test_an_import_brings_no_ended_relationship_back() -> None:
    state = after(JOINT, END)
    (refused,) = decide(IMPORT, state)
    assert refused.reason == "relationship-ended"  # type: ignore[union-attr]


def test_a_new_invitation_makes_a_new_relationship_and_keeps_the_history() -> None:
    state = after(JOINT, REPORT, replace(END, by="program"), AGAIN)
    (now,) = [one for one in state.holding if one.partner_id == RESELLER.partner_id]
    assert (now.since, now.invitations, now.version, now.active_subscriptions) == (AGAIN.at, ("i2",), 3, 0)
    (old,) = history_of(state)
    assert (old.since, old.ended_at, old.ended_by, old.ended_reason) == (NOW, END.at, "program", "Wir wechseln.")


def test_a_relationship_of_a_closed_customer_can_be_ended() -> None:
    state = after(JOINT, FollowAccount(closed=True), replace(END, by="partner"), FollowAccount(closed=False))
    assert grants_of(state) == {PROVIDER.partner_id: ("order",)}


def test_an_acceptance_is_kept_with_its_text() -> None:
    (one, _) = after(JOINT).holding
    assert (one.accepted_at, one.consent, one.version) == (NOW, "customer-2026-11", 1)


def test_a_late_acceptance_brings_no_ended_right_back() -> None:
    """Given before the end and applied after it, it counts only for the partners that were not ended since."""
    late = replace(JOINT, invitation_id="i2", at=NOW + timedelta(days=2))
    state = reduce(evolve, decide(replace(JOINT, partners=(RESELLER,)), State()), State())
    ended = reduce(evolve, decide(END, state), state)
    assert grants_of(reduce(evolve, decide(late, ended), ended)) == {PROVIDER.partner_id: ("order",)}
    assert decide(replace(late, partners=(RESELLER,)), ended) == []
    assert grants_of(reduce(evolve, decide(AGAIN, ended), ended)) == {RESELLER.partner_id: ("administer",)}


def test_an_acceptance_of_before_an_end_does_not_join_the_next_one() -> None:
    late = replace(JOINT, partners=(RESELLER,), invitation_id="i3", at=NOW + timedelta(days=2))
    assert decide(late, after(JOINT, END, AGAIN)) == []


def test_a_customer_closed_early_and_reopened_stays_open() -> None:
    """A later acceptance does not close it again."""
    back = after(FollowAccount(closed=True), JOINT, FollowAccount(closed=False), AGAIN)
    assert grants_of(back) == {RESELLER.partner_id: ("administer",), PROVIDER.partner_id: ("order",)}
