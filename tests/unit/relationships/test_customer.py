"""A customer and its partners: joint acceptance, visibility, permissions, and customers of other portals."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from unit.relationships.people import CUSTOMER_CONTACT, NOW, OTHER_RESELLER, PROVIDER, RESELLER, grants_of

from kontor_contracts.authz.rules import Reason, verdict_on
from kontor_contracts.relationships import (
    CustomerClosed,
    CustomerImported,
    CustomerImportRefused,
    CustomerReopened,
    Grant,
    ResellersAuthorized,
    ResellersRefused,
)
from kontor_contracts.values import Partner, Permission
from relationships.documents import CUSTOMER
from relationships.domain.check import held_by
from relationships.domain.customer.commands import (
    AuthorizeResellers,
    Command,
    FollowAccount,
    ForgetContact,
    ImportCustomer,
)
from relationships.domain.customer.decide import decide
from relationships.domain.customer.evolve import evolve
from relationships.domain.customer.state import (
    MOST_PARTNERS,
    MOST_WITH_LATE_ONES,
    State,
    has_room,
    visible_to,
)

LATER = NOW + timedelta(days=365)
IMPORT = ImportCustomer(
    customer_id="c1",
    portal="office",
    external_id="K-1",
    name="Fahrräder Köhler",
    country="DE",
    partner_id=RESELLER.partner_id,
    permissions=("administer",),
    at=NOW,
)


def authorizing(*partners: Partner, invitation_id: str = "i1") -> AuthorizeResellers:
    return AuthorizeResellers(
        customer_id="cust",
        name="Bäckerei Süß",
        country="DE",
        contact=CUSTOMER_CONTACT,
        partners=partners,
        invitation_id=invitation_id,
        at=NOW,
    )


def after(*commands: Command) -> State:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, State())


def permissions(state: State) -> dict[str, tuple[Permission, ...]]:
    return {one.partner_id: one.permissions for one in state.relationships}


# -- invitations


@pytest.mark.parametrize(
    ("partners", "expected"),
    [
        ((RESELLER,), {"471101": ("administer",)}),
        ((PROVIDER,), {"520001": ("order",)}),
        ((RESELLER, PROVIDER), {"471101": ("administer",), "520001": ("order",)}),
    ],
)
def test_the_reseller_administers_and_the_provider_orders(
    partners: tuple[Partner, ...], expected: dict[str, tuple[Permission, ...]]
) -> None:
    facts = decide(authorizing(*partners), State())
    (announced,) = [fact for fact in facts if isinstance(fact, ResellersAuthorized)]
    grants = tuple(Grant(partner=one, permissions=expected[one.partner_id]) for one in partners)
    assert (announced.customer_id, announced.grants, announced.invitation_id) == ("cust", grants, "i1")
    assert permissions(reduce(evolve, facts, State())) == expected


def test_an_acceptance_counts_once() -> None:
    state = after(authorizing(RESELLER, PROVIDER))
    assert decide(authorizing(RESELLER, PROVIDER), state) == []


def test_a_customer_has_room_for_a_bounded_number_of_partners() -> None:
    many = [RESELLER.model_copy(update={"partner_id": f"{number:06d}"}) for number in range(MOST_PARTNERS)]
    state = after(*(authorizing(one, invitation_id=one.partner_id) for one in many))
    assert not has_room(state, ["999999"])
    assert has_room(state, [many[0].partner_id])
    assert has_room(None, ["999999"])
    assert not has_room(after(*(authorizing(one) for one in many[:-1])), ["999998", "999999"])
    assert not has_room(after(*(authorizing(one) for one in many), FollowAccount(closed=True)), ["999999"])


def test_an_acceptance_beyond_all_room_is_refused_and_changes_nothing() -> None:
    state = State()
    for number in range(MOST_WITH_LATE_ONES - 1):
        partner = RESELLER.model_copy(update={"partner_id": f"{number:06d}"})
        state = reduce(evolve, decide(authorizing(partner, invitation_id=f"i{number}"), state), state)
    joint = authorizing(RESELLER, PROVIDER, invitation_id="late")
    refused = ResellersRefused(
        customer_id="cust",
        partners=(RESELLER, PROVIDER),
        invitation_id="late",
        reason="too-many-partners",
        customer_name=joint.name,
        contact=joint.contact,
    )
    assert decide(joint, state) == [refused]
    assert reduce(evolve, decide(joint, state), state) == state


def test_a_second_invitation_of_the_same_partner_adds_to_the_first() -> None:
    state = after(authorizing(RESELLER), replace(authorizing(RESELLER, PROVIDER, invitation_id="i2"), at=LATER))
    assert permissions(state) == {"471101": ("administer",), "520001": ("order",)}
    since = {one.partner_id: one.since for one in state.relationships}
    assert since == {"471101": NOW, "520001": LATER}


# -- a customer whose work account is closed


def test_no_right_holds_while_the_customer_is_closed() -> None:
    open_ = after(authorizing(RESELLER, PROVIDER))
    closed = reduce(evolve, decide(FollowAccount(closed=True), open_), open_)
    assert grants_of(closed) == {} and visible_to(closed, RESELLER.partner_id) == ()
    again = reduce(evolve, decide(FollowAccount(closed=False), closed), closed)
    assert again == open_


def test_closing_and_reopening_are_announced_once() -> None:
    state = after(authorizing(RESELLER))
    (announced,) = decide(FollowAccount(closed=True), state)
    assert announced == CustomerClosed(customer_id="cust")
    closed = evolve(state, announced)
    assert decide(FollowAccount(closed=True), closed) == []
    assert decide(FollowAccount(closed=False), closed) == [CustomerReopened(customer_id="cust")]
    assert decide(FollowAccount(closed=False), state) == []


def test_an_acceptance_does_not_open_a_closed_customer() -> None:
    state = after(authorizing(RESELLER), FollowAccount(closed=True), authorizing(PROVIDER, invitation_id="i2"))
    assert grants_of(state) == {}
    back = reduce(evolve, decide(FollowAccount(closed=False), state), state)
    assert grants_of(back) == {"471101": ("administer",), "520001": ("order",)}


def test_a_closing_that_comes_before_the_customer_holds() -> None:
    early = after(FollowAccount(closed=True))
    assert grants_of(early) is None and CUSTOMER.parse(CUSTOMER.dump(early)) == early
    facts = decide(authorizing(RESELLER), early)
    assert [type(fact) for fact in facts] == [ResellersAuthorized, CustomerClosed]
    known = reduce(evolve, facts, early)
    assert grants_of(known) == {} and visible_to(known, RESELLER.partner_id) == ()
    back = reduce(evolve, decide(FollowAccount(closed=False), known), known)
    assert grants_of(back) == {"471101": ("administer",)}


def test_a_reopening_undoes_a_closing_that_came_early() -> None:
    assert after(FollowAccount(closed=True), FollowAccount(closed=False)) == State()
    assert decide(FollowAccount(closed=False), State()) == []
    state = after(FollowAccount(closed=True), FollowAccount(closed=False), authorizing(RESELLER))
    assert grants_of(state) == {"471101": ("administer",)}


# -- visibility


def seen(state: State, by: Partner) -> set[str]:
    return {one.partner_id for one in visible_to(state, by.partner_id)}


def test_those_of_a_joint_invitation_see_each_other() -> None:
    state = after(authorizing(RESELLER, PROVIDER))
    assert seen(state, RESELLER) == seen(state, PROVIDER) == {"471101", "520001"}


def test_nobody_sees_a_partner_that_came_by_another_invitation() -> None:
    state = after(authorizing(RESELLER, PROVIDER), authorizing(OTHER_RESELLER, invitation_id="i2"))
    assert seen(state, OTHER_RESELLER) == {"471102"}
    assert seen(state, RESELLER) == {"471101", "520001"}


def test_joint_invitations_with_one_provider_do_not_join_the_resellers() -> None:
    state = after(authorizing(RESELLER, PROVIDER), authorizing(OTHER_RESELLER, PROVIDER, invitation_id="i2"))
    assert seen(state, RESELLER) == {"471101", "520001"}
    assert seen(state, OTHER_RESELLER) == {"471102", "520001"}
    assert seen(state, PROVIDER) == {"471101", "471102", "520001"}


def test_a_stranger_sees_nobody() -> None:
    assert visible_to(after(authorizing(RESELLER, PROVIDER)), OTHER_RESELLER.partner_id) == ()


# -- who may do what


@pytest.mark.parametrize(
    ("partner", "action", "expected"),
    [
        (RESELLER, "administer", "granted"),
        (RESELLER, "order", "not-permitted"),
        (PROVIDER, "order", "granted"),
        (PROVIDER, "administer", "not-permitted"),
        (OTHER_RESELLER, "administer", "no-relationship"),
        (OTHER_RESELLER, "order", "no-relationship"),
    ],
)
def test_a_partner_may_do_what_the_customer_authorized(partner: Partner, action: Permission, expected: Reason) -> None:
    held = held_by(after(authorizing(RESELLER, PROVIDER)))
    assert verdict_on(held, partner.partner_id, action, NOW).reason == expected
    assert verdict_on(held, None, action, NOW).reason == "partner-not-active"


def test_an_ended_relationship_gives_no_right_and_is_not_seen() -> None:
    state = after(authorizing(RESELLER, PROVIDER))
    reseller, provider = state.relationships
    state = replace(state, relationships=(replace(reseller, ended_at=NOW), provider))
    assert verdict_on(held_by(state), RESELLER.partner_id, "administer", NOW).reason == "no-relationship"
    assert verdict_on(held_by(state), PROVIDER.partner_id, "order", NOW).reason == "granted"
    assert (seen(state, RESELLER), seen(state, PROVIDER)) == (set(), {PROVIDER.partner_id})


def test_a_relationship_begins_again_without_its_old_permissions() -> None:
    state = after(authorizing(RESELLER))
    (reseller,) = state.relationships
    state = replace(state, relationships=(replace(reseller, permissions=("order",), ended_at=NOW),))
    assert decide(authorizing(RESELLER), state) == []
    again = replace(authorizing(RESELLER, invitation_id="i2"), at=LATER)
    state = reduce(evolve, decide(again, state), state)
    (begun,) = state.relationships
    assert (begun.permissions, begun.since, begun.holds) == (("administer",), LATER, True)


@pytest.mark.parametrize("state", [None, State()])
def test_a_customer_nobody_knows_has_no_partners(state: State | None) -> None:
    assert verdict_on(held_by(state), RESELLER.partner_id, "order", NOW).reason == "unknown-customer"


# -- customers of other portals


def test_an_import_makes_the_customer_known_for_the_partner_id() -> None:
    facts = decide(IMPORT, State())
    (announced,) = [fact for fact in facts if isinstance(fact, CustomerImported)]
    assert (announced.customer_id, announced.portal, announced.external_id) == ("c1", "office", "K-1")
    state = reduce(evolve, facts, State())
    assert permissions(state) == {RESELLER.partner_id: ("administer",)}
    (relationship,) = state.relationships
    assert (relationship.organization_id, relationship.invitations) == (None, ())


def test_the_same_import_again_changes_nothing() -> None:
    assert decide(replace(IMPORT, at=LATER), after(IMPORT)) == []


def test_an_import_updates_the_name_and_keeps_the_beginning() -> None:
    state = after(IMPORT, replace(IMPORT, name="Köhler Räder", at=LATER))
    assert state.account is not None and state.account.name == "Köhler Räder"
    assert [one.since for one in state.relationships] == [NOW]


def test_an_import_for_another_partner_adds_it() -> None:
    state = after(IMPORT, replace(IMPORT, partner_id="471102"))
    assert set(permissions(state)) == {"471101", "471102"}
    assert seen(state, RESELLER) == {"471101"}


def test_a_customers_country_never_changes() -> None:
    (refusal,) = decide(replace(IMPORT, country="AT"), after(IMPORT))
    assert isinstance(refusal, CustomerImportRefused)
    assert (refusal.reason, refusal.customer_id) == ("country-changed", "c1")


def test_an_import_whose_name_holds_a_link_is_refused() -> None:
    (refusal,) = decide(replace(IMPORT, name="Pay at https://evil.example"), State())
    assert isinstance(refusal, CustomerImportRefused)
    assert refusal.reason == "name-not-plain"


# -- purged users


def test_a_customer_erases_a_purged_contact_and_keeps_its_partners() -> None:
    accepted = after(replace(authorizing(RESELLER, PROVIDER), contact_user="u-1"))
    assert decide(ForgetContact("somebody-else"), accepted) == []
    (described,) = decide(ForgetContact("u-1"), accepted)
    left = evolve(accepted, described)
    assert CUSTOMER_CONTACT.email not in str(left)
    assert left.relationships == accepted.relationships
    assert decide(ForgetContact("u-1"), left) == []
    assert decide(ForgetContact("u-1"), State()) == []


def test_a_customer_erases_its_contact_with_its_work_account() -> None:
    accepted = after(replace(authorizing(RESELLER), contact_user="u-1"))
    left = reduce(evolve, decide(ForgetContact(None), accepted), accepted)
    assert CUSTOMER_CONTACT.email not in str(left) and "u-1" not in str(left)
    assert decide(ForgetContact(None), left) == [] == decide(ForgetContact(None), State())
    assert ForgetContact.ERASES, "kept events and answers go, too"
