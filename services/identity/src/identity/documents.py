"""The aggregates of identity: kind, decider, unique values, timers, tenant and indexes of each document."""

from chassis import Aggregate, Index, Listing
from chassis.files import bulk_import
from chassis.limits import lockout_aggregate
from identity.domain import (
    audit_entry,
    domain_claim,
    external_account,
    sign_up,
)
from identity.domain import (
    authorization as domain_authorization,
)
from identity.domain import (
    session as domain_session,
)
from identity.domain.authorization import Authorizations
from identity.domain.external_account import Link
from identity.domain.organization.commands import Command as OrganizationCommand
from identity.domain.organization.decide import decide as decide_organization
from identity.domain.organization.evolve import evolve as evolve_organization
from identity.domain.organization.state import Organization
from identity.domain.second_factor.commands import Command as FactorCommand
from identity.domain.second_factor.decide import decide as decide_factor
from identity.domain.second_factor.evolve import evolve as evolve_factor
from identity.domain.second_factor.state import Factor
from identity.domain.session import Session
from identity.domain.sign_up import PendingSignUp
from identity.domain.user.commands import Command as UserCommand
from identity.domain.user.decide import decide as decide_user
from identity.domain.user.evolve import evolve as evolve_user
from identity.domain.user.state import User
from kontor_contracts.addresses import address_key

USER_IMPORT = bulk_import("user-import")
"""Key: the import's id and the number of its first row."""


def colleague_key(user: User) -> str | None:
    """One user per address within an organization."""
    key = address_key(user.email)
    return f"{user.organization.organization_id}|{key}" if user.organization and key else None


USER: Aggregate[User, UserCommand] = Aggregate(
    "user",
    initial=User(),
    decide=decide_user,
    evolve=evolve_user,
    unique={
        # An address that is not proved is unique only within its organization.
        "email": lambda user: None if user.unproved else address_key(user.email) or None,
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
    # Before 0.2 the key was the case-folded address: another one for every address beyond ASCII.
    rekeyed={"state.email": {"$regex": r"[^\x00-\x7f]"}},
)

ORGANIZATION: Aggregate[Organization, OrganizationCommand] = Aggregate(
    "organization",
    initial=Organization(),
    decide=decide_organization,
    evolve=evolve_organization,
    due=lambda organization: organization.reopenable_until,
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

AUTHORIZATION: Aggregate[Authorizations, domain_authorization.Command] = Aggregate(
    "authorization",
    initial=Authorizations(),
    decide=domain_authorization.decide,
    evolve=domain_authorization.evolve,
)
"""Key: the session."""

DOOR = lockout_aggregate("door")

SIGN_UP: Aggregate[PendingSignUp, sign_up.Command] = Aggregate(
    "sign-up",
    initial=PendingSignUp(),
    decide=sign_up.decide,
    evolve=sign_up.evolve,
    due=lambda pending: pending.ends_at,
    tenant=lambda pending: pending.organization_id or None,
)
"""Key: derived from the address. The stored answers hold ids only."""

FACTOR: Aggregate[Factor, FactorCommand] = Aggregate(
    "factor",
    initial=Factor(),
    decide=decide_factor,
    evolve=evolve_factor,
    tenant=lambda factor: factor.organization_id or None,
)

LINK: Aggregate[Link, external_account.Command] = Aggregate(
    "link",
    initial=Link(),
    decide=external_account.decide,
    evolve=external_account.evolve,
    tenant=lambda link: link.organization_id or None,
    indexes=(Index("links_of_user", ("state.user_id", "_id")),),
)

DOMAIN: Aggregate[domain_claim.Claim, domain_claim.Command] = Aggregate(
    "domain",
    initial=domain_claim.Claim(),
    decide=domain_claim.decide,
    evolve=domain_claim.evolve,
    unique={"domain": lambda claim: claim.domain if claim.status == "proved" else None},
    tenant=lambda claim: claim.organization_id or None,
)
"""Key: derived from organization and domain."""


def activity_list(line: audit_entry.Line) -> Listing | None:
    place = audit_entry.listing(line)
    return Listing(*place) if place else None


AUDIT: Aggregate[audit_entry.Line, audit_entry.Command] = Aggregate(
    "audit",
    initial=audit_entry.Line(),
    decide=audit_entry.decide,
    evolve=audit_entry.evolve,
    tenant=lambda line: line.entry.organization_id if line.entry else None,
    indexes=(Index("audit_of_subject", ("state.entry.subject", "_id")),),
    listed=activity_list,
)
"""Key: the time of the event and its id."""
