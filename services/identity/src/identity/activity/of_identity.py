"""What identity's events change, as the activity log shows it."""

from collections.abc import Iterable, Iterator

from identity.domain.audit_entry import Difference
from kontor_contracts import Payload
from kontor_contracts.identity import (
    DomainClaimed,
    DomainProved,
    DomainReleased,
    OrganizationActivated,
    OrganizationClosed,
    OrganizationCorrected,
    OrganizationErased,
    OrganizationRegistered,
    OrganizationReopened,
    OrganizationStatusChanged,
    OrganizationUpdated,
    RoleLocations,
    SecondFactorChanged,
    SessionRevoked,
    UserAdded,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserInvited,
    UserJoined,
    UserPurged,
    UserRestored,
    UserRolesChanged,
    UserSignedUp,
    UserUpdated,
)

STATUS: dict[type[Payload], tuple[str | None, str]] = {
    UserJoined: ("invited", "active"),
    UserDisabled: ("active", "disabled"),
    UserEnabled: ("disabled", "active"),
    UserDeleted: (None, "deleted"),
    UserPurged: ("deleted", "purged"),
    OrganizationActivated: (None, "active"),
    OrganizationClosed: (None, "closed"),
    OrganizationReopened: ("closed", "open"),
    OrganizationErased: ("closed", "erased"),
    DomainClaimed: (None, "claimed"),
    DomainProved: ("claimed", "proved"),
    DomainReleased: (None, "released"),
}


def differences(data: Payload) -> Iterator[Difference]:
    if type(data) in STATUS:
        old, new = STATUS[type(data)]
        yield Difference("status", old, new)
    yield from _of_user(data)
    yield from _of_organization(data)


def _of_user(data: Payload) -> Iterator[Difference]:
    match data:
        case UserSignedUp() | UserAdded() | UserInvited():
            yield Difference("status", None, "invited" if isinstance(data, UserInvited) else "active")
            yield Difference("roles", None, _words(data.roles))
        case UserRolesChanged():
            before = (*(role for role in data.roles if role not in data.added), *data.removed)
            yield from _changed("roles", _words(before), _words(data.roles))
            if data.locations:
                yield Difference("locations", None, _places(data.locations))
        case UserUpdated():
            yield from _changed("full_name", data.previous_full_name, data.full_name, personal=True)
            yield from _changed("culture", data.previous_culture, data.culture, personal=True)
        case UserRestored(status=status):
            yield Difference("status", "deleted", status)
        case SecondFactorChanged(state=state):
            yield Difference("second_factor", None, state)
        case SessionRevoked(reason=reason):
            yield Difference("reason", None, reason)


def _of_organization(data: Payload) -> Iterator[Difference]:
    match data:
        case OrganizationRegistered(organization=profile):
            yield Difference("name", None, profile.name)
        case OrganizationUpdated():
            yield from _changed("name", data.previous_name, data.name)
            yield from _changed("culture", data.previous_culture, data.culture)
        case OrganizationCorrected():
            yield from _changed("country", data.previous_country, data.organization.country)
            yield from _changed("kind", data.previous_kind, data.organization.kind)
        case OrganizationStatusChanged(previous=old, status=new):
            yield Difference("status", old, new)
        case DomainClaimed() | DomainProved() | DomainReleased():
            yield Difference("domain", None, data.domain)


def _changed(field: str, old: str, new: str, *, personal: bool = False) -> Iterator[Difference]:
    if old != new:
        yield Difference(field, old, new, personal)


def _words(roles: Iterable[str]) -> str:
    return " ".join(sorted(roles))


def _places(locations: Iterable[RoleLocations]) -> str:
    return "; ".join(f"{each.role}: {' '.join(each.locations)}" for each in locations)
