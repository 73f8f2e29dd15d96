"""What the store must know of identity's documents."""

from chassis.decider import Aggregate, Index
from identity import domain_door, domain_factor, domain_link, domain_organization, domain_session, domain_user
from identity.domain_door import Door
from identity.domain_factor import Factor
from identity.domain_link import Link
from identity.domain_organization import Organization
from identity.domain_session import Session
from identity.domain_user_state import Command as UserCommand
from identity.domain_user_state import User, email_key

USER: Aggregate[User, UserCommand] = Aggregate(
    "user",
    initial=User(),
    decide=domain_user.decide,
    evolve=domain_user.evolve,
    unique={"email": lambda user: email_key(user.email) or None},
    tenant=lambda user: user.organization.organization_id if user.organization else None,
    indexes=(Index("users_of_organization", ("tenant", "_id")),),
)

ORGANIZATION: Aggregate[Organization, domain_organization.Command] = Aggregate(
    "organization",
    initial=Organization(),
    decide=domain_organization.decide,
    evolve=domain_organization.evolve,
    tenant=lambda organization: organization.profile.organization_id if organization.profile else None,
)

SESSION: Aggregate[Session, domain_session.Command] = Aggregate(
    "session",
    initial=Session(),
    decide=domain_session.decide,
    evolve=domain_session.evolve,
    due=lambda session: session.ends_at,
    tenant=lambda session: session.organization_id or None,
    indexes=(Index("sessions_of_user", ("state.user_id", "state.revoked", "_id")),),
)

DOOR: Aggregate[Door, domain_door.Command] = Aggregate(
    "door",
    initial=Door(),
    decide=domain_door.decide,
    evolve=domain_door.evolve,
)

FACTOR: Aggregate[Factor, domain_factor.Command] = Aggregate(
    "factor",
    initial=Factor(),
    decide=domain_factor.decide,
    evolve=domain_factor.evolve,
    tenant=lambda factor: factor.organization_id or None,
)

LINK: Aggregate[Link, domain_link.Command] = Aggregate(
    "link",
    initial=Link(),
    decide=domain_link.decide,
    evolve=domain_link.evolve,
    tenant=lambda link: link.organization_id or None,
)
