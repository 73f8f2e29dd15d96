"""Where a partner stands in the list of the program's staff."""

from functools import reduce

from unit.relationships.people import NOW, PROVIDER

from relationships.domain.partner import (
    Command,
    ErasePartner,
    FollowAccount,
    ListPartner,
    State,
    SuspendPartner,
    decide,
    evolve,
)
from relationships.domain.partner_listing import EVERYBODY, listing, program_key, standing_key, word_key

LIST = ListPartner(PROVIDER, "DE", "europe")


def keys(*commands: Command) -> set[str]:
    state = State()
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    found = listing(state)
    return set(found[0]) if found else set()


def test_a_partner_is_found_by_standing_program_name_and_number() -> None:
    found = keys(LIST)
    assert {EVERYBODY, standing_key("active"), program_key("indirect-provider")} <= found
    assert {word_key(PROVIDER.partner_id), *map(word_key, ("grosshandel", "nord"))} <= found


def test_a_partner_moves_with_its_standing() -> None:
    suspended = SuspendPartner(reason="invoices-overdue", at=NOW)
    assert standing_key("suspended") in keys(LIST, suspended)
    both = keys(LIST, suspended, FollowAccount(closed=True, at=NOW))
    assert standing_key("closed") in both and standing_key("suspended") not in both


def test_an_erased_partner_is_in_no_list() -> None:
    assert keys(LIST, ErasePartner(NOW)) == set()
