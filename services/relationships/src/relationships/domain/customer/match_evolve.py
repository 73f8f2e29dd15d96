"""How a match and its undoing change the two customers."""

from dataclasses import replace

from kontor_contracts.customer_matches import CustomerMatched, CustomerMatchUndone, ReturnedRelationship
from kontor_contracts.relationships import CustomerImported
from relationships.domain.customer.facts import Restored, TakenOver
from relationships.domain.customer.matching import counted_for, without_match
from relationships.domain.customer.state import (
    Match,
    MatchedInto,
    Moved,
    Relationship,
    State,
    Subscriptions,
    came_with,
    known,
    match_of,
    not_ended,
)


def matched(state: State, event: CustomerMatched) -> State:
    return replace(state, matched=MatchedInto(event.customer_id, event.matched_at))


def taken_over(state: State, fact: TakenOver) -> State:
    changed = replace(state, matches=(*state.matches, fact.match))
    for one in fact.match.moved:
        changed = _put(changed, _merged(one, fact.match, known(state, one.taken.partner_id)))
    return changed


def undone(state: State, event: CustomerMatchUndone) -> State:
    found = match_of(state, event.imported_id)
    return without_match(found, state) if found else state


def restored(state: State, fact: Restored) -> State:
    changed = replace(state, matched=None)
    for one in fact.returned:
        before = known(changed, one.partner_id)
        if before is None or before.holds:
            changed = _put(changed, _given_back(one, before, fact))
    return changed


def imported_again(state: State, event: CustomerImported, found: Match) -> State:
    """An import of a customer that this one is: it has a name and a country of its own."""
    if event.permissions is None or event.imported_at is None:
        return state
    permissions = tuple(dict.fromkeys(event.permissions))
    before = not_ended(state, event.partner_id)
    new = Relationship(partner_id=event.partner_id, permissions=permissions, since=event.imported_at)
    if not came_with(found, event.partner_id):
        moved = Moved(new, before=before)
        more = replace(found, moved=(*found.moved, moved))
        state = replace(state, matches=tuple(more if one == found else one for one in state.matches))
    if before is None:
        return _put(state, new)
    # What the customer accepted itself stays, whatever a portal says.
    wanted = tuple(dict.fromkeys((*before.permissions, *permissions))) if before.invitations else permissions
    if wanted == before.permissions:
        return state
    return _put(state, replace(before, permissions=wanted, version=before.version + 1))


def match_with(state: State, portal: str, external_id: str) -> Match | None:
    return next((one for one in state.matches if (one.portal, one.external_id) == (portal, external_id)), None)


def _merged(one: Moved, found: Match, before: Relationship | None) -> Relationship:
    taken = one.taken
    counts = tuple(
        Subscriptions(counted_for(found.imported_id, each.portal), each.active) for each in taken.subscriptions
    )
    if before is None:
        return replace(taken, subscriptions=counts, grants=(), version=taken.version + 1)
    return replace(
        before,
        permissions=tuple(dict.fromkeys((*before.permissions, *taken.permissions))),
        since=min(before.since, taken.since),
        subscriptions=(*before.subscriptions, *counts),
        channel=before.channel or taken.channel,
        version=max(before.version, taken.version) + 1,
    )


def _given_back(one: ReturnedRelationship, before: Relationship | None, fact: Restored) -> Relationship:
    back = before or Relationship(partner_id=one.partner_id, permissions=one.permissions, since=fact.at, version=0)
    return replace(
        back,
        permissions=one.permissions,
        subscriptions=tuple(Subscriptions(each.portal, each.active) for each in one.subscriptions),
        ended_at=one.ended_at,
        ended_by=one.ended_by,
        version=back.version + 1,
    )


def _put(state: State, changed: Relationship) -> State:
    """Replaces the relationship with the same partner, or appends ``changed``."""
    if known(state, changed.partner_id) is None:
        return replace(state, relationships=(*state.relationships, changed))
    present = tuple(changed if one.partner_id == changed.partner_id else one for one in state.relationships)
    return replace(state, relationships=present)
