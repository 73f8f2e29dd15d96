"""Administrator grants: asked for, approved, held by the customer, and ended by time or by either side."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.relationships.graph_world import World, done
from unit.relationships.people import CUSTOMER_CONTACT, NOW, PROVIDER, RESELLER
from unit.relationships.test_ends import END, JOINT
from unit.relationships.test_ends import after as customer_after

from chassis import Reactions
from chassis.consumer.reactions import dispatches_of
from kontor_contracts import Envelope, new_envelope
from kontor_contracts.admin_grants import (
    AdminGrantApproved,
    AdminGrantEnded,
    AdminGrantExpiring,
    GrantRole,
    GrantTerms,
)
from kontor_contracts.authz.rules import ACTIONS, verdict_on
from kontor_contracts.customers import Action, RelationshipEnded
from relationships.admin_grants import follow_grants, grant_timer
from relationships.documents import ADMIN_GRANT
from relationships.domain.admin_grant.commands import (
    ActivateGrant,
    ApproveGrant,
    Command,
    EndGrant,
    ForgetGrantContact,
    LookAtGrant,
    RequestGrant,
    SetAutoExtend,
)
from relationships.domain.admin_grant.decide import decide
from relationships.domain.admin_grant.evolve import evolve
from relationships.domain.admin_grant.refusals import GrantRefused
from relationships.domain.admin_grant.state import AdminGrant, State, due
from relationships.domain.check import held_by
from relationships.domain.customer.commands import DropGrant, HoldGrant
from relationships.domain.customer.decide import decide as decide_customer
from relationships.domain.customer.evolve import evolve as evolve_customer
from relationships.domain.customer.listing import listing, right_key
from relationships.domain.customer.state import holds_grant

DAY = timedelta(days=1)
TERMS = GrantTerms(
    grant_id="g1",
    customer_id="cust",
    customer_name="Bäckerei Süß",
    partner=PROVIDER,
    name="Users",
    roles=("user-administrator",),
    days=90,
    contact=CUSTOMER_CONTACT,
)
REQUEST = RequestGrant(terms=TERMS, related=True, reachable=True, room=True, contact_user="u2", by="p1", at=NOW)
APPROVE = ApproveGrant("u3", CUSTOMER_CONTACT.model_copy(update={"name": "Eva Süß"}), NOW + DAY)
BEGUN: tuple[Command, ...] = (REQUEST, APPROVE, ActivateGrant())


def after(*commands: Command) -> State:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, State())


def grant_after(*commands: Command) -> AdminGrant:
    found = after(*commands).admin_grant
    assert found
    return found


class Documents:
    """A store and a handler in one. ``meanwhile``: what another process does to the grant after the timer has read it."""

    def __init__(self, grant: State, *meanwhile: Command) -> None:
        self.grant, self.meanwhile = grant, list(meanwhile)
        self.customer = customer_after(JOINT)

    async def get(self, kind: Any, _: str) -> Any:
        return self.grant if kind is ADMIN_GRANT else self.customer

    async def handle(self, kind: Any, _: str, command: Any, _cause: Any) -> Any:
        if kind is ADMIN_GRANT:
            self.grant = reduce(evolve, decide(command, self.grant), self.grant)
            return SimpleNamespace(state=self.grant)
        if isinstance(command, HoldGrant):
            for other in self.meanwhile:
                self.grant = reduce(evolve, decide(other, self.grant), self.grant)
        self.customer = reduce(evolve_customer, decide_customer(command, self.customer), self.customer)
        return SimpleNamespace(state=self.customer)


@pytest.mark.parametrize(("ended", "status"), [(False, "active"), (True, "ended")])
async def test_a_late_timer_holds_no_grant_that_ended_meanwhile(ended: bool, status: str) -> None:
    documents = Documents(after(REQUEST, APPROVE), *([ending("customer")] if ended else []))
    look: Any = grant_timer(documents, documents)  # type: ignore[arg-type]
    await look("g1", SimpleNamespace(time=NOW + 3 * DAY))
    assert documents.grant.admin_grant is not None and documents.grant.admin_grant.status == status
    assert holds_grant(documents.customer, "g1") is not ended


def names(command: Command, state: State) -> list[str]:
    return [fact.reason if isinstance(fact, GrantRefused) else type(fact).__name__ for fact in decide(command, state)]


def ending(side: str | None) -> EndGrant:
    return EndGrant(side=side, by="x", reason="Fertig.", at=NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"related": False}, "no-relationship"),
        ({"reachable": False}, "customer-unreachable"),
        ({"room": False}, "too-many-grants"),
        (
            {"terms": TERMS.model_copy(update={"roles": ("global-administrator",), "auto_extend_days": 180})},
            "auto-extend-of-top-role",
        ),
    ],
)
def test_a_grant_that_cannot_be_is_not_requested(changes: dict[str, Any], reason: str) -> None:
    assert names(replace(REQUEST, **changes), State()) == [reason]


def test_a_grant_gives_nothing_before_the_customer_holds_it() -> None:
    assert not grant_after(REQUEST).holds(NOW) and not grant_after(REQUEST, APPROVE).holds(NOW + DAY)
    begun = grant_after(*BEGUN)
    assert begun.holds(NOW + DAY) and begun.expires_at == NOW + 91 * DAY and not begun.holds(NOW + 91 * DAY)
    assert begun.terms.contact == APPROVE.contact, "the user who approved gets the mails"


@pytest.mark.parametrize(
    ("before", "side", "because"),
    [
        ((REQUEST,), "customer", "rejected"),
        ((REQUEST,), "partner", "withdrawn"),
        (BEGUN, "customer", "ended-by-customer"),
        (BEGUN, "partner", "ended-by-partner"),
        ((REQUEST, APPROVE), "customer", "ended-by-customer"),
        (BEGUN, None, "relationship-ended"),
        ((REQUEST,), None, "relationship-ended"),
    ],
)
def test_either_side_ends_a_grant_in_every_state(before: tuple[Command, ...], side: str | None, because: str) -> None:
    state = after(*before)
    (ended,) = decide(ending(side), state)
    assert isinstance(ended, AdminGrantEnded) and ended.because == because
    over = evolve(state, ended)
    assert decide(ending(side), over) == [] and ADMIN_GRANT.claims(over) == {}
    assert due(over) == ended.ended_at + 365 * DAY
    assert names(APPROVE, over) == ["grant-not-pending"] and names(SetAutoExtend(0, "u", True), over) == [
        "grant-not-open"
    ]


def test_a_request_nobody_answers_ends_after_90_days() -> None:
    state = after(REQUEST)
    assert due(state) == NOW + 90 * DAY
    assert names(LookAtGrant(NOW + 90 * DAY), state) == ["AdminGrantEnded"]
    assert names(replace(APPROVE, at=NOW + 90 * DAY), state) == ["grant-not-pending"]
    assert decide(LookAtGrant(NOW + 89 * DAY), state) == []


def test_a_grant_is_forgotten_a_year_after_its_end() -> None:
    ended = after(*BEGUN, ending("partner"))
    assert ended.admin_grant is not None and ended.admin_grant.ended_at is not None
    date = ended.admin_grant.ended_at + 365 * DAY
    assert due(ended) == date
    assert decide(LookAtGrant(date - timedelta(seconds=1)), ended) == []
    gone = reduce(evolve, decide(LookAtGrant(date), ended), ended)
    assert gone == State(forgotten=True)
    assert ADMIN_GRANT.forget(gone) and ADMIN_GRANT.tenant(gone) is None and due(gone) is None
    assert ADMIN_GRANT.parse(ADMIN_GRANT.dump(gone)) == gone
    # The same request again begins nothing, and a late message finds nothing.
    assert decide(REQUEST, gone) == [] and decide(ending("customer"), gone) == []


def test_an_approved_grant_that_does_not_begin_is_reported() -> None:
    state = after(REQUEST, APPROVE)
    late = APPROVE.at + timedelta(minutes=15)
    assert due(state) == late and names(LookAtGrant(late), state) == ["AdminGrantDelayed"]
    again = after(REQUEST, APPROVE, LookAtGrant(late))
    assert due(again) == late + timedelta(hours=1) and decide(LookAtGrant(late), again) == []
    assert due(after(REQUEST, APPROVE, LookAtGrant(late), ActivateGrant())) == NOW + 61 * DAY


def test_both_sides_get_reminders_and_the_grant_expires() -> None:
    state, sent = after(*BEGUN), []
    while (date := due(state)) is not None and state.admin_grant is not None and state.admin_grant.open:
        for fact in decide(LookAtGrant(date), state):
            sent.append(fact.days_left if isinstance(fact, AdminGrantExpiring) else getattr(fact, "because", "?"))
            state = evolve(state, fact)
    assert sent == [30, 7, 1, "expired"]


def test_a_late_timer_sends_one_reminder() -> None:
    state = after(*BEGUN)
    (reminder,) = decide(LookAtGrant(NOW + 88 * DAY), state)
    assert isinstance(reminder, AdminGrantExpiring) and reminder.days_left == 7
    assert due(evolve(state, reminder)) == NOW + 90 * DAY


def test_a_short_grant_has_no_reminder_from_before_it_began() -> None:
    short = replace(REQUEST, terms=TERMS.model_copy(update={"days": 7}))
    assert due(after(short, APPROVE, ActivateGrant())) == APPROVE.at + 6 * DAY


def test_only_the_customer_has_a_grant_extended() -> None:
    state = after(*BEGUN)
    assert names(SetAutoExtend(180, "p1", False), state) == ["auto-extend-by-customer"]
    on = after(*BEGUN, SetAutoExtend(180, "u3", True))
    assert due(on) == NOW + 91 * DAY and names(LookAtGrant(NOW + 91 * DAY), on) == ["AdminGrantExtended"]
    longer = grant_after(*BEGUN, SetAutoExtend(180, "u3", True), LookAtGrant(NOW + 91 * DAY))
    assert longer.expires_at == NOW + 271 * DAY
    assert names(SetAutoExtend(0, "p1", False), on) == ["AdminGrantExtensionChanged"]
    top = replace(REQUEST, terms=TERMS.model_copy(update={"roles": ("global-administrator",)}))
    assert names(SetAutoExtend(180, "u3", True), after(top)) == ["auto-extend-of-top-role"]


def test_a_purged_contact_leaves_the_grant() -> None:
    state = after(*BEGUN)
    assert decide(ForgetGrantContact("u2"), state) == []
    for user in ("u3", None):
        left = reduce(evolve, decide(ForgetGrantContact(user), state), state)
        assert APPROVE.contact.name not in str(left) and left.admin_grant and left.admin_grant.holds(NOW + DAY)


# -- the customer holds it

HOLD = HoldGrant(
    grant_id="g1", partner_id=PROVIDER.partner_id, roles=("user-administrator",), expires_at=NOW + 91 * DAY
)


def test_checks_count_a_held_grant_until_it_expires() -> None:
    held = held_by(customer_after(JOINT, HOLD))
    verdict = verdict_on(held, PROVIDER.partner_id, "administer-users", NOW)
    assert (verdict.reason, verdict.grant_id) == ("granted", "g1")
    for action, at, partner in (
        ("administer-users", NOW + 91 * DAY, PROVIDER),
        ("administer-licences", NOW, PROVIDER),
        ("administer", NOW, PROVIDER),
    ):
        assert verdict_on(held, partner.partner_id, action, at).reason == "not-permitted", action  # type: ignore[arg-type]


def test_no_grant_outlives_its_end_or_the_relationship() -> None:
    ended = replace(END, partner_id=PROVIDER.partner_id, partner=PROVIDER)
    for state in (customer_after(JOINT, HOLD, DropGrant("g1")), customer_after(JOINT, HOLD, ended)):
        assert verdict_on(held_by(state), PROVIDER.partner_id, "administer-users", NOW).reason != "granted"
    assert decide_customer(HOLD, customer_after(JOINT, ended)) == []
    again = replace(JOINT, invitation_id="i9", at=ended.at + DAY)
    back = customer_after(JOINT, HOLD, ended, again)
    assert verdict_on(held_by(back), PROVIDER.partner_id, "administer-users", NOW).reason == "not-permitted"


def test_no_grant_of_before_an_end_counts_when_two_connect_again() -> None:
    ended = replace(END, partner_id=PROVIDER.partner_id, partner=PROVIDER)
    back = customer_after(JOINT, ended, replace(JOINT, invitation_id="i9", at=ended.at + DAY))
    assert decide_customer(replace(HOLD, requested_at=ended.at - DAY), back) == []
    assert len(decide_customer(replace(HOLD, requested_at=ended.at + 2 * DAY), back)) == 1


def approved(grant: AdminGrant) -> Envelope[AdminGrantApproved]:
    fact = AdminGrantApproved(grant=grant.terms, approved_by="u3", approved_at=NOW + DAY, expires_at=NOW + 91 * DAY)
    return new_envelope(
        fact,
        id="e1",
        source="/kontor/relationships",
        subject="admin-grant:g1",
        time=NOW,
        sequence=1,
        correlationid="c1",
    )


@pytest.mark.parametrize(("ended", "held"), [(False, 1), (True, 0)])
def test_a_grant_that_ended_before_its_approval_arrives_is_not_held(ended: bool, held: int) -> None:
    end = EndGrant(side="customer", by="u3", reason=None, at=NOW + DAY)
    state = after(REQUEST, APPROVE, *([end] if ended else []))
    on = Reactions()
    follow_grants(on, Documents(state))  # type: ignore[arg-type]
    assert len(done(dispatches_of(on[AdminGrantApproved], approved(grant_after(REQUEST, APPROVE))))) == held


@pytest.mark.parametrize(("days_later", "ends"), [(0, 1), (2, 0)])
def test_an_end_ends_no_grant_that_was_asked_for_since(days_later: int, ends: int) -> None:
    asked = after(replace(REQUEST, at=NOW + days_later * DAY))
    (fact,) = decide_customer(
        replace(END, partner_id=PROVIDER.partner_id, partner=PROVIDER, at=NOW + DAY), customer_after(JOINT)
    )
    assert isinstance(fact, RelationshipEnded)
    world = World(NOW)
    world.states[ADMIN_GRANT.id("g1")] = (ADMIN_GRANT, asked)
    message = world.announce(fact, "customer:cust", "relationships")
    on = Reactions()
    follow_grants(on, world)  # type: ignore[arg-type]
    assert len(done(dispatches_of(on[RelationshipEnded], message))) == ends


def test_a_held_grant_is_found_in_the_lists_of_rights() -> None:
    for state, expected in ((customer_after(JOINT), False), (customer_after(JOINT, HOLD), True)):
        found = listing(state)
        assert found and (right_key(PROVIDER.partner_id, "administer-users") in found[0]) is expected
    assert right_key(RESELLER.partner_id, "administer-users") in (listing(customer_after(JOINT)) or ((),))[0]


@pytest.mark.parametrize("role", get_args(GrantRole))
def test_every_role_permits_something_and_nothing_to_order(role: GrantRole) -> None:
    assert set(ACTIONS[role]) <= set(get_args(Action)) and "view" in ACTIONS[role]
    assert not {"order", "add-subscription"} & set(ACTIONS[role])


moments = st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda passed: NOW + passed)
commands = st.one_of(
    st.just(REQUEST),
    st.builds(ApproveGrant, st.just("u3"), st.just(CUSTOMER_CONTACT), moments),
    st.just(ActivateGrant()),
    st.builds(
        EndGrant,
        side=st.sampled_from(["customer", "partner", None]),
        by=st.just("x"),
        reason=st.none(),
        at=moments,
    ),
    st.builds(SetAutoExtend, st.sampled_from([0, 180]), st.just("x"), st.booleans()),
    st.builds(LookAtGrant, moments),
    st.builds(ForgetGrantContact, st.sampled_from(["u2", "u3", None])),
)


@given(st.lists(commands, max_size=10))
def test_a_grant_begins_once_ends_once_and_can_be_stored(wanted: list[Command]) -> None:
    state, seen = State(), list[str]()
    for command in wanted:
        facts = decide(command, state)
        seen += [type(fact).__name__ for fact in facts]
        state = reduce(evolve, facts, state)
        assert [fact for fact in decide(command, state) if not isinstance(fact, GrantRefused)] == []
        assert ADMIN_GRANT.parse(ADMIN_GRANT.dump(state)) == state
        grant = state.admin_grant
        assert (due(state) is None) is (grant is None), "every state has a date"
    for once in ("AdminGrantRequested", "AdminGrantApproved", "AdminGrantActivated", "AdminGrantEnded"):
        assert seen.count(once) <= 1
