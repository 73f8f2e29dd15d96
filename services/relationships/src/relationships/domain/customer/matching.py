"""An imported customer and a customer with a work account are one company: decisions on the match and on its undoing.

The imported customer says that it is matched, and gives no rights from then on. An event has the other one take its
relationships over. Undoing goes the other way round. So no partner has a right twice, and each step is one write.
"""

from collections.abc import Sequence
from dataclasses import replace

from kontor_contracts.customer_matches import (
    CustomerMatched,
    CustomerMatchUndone,
    ImportedCustomerRestored,
    MovedRelationship,
    PortalCount,
    RelationshipsMoved,
    ReturnedRelationship,
)
from relationships.domain.customer.commands import MatchCustomer, RestoreImported, TakeOver, UndoMatch
from relationships.domain.customer.facts import Restored, TakenOver
from relationships.domain.customer.refusals import RelationshipRefused, refused
from relationships.domain.customer.state import (
    MOST_MATCHES,
    ROLE_PERMISSIONS,
    UNDO_WITHIN,
    Match,
    Moved,
    Relationship,
    State,
    came_with,
    has_room,
    known,
    match_of,
)


def match(command: MatchCustomer, state: State) -> Sequence[CustomerMatched | RelationshipRefused]:
    account = state.account
    if state.matched is not None and state.matched.customer_id == command.customer_id:
        return []
    if account is None or account.portal is None or account.external_id is None or not _proposed(command, state):
        return [] if command.quiet else [refused("no-match-proposed")]
    return [
        CustomerMatched(
            imported_id=account.customer_id,
            imported_name=account.name,
            portal=account.portal,
            external_id=account.external_id,
            country=account.country,
            customer_id=command.customer_id,
            customer_name=command.customer_name,
            contact=command.contact,
            confirmed_by=command.user_id,
            invitation_id=command.invitation_id,
            matched_at=command.at,
            undo_until=command.at + UNDO_WITHIN,
            partners=command.partners,
        )
    ]


def _proposed(command: MatchCustomer, state: State) -> bool:
    """The comparison was made a moment ago; the country alone can be looked at again here."""
    same_country = state.account is not None and state.account.country == command.country
    return command.proposed and same_country and bool(state.holding)


def take_over(command: TakeOver, state: State) -> Sequence[TakenOver | RelationshipsMoved | CustomerMatchUndone]:
    """All or nothing. Without room the match is undone, which gives the imported customer its rights back."""
    if match_of(state, command.imported_id):
        return []
    moved = tuple(
        Moved(one, before=before)
        for one in command.relationships
        # One that the customer has ended stays ended: nothing but an invitation connects the two again.
        if (before := known(state, one.partner_id)) is None or before.holds
    )
    room = has_room(state, [one.taken.partner_id for one in moved])
    if state.account is None or not room or len(state.matches) >= MOST_MATCHES:
        return [
            CustomerMatchUndone(
                customer_id=command.customer_id,
                customer_name=command.customer_name,
                imported_id=command.imported_id,
                contact=state.account.contact if state.account else None,
                undone_by="program",
                undone_at=command.matched_at,
                partners=command.partners,
            )
        ]
    taken = Match(
        imported_id=command.imported_id,
        imported_name=command.imported_name,
        portal=command.portal,
        external_id=command.external_id,
        matched_at=command.matched_at,
        undo_until=command.undo_until,
        moved=moved,
    )
    return [
        TakenOver(taken),
        RelationshipsMoved(
            customer_id=command.customer_id,
            imported_id=command.imported_id,
            moved=tuple(
                MovedRelationship(
                    partner_id=one.taken.partner_id, permissions=one.taken.permissions, since=one.taken.since
                )
                for one in moved
            ),
            moved_at=command.matched_at,
        ),
    ]


def undo(command: UndoMatch, state: State) -> Sequence[CustomerMatchUndone | RelationshipRefused]:
    found, account = match_of(state, command.imported_id), state.account
    if found is None or account is None or (command.partner_id and not came_with(found, command.partner_id)):
        return [refused("match-unknown")]
    if command.at >= found.undo_until and command.by != "program":
        return [refused("match-final")]
    return [
        CustomerMatchUndone(
            customer_id=account.customer_id,
            customer_name=account.name,
            imported_id=found.imported_id,
            contact=account.contact,
            undone_by=command.by,
            undone_by_user=command.user_id,
            undone_at=command.at,
            returned=tuple(_returned(one, found, state) for one in found.moved),
            dropped=tuple(one.taken.partner_id for one in found.moved if only_by_match(one, state)),
            partners=command.partners,
        )
    ]


def restore(command: RestoreImported, state: State) -> Sequence[Restored | ImportedCustomerRestored]:
    if state.matched is None or state.matched.customer_id != command.customer_id or state.account is None:
        return []
    return [
        Restored(command.returned, command.at),
        ImportedCustomerRestored(
            imported_id=state.account.customer_id, customer_id=command.customer_id, restored_at=command.at
        ),
    ]


def ended_since(found: Match, partner_id: str, state: State) -> Relationship | None:
    """The relationship that came with the match, if somebody ended it since."""
    ever = (*state.past, *state.relationships)
    ended = (one for one in ever if one.partner_id == partner_id and one.ended_at is not None)
    return next((one for one in ended if one.ended_at and one.ended_at >= found.matched_at), None)


def only_by_match(one: Moved, state: State) -> bool:
    """The relationship holds, and nothing else than the match gave it."""
    now = known(state, one.taken.partner_id)
    return now is not None and now.holds and one.before is None and not now.invitations


def without_match(found: Match, state: State) -> State:
    """The customer as it would be without the match; what happened since stays."""
    relationships = list(state.relationships)
    for one in found.moved:
        now = known(state, one.taken.partner_id)
        if now is None or not now.holds or ended_since(found, one.taken.partner_id, state):
            continue
        at = relationships.index(now)
        if only_by_match(one, state):
            relationships[at : at + 1] = []
        else:
            relationships[at] = _own_alone(one, now)
    return replace(
        state,
        relationships=tuple(_without_counts(one, found) for one in relationships),
        matches=tuple(each for each in state.matches if each != found),
        unmatched=(*state.unmatched, found.imported_id)[-MOST_MATCHES:],
    )


def counted_for(imported_id: str, portal: str) -> str:
    """The name under which a customer counts what a portal reports about an imported customer that it is."""
    return f"{portal}/{imported_id}"


def _without_counts(one: Relationship, found: Match) -> Relationship:
    """Partners of the account alone may have reported about the imported customer, too, while the two were one."""
    suffix = f"/{found.imported_id}"
    return replace(one, subscriptions=tuple(each for each in one.subscriptions if not each.portal.endswith(suffix)))


def _own_alone(one: Moved, now: Relationship) -> Relationship:
    before = one.before
    channel = None if now.channel == one.taken.channel else now.channel
    had = before.permissions if before else ()
    # An invitation that was accepted since keeps what it gave.
    accepted = now.role is not None and now.invitations != (before.invitations if before else ())
    return replace(
        now,
        permissions=tuple(dict.fromkeys((*had, *ROLE_PERMISSIONS[now.role]))) if accepted and now.role else had,
        since=before.since if before else (now.accepted_at or now.since),
        channel=before.channel if before and before.channel else channel,
        version=now.version + 1,
    )


def _returned(one: Moved, found: Match, state: State) -> ReturnedRelationship:
    """``now`` may have changed by what its portals said since."""
    partner_id, suffix = one.taken.partner_id, f"/{found.imported_id}"
    now, ended = known(state, partner_id), ended_since(found, partner_id, state)
    kept = now.permissions if now and only_by_match(one, state) else one.taken.permissions
    counts = tuple(
        PortalCount(portal=each.portal.removesuffix(suffix), active=each.active)
        for each in (now.subscriptions if now else ())
        if each.portal.endswith(suffix)
    )
    return ReturnedRelationship(
        partner_id=partner_id,
        permissions=kept,
        subscriptions=() if ended else counts,
        ended_at=ended.ended_at if ended else None,
        ended_by=ended.ended_by if ended else None,
    )
