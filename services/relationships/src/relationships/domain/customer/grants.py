"""The administrator grants that a relationship holds. Authorization checks count these."""

from collections.abc import Sequence
from dataclasses import replace

from kontor_contracts.admin_grants import AdminGrantDropped, AdminGrantHeld
from relationships.domain.customer.commands import DropGrant, HoldGrant
from relationships.domain.customer.state import MOST_GRANTS, HeldGrant, Relationship, State, not_ended


def hold(command: HoldGrant, state: State) -> Sequence[AdminGrantHeld]:
    """Nothing without the relationship for which it was asked: the grant ends with it."""
    before, account = not_ended(state, command.partner_id), state.account
    grant = HeldGrant(command.grant_id, command.roles, command.expires_at)
    if before is None or account is None or grant in before.grants:
        return []
    if command.requested_at is not None and command.requested_at < before.since:
        # The relationship ended since, and the two connected again. The grant of before ends as soon as that message arrives.
        return []
    others = [one for one in before.grants if one.grant_id != grant.grant_id]
    if len(others) >= MOST_GRANTS:
        return []
    return [
        AdminGrantHeld(
            customer_id=account.customer_id,
            partner_id=command.partner_id,
            grant_id=command.grant_id,
            roles=command.roles,
            expires_at=command.expires_at,
        )
    ]


def drop(command: DropGrant, state: State) -> Sequence[AdminGrantDropped]:
    holder = next((one for one in state.relationships if _has(one, command.grant_id)), None)
    if holder is None or state.account is None:
        return []
    return [
        AdminGrantDropped(
            customer_id=state.account.customer_id, partner_id=holder.partner_id, grant_id=command.grant_id
        )
    ]


def with_grant(relationship: Relationship, event: AdminGrantHeld) -> Relationship:
    others = tuple(one for one in relationship.grants if one.grant_id != event.grant_id)
    grant = HeldGrant(event.grant_id, event.roles, event.expires_at)
    return replace(relationship, grants=(*others, grant), version=relationship.version + 1)


def without_grant(relationship: Relationship, grant_id: str) -> Relationship:
    if not _has(relationship, grant_id):
        return relationship
    left = tuple(one for one in relationship.grants if one.grant_id != grant_id)
    return replace(relationship, grants=left, version=relationship.version + 1)


def _has(relationship: Relationship, grant_id: str) -> bool:
    return any(one.grant_id == grant_id for one in relationship.grants)
