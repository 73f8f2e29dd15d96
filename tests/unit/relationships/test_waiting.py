"""Imports for a partner id that nobody holds: they wait apart, a few and not for ever, and are carried out once."""

import json
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from unit.relationships.people import CUSTOMER_CONTACT, NOW, OTHER_RESELLER, PROVIDER, RESELLER

from kontor_contracts.relationships import CustomerImported, CustomerImportRefused
from relationships.domain.customer import commands as customer_commands
from relationships.domain.customer import decide as customer
from relationships.domain.customer.commands import AuthorizeResellers, ImportCustomer
from relationships.domain.customer.evolve import evolve as evolve_customer
from relationships.domain.customer.state import MOST_INVITATIONS, MOST_PARTNERS, visible_to
from relationships.domain.customer.state import State as Customer
from relationships.domain.waiting import (
    FIRST_LOOK,
    LONGEST,
    MOST_IMPORTS,
    MOST_SENT,
    NEXT_LOOK,
    Command,
    LookAgain,
    Refuse,
    Release,
    Sent,
    State,
    Wait,
    Waiting,
    Wake,
    decide,
    due,
    evolve,
    waits_for,
)
from relationships.portals import Portals, read


def wanted(number: int = 1, **changes: Any) -> ImportCustomer:
    made = ImportCustomer(
        customer_id=f"c{number}",
        portal="office",
        external_id=f"K-{number}",
        name="Fahrräder Köhler",
        country="DE",
        partner_id="999999",
        permissions=("administer",),
        at=NOW,
    )
    return replace(made, **changes)


def waiting(number: int = 1, **changes: Any) -> Waiting:
    return Waiting(wanted=wanted(number, **changes), message_id=f"m{number}", correlation_id="c")


def sent(*keys: str) -> tuple[Sent, ...]:
    return tuple(Sent(key, "content of " + key) for key in keys)


def after(*commands: Command) -> State:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, State())


def reasons(facts: Any) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, CustomerImportRefused)]


def test_an_import_waits_and_is_looked_at_soon() -> None:
    state = after(Wait(waiting()))
    assert (state.imports, state.open, due(state)) == ((waiting(),), True, NOW + FIRST_LOOK)


def test_a_newer_import_keeps_the_keys_of_those_it_replaces() -> None:
    first, second = waiting(), waiting(name="Köhler Räder")
    commands = [Wait(replace(first, sent=sent("k1"))), Wait(replace(second, sent=sent("k2")))]
    assert after(*commands).imports == (replace(second, sent=sent("k1", "k2")),)


def test_the_keys_of_an_import_are_bounded() -> None:
    commands = [Wait(replace(waiting(), sent=sent(f"k{number}"))) for number in range(MOST_SENT + 5)]
    (kept,) = after(*commands).imports
    assert [one.key for one in kept.sent] == [f"k{number}" for number in range(5, MOST_SENT + 5)]


def test_the_newer_import_of_a_customer_counts() -> None:
    newer = waiting(name="Köhler Räder")
    assert after(Wait(waiting()), Wait(newer)).imports == (newer,)


def test_so_many_wait_for_one_partner_id_and_no_more() -> None:
    full = after(*(Wait(waiting(number)) for number in range(MOST_IMPORTS)))
    assert reasons(decide(Wait(waiting(MOST_IMPORTS)), full)) == ["too-many-waiting"]
    assert reasons(decide(Wait(waiting(3, name="Anders")), full)) == []


def test_an_activation_wakes_what_waits_and_what_is_done_leaves() -> None:
    state = after(Wait(waiting(1)), Wait(waiting(2)), Wake(NOW))
    assert due(state) == NOW
    state = reduce(evolve, decide(Release((waiting(1), waiting(2))), state), state)
    assert state == State()
    assert decide(Wake(NOW), state) == []


def test_an_import_behind_an_older_one_is_due_at_once() -> None:
    assert due(after(Wait(waiting()))) == NOW + FIRST_LOOK
    assert due(after(Wait(waiting(), due=True))) == NOW
    full = after(*(Wait(waiting(number)) for number in range(MOST_IMPORTS)))
    assert reasons(decide(Wait(waiting(MOST_IMPORTS), due=True), full)) == ["too-many-waiting"]


def test_an_import_that_changed_meanwhile_stays() -> None:
    state = after(Wait(waiting()), Wait(waiting(name="Neu")))
    assert decide(Release((waiting(),)), state) == []


def test_a_partner_id_that_nobody_comes_to_hold_leaves_nothing_behind() -> None:
    state = after(Wait(waiting(1)), Wait(waiting(2, at=NOW + NEXT_LOOK)))
    assert due(after(Wait(waiting()), LookAgain(NOW))) == NOW + NEXT_LOOK
    facts = decide(LookAgain(NOW + LONGEST), state)
    assert reasons(facts) == ["partner-unknown"]
    state = reduce(evolve, facts, state)
    state = reduce(evolve, decide(LookAgain(NOW + LONGEST + NEXT_LOOK), state), state)
    assert state == State()


def test_a_refusal_takes_the_import_away() -> None:
    facts = decide(Refuse(wanted(), "portal-not-entitled"), after(Wait(waiting())))
    assert reasons(facts) == ["portal-not-entitled"]
    assert reduce(evolve, facts, after(Wait(waiting()))) == State()


# -- what becomes of them


def run(*commands: customer_commands.Command) -> Customer:
    start = Customer()
    return reduce(
        lambda state, command: reduce(evolve_customer, customer.decide(command, state), state), commands, start
    )


def test_a_late_import_makes_the_customer_known() -> None:
    facts = customer.decide(wanted(), Customer())
    assert [type(fact) for fact in facts][-1] is CustomerImported


def test_a_customer_waits_until_its_import_was_carried_out() -> None:
    state = after(Wait(waiting(1)), Wait(waiting(2)))
    customers = [waiting(number).wanted.customer_id for number in (1, 2)]
    assert [waits_for(state, one) for one in customers] == [True, True]
    left = reduce(evolve, decide(Release((waiting(1),)), state), state)
    assert [waits_for(left, one) for one in customers] == [False, True]


def test_a_customer_has_so_many_imported_partners_and_no_more() -> None:
    full = run(*(wanted(partner_id=str(500_000 + number)) for number in range(MOST_PARTNERS)))
    assert reasons(customer.decide(wanted(), full)) == ["too-many-partners"]
    assert reasons(customer.decide(wanted(partner_id="500003", name="Anders"), full)) == []


def test_a_relationship_names_its_newest_invitations_alone() -> None:
    commands = [
        AuthorizeResellers(
            customer_id="cust",
            name="Bäckerei Süß",
            country="DE",
            contact=CUSTOMER_CONTACT,
            partners=(RESELLER, PROVIDER),
            invitation_id=f"i{number}",
            at=NOW,
        )
        for number in range(50)
    ]
    state = run(*commands)
    for relationship in state.relationships:
        assert relationship.invitations == tuple(f"i{number}" for number in range(50 - MOST_INVITATIONS, 50))
    seen = {one.partner_id for one in visible_to(state, RESELLER.partner_id)}
    assert seen == {RESELLER.partner_id, PROVIDER.partner_id}


# -- who is believed


@pytest.fixture
def portals(tmp_path: Path) -> Portals:
    file = tmp_path / "portals.json"
    own = {"source": "/portals/own", "partner_ids": [OTHER_RESELLER.partner_id]}
    file.write_text(json.dumps({"office": {"source": "/portals/office"}, "own": own}))
    return Portals(read(file))


def test_a_portal_speaks_by_its_own_source_alone(portals: Portals) -> None:
    assert portals.speaks("office", "/portals/office")
    assert not portals.speaks("office", "/portals/own")
    assert not portals.speaks("unheard-of", "/portals/office")


def test_a_portal_speaks_for_its_own_partners_alone(portals: Portals) -> None:
    assert portals.may_speak_for("office", RESELLER.partner_id)
    assert portals.may_speak_for("own", OTHER_RESELLER.partner_id)
    assert not portals.may_speak_for("own", RESELLER.partner_id)


def test_nobody_is_believed_where_no_portal_is_registered() -> None:
    assert not Portals({}).speaks("office", "/portals/office")
    assert Portals(None).speaks("office", "/whatever")
