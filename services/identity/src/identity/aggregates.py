"""What the store must know of identity's documents."""

from chassis.decider import Aggregate, Index
from identity import (
    domain_audit,
    domain_domain,
    domain_door,
    domain_factor,
    domain_link,
    domain_organization,
    domain_session,
    domain_user,
)
from identity.domain_door import Door
from identity.domain_factor import Factor
from identity.domain_link import Link
from identity.domain_organization import Organization
from identity.domain_session import Session
from identity.domain_user_commands import Command as UserCommand
from identity.domain_user_state import User
from kontor_contracts.addresses import address_key

USER: Aggregate[User, UserCommand] = Aggregate(
    "user",
    initial=User(),
    decide=domain_user.decide,
    evolve=domain_user.evolve,
    unique={"email": lambda user: address_key(user.email) or None},
    due=lambda user: user.restorable_until,
    tenant=lambda user: user.organization.organization_id if user.organization else None,
    forget=lambda user: user.status == "purged",
    indexes=(
        # By kind, so it serves the other lists of an organization as well.
        Index("users_of_organization", ("tenant", "_id")),
        Index("users_by_role", ("tenant", "state.roles")),
    ),
    # Before 0.2 the key was the case-folded address: another one for every address beyond ASCII.
    rekeyed={"state.email": {"$regex": r"[^\x00-\x7f]"}},
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
    indexes=(Index("links_of_user", ("state.user_id", "_id")),),
)

DOMAIN: Aggregate[domain_domain.Claim, domain_domain.Command] = Aggregate(
    "domain",
    initial=domain_domain.Claim(),
    decide=domain_domain.decide,
    evolve=domain_domain.evolve,
    unique={"domain": lambda claim: claim.domain if claim.status == "proved" else None},
    tenant=lambda claim: claim.organization_id or None,
)
"""Key: derived from organization and domain."""

AUDIT: Aggregate[domain_audit.Line, domain_audit.Command] = Aggregate(
    "audit",
    initial=domain_audit.Line(),
    decide=domain_audit.decide,
    evolve=domain_audit.evolve,
    tenant=lambda line: line.entry.organization_id if line.entry else None,
    indexes=(Index("audit_of_subject", ("state.entry.subject", "_id")),),
)
"""Key: the time of the event and its id."""
