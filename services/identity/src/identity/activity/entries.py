"""Makes the entry of the activity log for an event.

Identity consumes its own topic and those of the other services: an event is in the log if and only if its change
is saved (the outbox). The entry's id is derived from the event, so repeated deliveries write one entry.
"""

from chassis import Dispatch
from identity.activity import of_enrollment, of_identity, of_notifications, of_relationships
from identity.documents import AUDIT
from identity.domain.audit_entry import MOST_ORGANIZATIONS, Entry, Record, entry_key
from kontor_contracts import Envelope, Payload, organizations_of
from kontor_contracts.identity import OrganizationRegistered, UserJoined, UserSignedUp

PROGRAM = "program"
UNKNOWN = "unknown"
NOBODY = "anonymous"
"""The actor of a request without a token. A person who signs up or joins becomes the actor of that event."""
OF_SERVICE = {
    "identity": of_identity,
    "enrollment": of_enrollment,
    "relationships": of_relationships,
    "notifications": of_notifications,
}


def recording(message: Envelope[Payload], on_behalf_of: str | None) -> Dispatch:
    """The command that writes the entry of this event.

    ``on_behalf_of``: the organization of the user who acted. None: no user acted, or one who is not known here.
    """
    _, service, action, _ = message.type.split(".")
    changes = OF_SERVICE[service]
    actor = actor_of(message)
    concerned = dict.fromkeys((*organizations_of(message.data), *further_organizations(message.data)))
    organizations = tuple(concerned)[:MOST_ORGANIZATIONS]
    entry = Entry(
        event_id=message.id,
        at=message.time,
        actor=actor,
        on_behalf_of=on_behalf_of or (UNKNOWN if actor.startswith("user:") else PROGRAM),
        organization_id=next(iter(organizations), ""),
        organizations=organizations,
        action=action,
        subject=message.subject,
        differences=tuple(changes.differences(message.data)),
        correlation_id=message.correlationid,
    )
    return Dispatch(AUDIT, AUDIT.id(entry_key(entry)), Record(entry), fresh=True)


def further_organizations(data: Payload) -> tuple[str, ...]:
    """Organizations that an event concerns beside those that it belongs to."""
    return (*of_relationships.further_organizations(data), *of_notifications.further_organizations(data))


def actor_of(message: Envelope[Payload]) -> str:
    match message.data:
        case UserSignedUp(user_id=user_id) | UserJoined(user_id=user_id):
            return f"user:{user_id}"
        case OrganizationRegistered(registered_by=user_id) if message.actor == NOBODY:
            return f"user:{user_id}"
        case _:
            return message.actor or NOBODY
