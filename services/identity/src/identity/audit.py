"""Makes the entry of the activity log for an event.

Identity's consumer of its own topic writes the log: an event is there if and only if its change is saved (the outbox).
The entry's id is derived from the event, so repeated deliveries write one entry.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC

from chassis import Dispatch
from identity.documents import AUDIT
from identity.domain.audit_entry import Difference, Entry, Record
from kontor_contracts import Envelope, Payload, organization_of
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

PROGRAM = "program"
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
NOBODY = "anonymous"
"""The actor of a request without a token. A person who signs up or joins becomes the actor of that event."""


def recording(message: Envelope[Payload]) -> Dispatch:
    """The command that writes the entry of this event."""
    data = message.data
    actor = _actor(message)
    organization_id = organization_of(data) or ""
    entry = Entry(
        event_id=message.id,
        at=message.time,
        actor=actor,
        on_behalf_of=organization_id if actor.startswith("user:") else PROGRAM,
        organization_id=organization_id,
        action=message.type.removeprefix("kontor.identity.").removesuffix(".v1"),
        subject=message.subject,
        differences=tuple(_differences(data)),
        correlation_id=message.correlationid,
    )
    return Dispatch(AUDIT, AUDIT.id(_key(message)), Record(entry), fresh=True)


def _key(message: Envelope[Payload]) -> str:
    """Ids sort by time, so a page of the log is a range of ids."""
    return f"{message.time.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{message.id}"


def _actor(message: Envelope[Payload]) -> str:
    match message.data:
        case UserSignedUp(user_id=user_id) | UserJoined(user_id=user_id):
            return f"user:{user_id}"
        case OrganizationRegistered(registered_by=user_id) if message.actor == NOBODY:
            return f"user:{user_id}"
        case _:
            return message.actor or NOBODY


def _differences(data: Payload) -> Iterator[Difference]:
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
