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
    domain_sign_up,
    domain_user,
)
from identity.domain_door import Door
from identity.domain_factor import Factor
from identity.domain_link import Link
from identity.domain_organization import Organization
from identity.domain_session import Session
from identity.domain_sign_up import PendingSignUp
from identity.domain_user_commands import Command as UserCommand
from identity.domain_user_state import User, email_key



def colleague_key(user: User) -> str | None:
    """One user per address within an organization."""
    key = email_key(user.email)
    return f"{user.organization.organization_id}|{key}" if user.organization and key else None


USER: Aggregate[User, UserCommand] = Aggregate(
    "user",
    initial=User(),
    decide=domain_user.decide,
    evolve=domain_user.evolve,
    unique={
        # An address that is not proved claims nothing but its place in the organization's own list.
        "email": lambda user: None if user.unproved else email_key(user.email) or None,
        "colleague": colleague_key,
    },
    due=lambda user: user.restorable_until,
    tenant=lambda user: user.organization.organization_id if user.organization else None,
    forget=lambda user: user.status == "purged",
    indexes=(
        # By kind, so it serves the other lists of an organization as well.
        Index("users_of_organization", ("tenant", "_id")),
        Index("users_by_role", ("tenant", "state.roles")),
    ),
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

SIGN_UP: Aggregate[PendingSignUp, domain_sign_up.Command] = Aggregate(
    "sign-up",
    initial=PendingSignUp(),
    decide=domain_sign_up.decide,
    evolve=domain_sign_up.evolve,
    due=lambda pending: pending.ends_at,
    tenant=lambda pending: pending.organization_id or None,
)
"""Key: derived from the address. The answers that are kept name nobody."""

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
