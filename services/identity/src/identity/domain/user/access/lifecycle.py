"""Changes, disables, deletes, restores and erases users. Pure.

Deletion has two steps. First the user disappears and can be restored for 30 days. Then all personal data is erased; the id
stays, for the activity log.
"""

from dataclasses import replace
from typing import Any, assert_never

from identity.domain.user.access.role_rules import not_one_admin_more, not_touchable
from identity.domain.user.commands import (
    DeleteUser,
    DisableUser,
    EnableUser,
    EndWithOrganization,
    JoinOrganization,
    LifeCommand,
    OrganizationCommand,
    OwnLifeCommand,
    PurgeUser,
    RestoreUser,
    ReturnWithOrganization,
    UpdateUser,
)
from identity.domain.user.events import (
    DELETED,
    STALE,
    UNKNOWN,
    Fact,
    GoneWithOrganization,
    LifeFact,
    OrganizationJoined,
    UserRefused,
)
from identity.domain.user.state import Alive, Granter, Status, User
from kontor_contracts.identity import (
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserPurged,
    UserRestored,
    UserUpdated,
)
from kontor_contracts.values import Recipient

OWN = UserRefused(
    reason="own-account", detail="You cannot disable or delete your own account; ask another administrator."
)
NOT_DISABLED = UserRefused(
    reason="not-disabled", detail="this user is not disabled; only disabled users can be enabled"
)
NOT_DELETED = UserRefused(reason="not-deleted", detail="this user is not deleted; delete the user first")
NOT_RESTORABLE = UserRefused(
    reason="not-restorable", detail="the time to restore this user is over; add the user again"
)


def decide(command: LifeCommand, state: User) -> list[Fact]:
    if isinstance(command, OrganizationCommand):
        return _with_organization(command, state)
    return _decide(command, state)


def _decide(command: OwnLifeCommand, state: User) -> list[Fact]:
    match command:
        case UpdateUser() | JoinOrganization():
            return _update(command, state) if isinstance(command, UpdateUser) else _rename(command, state)
        case DisableUser():
            return _disable(command, state)
        case EnableUser():
            return _enable(command, state)
        case DeleteUser():
            return _delete(command, state)
        case RestoreUser():
            return _restore(command, state)
        case PurgeUser():
            return _purge(command, state)
        case _:
            assert_never(command)


def evolve(state: User, fact: LifeFact) -> User:
    match fact:
        case GoneWithOrganization():
            return replace(state, gone_with_organization=True)
        case UserUpdated(full_name=full_name, culture=culture):
            return replace(state, full_name=full_name, culture=culture)
        case UserDisabled():
            return _moved(_shut_out(state), "disabled")
        case UserEnabled():
            return _moved(state, "active")
        case UserDeleted() | UserRestored() | UserPurged():
            return _gone_or_back(state, fact)
        case _:
            assert_never(fact)


def _gone_or_back(state: User, fact: UserDeleted | UserRestored | UserPurged) -> User:
    match fact:
        case UserDeleted(restorable_until=until):
            was: Alive = state.status if state.status in ("invited", "disabled") else "active"
            gone = replace(_shut_out(state), was=was, restorable_until=until)
            return _moved(gone, "deleted")
        case UserRestored(status=status):
            return replace(_moved(state, status), restorable_until=None, gone_with_organization=False)
        case UserPurged():
            kept = User(user_id=state.user_id, organization=state.organization, session_epoch=state.session_epoch + 1)
            return _moved(replace(kept, role_changes=state.role_changes), "purged")
        case _:
            assert_never(fact)


def _shut_out(state: User) -> User:
    """End sessions and void links for good, also if the user comes back."""
    return replace(state, session_epoch=state.session_epoch + 1, reset_links=())


def _moved(state: User, status: Status) -> User:
    return replace(state, status=status, role_changes=state.role_changes + 1)


# -- changing


def _rename(command: JoinOrganization, state: User) -> list[Fact]:
    if state.organization is None or state.organization == command.organization:
        return []
    return [OrganizationJoined(command.organization)]


def _update(command: UpdateUser, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if (command.full_name, command.culture) == (state.full_name, state.culture):
        return []
    if state.is_gone:
        return [DELETED]
    if command.by.user_id != state.user_id and (refused := not_touchable(state, command.by)):
        return [refused]
    return [
        UserUpdated(
            user_id=state.user_id,
            organization_id=state.organization.organization_id,
            full_name=command.full_name,
            culture=command.culture,
            previous_full_name=state.full_name,
            previous_culture=state.culture,
        )
    ]


def _disable(command: DisableUser, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if state.status == "disabled":
        return []
    if state.is_gone:
        return [DELETED]
    if state.status == "invited":
        return [UserRefused(reason="not-disabled", detail="this user has not joined yet; delete the user instead")]
    if refused := _not_ended_by(command.by, command.seen, state):
        return [refused]
    return [UserDisabled.model_validate(_noticed(state))]


def _enable(command: EnableUser, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if state.status == "active":
        return []
    if state.status != "disabled":
        return [DELETED if state.is_gone else NOT_DISABLED]
    if refused := not_touchable(state, command.by) or not_one_admin_more(state.roles, command.by):
        return [refused]
    return [UserEnabled.model_validate(_noticed(state))]


def _named(state: User) -> dict[str, Any]:
    assert state.organization is not None
    return {"user_id": state.user_id, "organization_id": state.organization.organization_id}


def _noticed(state: User) -> dict[str, Any]:
    """The same where the user gets a mail."""
    assert state.organization is not None
    return {
        **_named(state),
        "organization_name": state.organization.name,
        "contact": Recipient(name=state.full_name, email=state.email, culture=state.culture),
    }


# -- going


def _delete(command: DeleteUser, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if state.is_gone:
        return []
    if refused := _not_ended_by(command.by, command.seen, state):
        return [refused]
    about = _noticed(state) if state.status != "invited" else _named(state)
    return [UserDeleted.model_validate({**about, "restorable_until": command.restorable_until})]


def _restore(command: RestoreUser, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if not state.is_gone:
        return []
    if state.restorable_until is None or command.at >= state.restorable_until:
        return [NOT_RESTORABLE]
    gained = state.roles if state.was == "active" else ()
    if refused := not_touchable(state, command.by) or not_one_admin_more(gained, command.by):
        return [refused]
    about = _noticed(state) if state.was == "active" else _named(state)
    return [UserRestored.model_validate({**about, "status": state.was})]


def _with_organization(command: OrganizationCommand, state: User) -> list[Fact]:
    if state.organization is None:
        return []
    about = {"user_id": state.user_id, "organization_id": state.organization.organization_id}
    match command:
        case EndWithOrganization(until):
            gone = UserDeleted.model_validate({**about, "restorable_until": until})
            return [] if state.is_gone else [gone, GoneWithOrganization()]
        case ReturnWithOrganization(at):
            late = state.restorable_until is None or at >= state.restorable_until
            back = UserRestored.model_validate({**about, "status": state.was})
            return [] if late or not state.gone_with_organization else [back]
        case _:
            assert_never(command)


def _purge(command: PurgeUser, state: User) -> list[Fact]:
    if state.organization is None:
        return [UNKNOWN]
    if state.status == "purged":
        return []
    if command.by is None:
        if state.restorable_until is None or command.at < state.restorable_until:
            return []
    elif state.status != "deleted":
        return [NOT_DELETED]
    elif refused := not_touchable(state, command.by):
        return [refused]
    return [UserPurged(user_id=state.user_id, organization_id=state.organization.organization_id)]


def _not_ended_by(by: Granter, seen: int, state: User) -> UserRefused | None:
    """Why this administrator cannot end the user's access. A stale ``seen`` could bypass the count of global admins."""
    if by.user_id == state.user_id:
        return OWN
    return not_touchable(state, by) or (STALE if seen != state.role_changes else None)
