"""What each event changes in a user. Pure."""

from dataclasses import replace
from typing import assert_never

from identity.domain.user.access.lifecycle import evolve as evolve_life
from identity.domain.user.access.password import evolve_password
from identity.domain.user.address.change import evolve_address
from identity.domain.user.address.proof import evolve_proof
from identity.domain.user.events import (
    AddressFact,
    Fact,
    InvitationFact,
    LifeFact,
    OrganizationJoined,
    OwnFact,
    PasswordSet,
    ProofFact,
    ResetLinkMade,
    UserRefused,
)
from identity.domain.user.invitation import evolve as evolve_invitation
from identity.domain.user.state import User
from kontor_contracts.identity import (
    PasswordResetRequested,
    UserAdded,
    UserPasswordChanged,
    UserRolesChanged,
    UserSignedUp,
)


def evolve(state: User, fact: Fact) -> User:
    if isinstance(fact, InvitationFact):
        return evolve_invitation(state, fact)
    if isinstance(fact, AddressFact):
        return evolve_address(state, fact)
    if isinstance(fact, LifeFact):
        return evolve_life(state, fact)
    if isinstance(fact, ProofFact):
        return evolve_proof(state, fact)
    return _evolve(state, fact)


def _evolve(state: User, fact: OwnFact) -> User:
    match fact:
        case UserSignedUp() | UserAdded():
            return replace(
                state,
                status="active",
                user_id=fact.user_id,
                full_name=fact.full_name,
                email=fact.email,
                culture=fact.culture,
                roles=fact.roles,
                guest=isinstance(fact, UserAdded) and fact.guest,
                unproved=isinstance(fact, UserAdded),
            )
        case OrganizationJoined(organization):
            return replace(state, organization=organization)
        case UserRolesChanged(roles=roles, locations=locations):
            return replace(state, roles=roles, locations=locations, role_changes=state.role_changes + 1)
        case UserPasswordChanged() | PasswordSet() | ResetLinkMade() | PasswordResetRequested():
            return evolve_password(state, fact)
        case UserRefused():
            return state
        case _:
            assert_never(fact)
