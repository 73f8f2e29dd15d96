"""Decides the sign-up and the adding of a user. Pure."""

from identity.domain.roles import GLOBAL_ADMIN, in_order
from identity.domain.user.access.role_rules import (
    not_addable,
)
from identity.domain.user.commands import (
    AddUser,
    SignUp,
)
from identity.domain.user.events import (
    Fact,
    OrganizationJoined,
    PasswordSet,
    ProofKept,
    ProvedAt,
    UserRefused,
)
from identity.domain.user.state import TEMPORARY_FOR, User
from kontor_contracts.addresses import address_key
from kontor_contracts.identity import (
    UserAdded,
    UserSignedUp,
)


def open_user(command: SignUp | AddUser, state: User) -> list[Fact]:
    if state.status != "absent":
        same = state.organization == command.organization and address_key(state.email) == address_key(command.email)
        return (
            []
            if same
            else [UserRefused(reason="id-in-use", detail="this Idempotency-Key was used already; send a new one")]
        )
    joined = OrganizationJoined(command.organization)
    if isinstance(command, SignUp):
        return [joined, _signed_up(command), PasswordSet(command.password_hash, None), ProvedAt(command.at)]
    if refused := not_addable(command.roles, command.organization, command.by, guest=command.guest):
        return [refused]
    link = command.link
    proof = ProofKept(link.token_hash, link.expires_at) if link else ProvedAt(command.at)
    return [joined, _added(command), PasswordSet(command.password_hash, command.at + TEMPORARY_FOR), proof]


def _signed_up(command: SignUp) -> UserSignedUp:
    return UserSignedUp(
        user_id=command.user_id,
        organization=command.organization,
        full_name=command.full_name,
        email=command.email,
        culture=command.culture,
        roles=(GLOBAL_ADMIN.name,),
    )


def _added(command: AddUser) -> UserAdded:
    return UserAdded(
        user_id=command.user_id,
        organization_id=command.organization.organization_id,
        organization_name=command.organization.name,
        full_name=command.full_name,
        email=command.email,
        culture=command.culture,
        roles=in_order(command.roles),
        added_by=command.by.user_id,
        guest=command.guest,
        sealed_link=command.link.sealed_link if command.link else None,
        expires_at=command.link.expires_at if command.link else None,
        sender=command.sender,
        address_known=command.known,
    )
