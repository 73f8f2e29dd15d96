"""What commands on a partnership lead to, and what its events change."""

from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any, Literal, assert_never

from kontor_contracts.relationships import (
    PartnershipEnded,
    PartnershipEstablished,
    PartnershipResumed,
    PartnershipSide,
    PartnershipSuspended,
    ProviderAdminAccessGranted,
    ProviderAdminAccessRemoved,
    ResellerReauthorizationDue,
    ResellerReauthorized,
)
from kontor_contracts.values import Partner
from relationships.domain.partnership import (
    MOST_PAST,
    Command,
    Ending,
    EndPartnership,
    EstablishPartnership,
    ExpireAdminAccess,
    Fact,
    FollowPartners,
    FollowReauthorization,
    GrantAdminAccess,
    PartnerChanged,
    Partnership,
    PastPartnership,
    PresentPartner,
    RemoveAdminAccess,
    State,
    partnership_id,
    side_of,
)
from relationships.domain.partnership_refusals import PartnershipRefused, refused

Reauthorization = ResellerReauthorizationDue | ResellerReauthorized
Following = PartnershipSuspended | PartnershipResumed | PartnerChanged


def decide(command: Command, state: State) -> list[Fact]:  # noqa: PLR0911  one return per command
    known = state.partnership
    match command:
        case EstablishPartnership():
            return _establish(command, state)
        case EndPartnership():
            return _end(command, known)
        case GrantAdminAccess():
            return _grant(command, known)
        case RemoveAdminAccess(at=at):
            return _remove(known, at)
        case ExpireAdminAccess(at):
            return _expire(known, at)
        case FollowPartners():
            return _follow(command, known)
        case FollowReauthorization():
            return _follow_reauthorization(command, known)
        case _:
            assert_never(command)


def evolve(state: State, event: Fact) -> State:
    match event:
        case PartnershipEstablished(since=datetime() as since):
            return _established(state, event, since)
        case PartnershipEstablished() | PartnershipRefused():
            # ``since`` is optional on the wire alone. `decide` always sets it.
            return state
        case _:
            changed = _changed(state.partnership, event) if state.partnership else None
            return replace(state, partnership=changed)


# -- rules


def _establish(command: EstablishPartnership, state: State) -> list[Fact]:
    known = state.partnership
    # A repeated acceptance must not revive a partnership that has ended since.
    if known and (not known.ended or command.invitation_id in _invitations(state, known)):
        return []
    if known and known.ending and command.at <= known.ending.at:
        # The acceptance was given before the end, and is applied after it.
        return []
    provider, reseller = command.provider, command.reseller
    return [
        PartnershipEstablished(
            partnership_id=partnership_id(provider.organization_id, reseller.organization_id),
            provider=provider,
            reseller=reseller,
            admin_access=True,
            invitation_id=command.invitation_id,
            since=command.at,
        )
    ]


def _end(command: EndPartnership, known: Partnership | None) -> list[Fact]:
    if known is None:
        return [refused("partnership-unknown")]
    if known.ended:
        return []
    ended = PartnershipEnded(
        partnership_id=known.partnership_id,
        provider=known.provider,
        reseller=known.reseller,
        invitation_id=known.invitation_id,
        since=known.since,
        ended_at=command.at,
        ended_by=command.by,
        reason=command.reason,
        comment=command.comment,
    )
    return [*_access_removed(known, command.at, "partnership-ended"), ended]


def _grant(command: GrantAdminAccess, known: Partnership | None) -> list[Fact]:
    if known is None or not known.active:
        return [refused("partnership-not-active")]
    if not command.consent:
        return [refused("access-consent-missing")]
    if command.until is not None and command.until <= command.at:
        return [refused("access-end-past")]
    if known.admin_access_holds(command.at) and known.admin_access_until == command.until:
        return []
    return [
        ProviderAdminAccessGranted(
            partnership_id=known.partnership_id,
            provider=known.provider,
            reseller=known.reseller,
            granted_by=command.by,
            granted_at=command.at,
            until=command.until,
        )
    ]


def _remove(known: Partnership | None, at: datetime) -> list[Fact]:
    if known is None:
        return [refused("partnership-unknown")]
    return _access_removed(known, at, "removed-by-reseller")


def _expire(known: Partnership | None, at: datetime) -> list[Fact]:
    if known is None or known.admin_access_until is None or at < known.admin_access_until:
        return []
    return _access_removed(known, at, "time-over")


def _access_removed(
    known: Partnership, at: datetime, cause: Literal["removed-by-reseller", "time-over", "partnership-ended"]
) -> list[Fact]:
    if known.ended or not known.admin_access:
        return []
    return [
        ProviderAdminAccessRemoved(
            partnership_id=known.partnership_id,
            provider=known.provider,
            reseller=known.reseller,
            removed_at=at,
            cause=cause,
        )
    ]


def _follow(command: FollowPartners, known: Partnership | None) -> list[Fact]:
    facts: list[Fact] = []
    once = {present.partner.organization_id: present for present in command.present}
    for present in once.values():
        if known is not None and not known.ended:
            followed = _follow_one(present, known, command.at)
            known = reduce(_changed, followed, known)
            facts += followed
    return facts


def _follow_reauthorization(command: FollowReauthorization, known: Partnership | None) -> list[Fact]:
    if known is None or known.ended or command.due_at == known.reauthorization_due:
        return []
    if command.announced and known.reauthorization_due is None:
        return []
    both: dict[str, Any] = {
        "partnership_id": known.partnership_id,
        "provider": known.provider,
        "reseller": known.reseller,
    }
    if command.due_at is None:
        return [ResellerReauthorized(**both)]
    return [ResellerReauthorizationDue(**both, due_at=command.due_at)]


def _follow_one(present: PresentPartner, known: Partnership, at: datetime) -> list[Following]:
    partner = present.partner
    side = side_of(known, partner.organization_id)
    if side is None:
        return []
    renamed = _with_partner(known, partner)
    facts: list[Following] = [PartnerChanged(partner)] if renamed != known else []
    both: dict[str, Any] = {
        "partnership_id": known.partnership_id,
        "provider": renamed.provider,
        "reseller": renamed.reseller,
        "side": side,
    }
    if present.active and side in known.suspended:
        facts.append(PartnershipResumed(**both, resumed_at=at, active=known.suspended == (side,)))
    elif not present.active and side not in known.suspended:
        facts.append(PartnershipSuspended(**both, suspended_at=at))
    return facts


# -- changes


def _established(state: State, event: PartnershipEstablished, since: datetime) -> State:
    begun = Partnership(
        partnership_id=event.partnership_id,
        provider=event.provider,
        reseller=event.reseller,
        admin_access=event.admin_access,
        since=since,
        invitation_id=event.invitation_id,
    )
    last = state.partnership
    past = PastPartnership(invitation_id=last.invitation_id, since=last.since, ending=last.ending) if last else None
    return State(begun, (*state.past, past)[-MOST_PAST:] if past else state.past)


def _changed(  # noqa: PLR0911  one return per fact
    known: Partnership,
    event: PartnershipEnded | ProviderAdminAccessGranted | ProviderAdminAccessRemoved | Following | Reauthorization,
) -> Partnership:
    match event:
        case PartnershipEnded():
            ending = Ending(at=event.ended_at, by=event.ended_by, reason=event.reason, comment=event.comment)
            return replace(known, status="ended", suspended=(), ending=ending)
        case PartnershipSuspended(side=side):
            return _with_suspended(known, tuple(sorted({*known.suspended, side})))
        case PartnershipResumed(side=side):
            return _with_suspended(known, tuple(one for one in known.suspended if one != side))
        case ProviderAdminAccessGranted(until=until):
            return replace(known, admin_access=True, admin_access_until=until)
        case ProviderAdminAccessRemoved():
            return replace(known, admin_access=False, admin_access_until=None)
        case ResellerReauthorizationDue(due_at=due):
            return replace(known, reauthorization_due=due)
        case ResellerReauthorized():
            return replace(known, reauthorization_due=None)
        case PartnerChanged(partner):
            return _with_partner(known, partner)
        case _:
            assert_never(event)


def _with_partner(known: Partnership, partner: Partner) -> Partnership:
    match side_of(known, partner.organization_id):
        case "provider":
            return replace(known, provider=partner)
        case "reseller":
            return replace(known, reseller=partner)
        case None:
            return known


def _with_suspended(known: Partnership, suspended: tuple[PartnershipSide, ...]) -> Partnership:
    if known.ended:
        return known
    return replace(known, suspended=suspended, status="suspended" if suspended else "active")


def _invitations(state: State, known: Partnership) -> set[str]:
    return {known.invitation_id, *(one.invitation_id for one in state.past)}
