"""The kinds of documents of the service: their domain functions, unique values, indexes and queries."""

from collections.abc import Mapping
from typing import Any

from chassis import Aggregate, Index, Listing, Snapshot
from relationships.domain import (
    partner as domain_partner,
)
from relationships.domain import (
    partner_listing,
    partner_request,
    partner_request_listing,
    partnership_decide,
    partnership_listing,
    profile,
    profile_listing,
    proved_domain,
    refused_command,
    snapshots,
    standing_notice,
    waiting,
)
from relationships.domain import (
    partnership as domain_partnership,
)
from relationships.domain.admin_grant import commands as admin_grant_commands
from relationships.domain.admin_grant import decide as domain_admin_grant
from relationships.domain.admin_grant.evolve import evolve as evolve_admin_grant
from relationships.domain.admin_grant.listing import by_end
from relationships.domain.admin_grant.listing import listing as grant_listing
from relationships.domain.admin_grant.state import State as AdminGrantState
from relationships.domain.admin_grant.state import due as due_grant
from relationships.domain.admin_grant.state import name_key
from relationships.domain.customer import commands as customer_commands
from relationships.domain.customer import decide as domain_customer
from relationships.domain.customer.evolve import evolve as evolve_customer
from relationships.domain.customer.listing import by_since, listing
from relationships.domain.customer.state import State as CustomerState
from relationships.domain.invitation import commands as invitation_commands
from relationships.domain.invitation import decide as domain_invitation
from relationships.domain.invitation.evolve import evolve as evolve_invitation
from relationships.domain.invitation.listing import listing as invitation_listing
from relationships.domain.invitation.state import State as InvitationState
from relationships.domain.invitation.state import due
from relationships.domain.record import commands as record_commands
from relationships.domain.record import decide as domain_record
from relationships.domain.record.evolve import evolve as evolve_record
from relationships.domain.record.listing import listing as record_listing
from relationships.domain.record.state import State as RecordState

SNAPSHOTS = "relationships.snapshot"

PARTNER: Aggregate[domain_partner.State, domain_partner.Command] = Aggregate(
    "partner",
    initial=domain_partner.State(),
    decide=domain_partner.decide,
    evolve=domain_partner.evolve,
    unique={"partner_id": lambda state: state.company.partner.partner_id if state.company else None},
    tenant=lambda state: state.company.partner.organization_id if state.company else None,
    listed=lambda state: Listing(*found) if (found := partner_listing.listing(state)) else None,
    snapshot=Snapshot(SNAPSHOTS, snapshots.of_partner),
)
"""Key: the organization's id."""

INVITATION: Aggregate[InvitationState, invitation_commands.Command] = Aggregate(
    "invitation",
    initial=InvitationState(),
    decide=domain_invitation.decide,
    evolve=evolve_invitation,
    due=due,
    tenant=lambda state: state.invitation.inviter.organization_id if state.invitation else None,
    listed=lambda state: Listing(*found) if (found := invitation_listing(state)) else None,
    indexes=(
        Index("invitations_by_inviter", ("tenant", "_id")),
        Index("invitations_by_acceptor", ("state.invitation.accepted_by", "_id")),
    ),
)
"""Key: derived from the request that drafted it."""

PARTNERSHIP: Aggregate[domain_partnership.State, domain_partnership.Command] = Aggregate(
    "partnership",
    initial=domain_partnership.State(),
    decide=partnership_decide.decide,
    evolve=partnership_decide.evolve,
    due=domain_partnership.due,
    listed=lambda state: (
        Listing(*found, second=partnership_listing.by_since(state))
        if (found := partnership_listing.listing(state))
        else None
    ),
    relisted={"ls.s": {"$exists": False}},
    indexes=(
        Index("partnerships_by_provider", ("state.partnership.provider.organization_id", "_id")),
        Index("partnerships_by_reseller", ("state.partnership.reseller.organization_id", "_id")),
    ),
    snapshot=Snapshot(SNAPSHOTS, snapshots.of_partnership),
)
"""Key: ``domain_partnership.partnership_id``. It belongs to two organizations, so reads filter by either side, not by tenant."""

CUSTOMER: Aggregate[CustomerState, customer_commands.Command] = Aggregate(
    "customer",
    initial=CustomerState(),
    decide=domain_customer.decide,
    evolve=evolve_customer,
    refuse=domain_customer.refuse,
    # An imported customer has no work account yet, so it belongs to no organization.
    tenant=lambda state: state.account.customer_id if state.account and not state.account.portal else None,
    listed=lambda state: Listing(*found, second=by_since(state)) if (found := listing(state)) else None,
    relisted={"ls.s": {"$exists": False}},
    indexes=(Index("customers_by_contact", ("state.account.contact_user", "_id")),),
    snapshot=Snapshot(SNAPSHOTS, snapshots.of_customer),
)
"""Key: the customer's own organization id, or derived from portal and number there. Reads filter by a partner id."""

PROVED_DOMAIN: Aggregate[proved_domain.State, proved_domain.Command] = Aggregate(
    "proved-domain",
    initial=proved_domain.State(),
    decide=proved_domain.decide,
    evolve=proved_domain.evolve,
    tenant=lambda state: state.organization_id,
)
"""Key: the domain's key (`kontor_contracts.addresses`). An organization's are found by the index of its invitations."""
ADMIN_GRANT: Aggregate[AdminGrantState, admin_grant_commands.Command] = Aggregate(
    "admin-grant",
    initial=AdminGrantState(),
    decide=domain_admin_grant.decide,
    evolve=evolve_admin_grant,
    due=due_grant,
    forget=lambda state: state.forgotten,
    unique={"grant_name": name_key},
    tenant=lambda state: state.admin_grant.terms.customer_id if state.admin_grant else None,
    listed=lambda state: Listing(*found, second=by_end(state)) if (found := grant_listing(state)) else None,
    indexes=(Index("admin_grants_by_contact", ("state.admin_grant.contact_user", "_id")),),
)
"""Key: derived from the request. It belongs to two organizations, so reads filter by either side.

By tenant, the customer, the index of invitations serves.
"""

STANDING_NOTICE: Aggregate[standing_notice.State, standing_notice.Command] = Aggregate(
    "standing-notice",
    initial=standing_notice.State(),
    decide=standing_notice.decide,
    evolve=standing_notice.evolve,
    due=standing_notice.due,
    tenant=lambda state: state.round.partner.organization_id if state.round else None,
)
"""Key: derived from the partner and the event of its suspension or reinstatement."""

PROFILE: Aggregate[profile.State, profile.Command] = Aggregate(
    "profile",
    initial=profile.State(),
    decide=profile.decide,
    evolve=profile.evolve,
    tenant=lambda state: state.provider.organization_id if state.provider else None,
    listed=lambda state: Listing(*found) if (found := profile_listing.listing(state)) else None,
)
"""Key: the provider's organization id."""

REQUEST: Aggregate[partner_request.State, partner_request.Command] = Aggregate(
    "partnership-request",
    initial=partner_request.State(),
    decide=partner_request.decide,
    evolve=partner_request.evolve,
    due=partner_request.due,
    listed=lambda state: Listing(*found) if (found := partner_request_listing.listing(state)) else None,
    indexes=(Index("requests_by_requester", ("state.request.requester_id", "_id")),),
)
"""Key: that of the pair's partnership. It belongs to two organizations, so reads filter by either side."""

RECORD: Aggregate[RecordState, record_commands.Command] = Aggregate(
    "reseller-of-record",
    initial=RecordState(),
    decide=domain_record.decide,
    evolve=evolve_record,
    refuse=domain_record.refuse,
    tenant=lambda state: state.record.provider.organization_id if state.record else None,
    listed=lambda state: Listing(*found) if (found := record_listing(state)) else None,
    indexes=(
        Index("records_by_customer", ("state.record.customer_id", "_id")),
        Index(
            "records_by_pair",
            (
                "state.record.current.reseller.organization_id",
                "state.record.provider.organization_id",
                "_id",
            ),
        ),
    ),
)
"""Key: derived from provider, customer and subscription. It belongs to all who are concerned: reads filter by list."""

WAITING: Aggregate[waiting.State, waiting.Command] = Aggregate(
    "waiting-imports",
    initial=waiting.State(),
    decide=waiting.decide,
    evolve=waiting.evolve,
    due=waiting.due,
    refuse=waiting.refuse,
    indexes=(Index("waiting_open", ("state.open", "_id")),),
)
"""Key: a partner id that no active partner has. Only the timer reads it."""

REFUSALS: Aggregate[refused_command.State, refused_command.RefuseCommand] = Aggregate(
    "refused-commands",
    initial=refused_command.State(),
    decide=refused_command.decide,
    evolve=refused_command.evolve,
)
"""Key: ``refused_command.refusals_of`` the source."""

# -- queries. They find what the domain calls active, so that pages are full; the domain decides on each document found.

PRESENT_PARTNERSHIP: Mapping[str, Any] = {"state.partnership.status": {"$ne": "ended"}}
"""Documents of older releases have no status: their partnerships are active."""
