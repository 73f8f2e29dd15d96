"""The kinds of documents of the service: their domain functions, unique values, owners and indexes."""

from datetime import datetime

from chassis import Aggregate, Index, Listing
from chassis.files import bulk_import
from chassis.limits import lockout_aggregate
from enrollment.domain import agreement_edition, proved_domain, refused_command
from enrollment.domain import agreement_text as domain_agreement_text
from enrollment.domain import profile as domain_profile
from enrollment.domain import upload as domain_upload
from enrollment.domain.agreement_text import KeepText, SignedText
from enrollment.domain.enrollment import revisions
from enrollment.domain.enrollment.account import personal
from enrollment.domain.enrollment.checking import checks_due
from enrollment.domain.enrollment.company_keys import places
from enrollment.domain.enrollment.deadlines import next_due
from enrollment.domain.enrollment.decide import Command
from enrollment.domain.enrollment.state import CLOSED, Enrollment
from enrollment.domain.profile import Command as ProfileCommand
from enrollment.domain.profile import Profile
from enrollment.domain.upload import Command as UploadCommand
from enrollment.domain.upload import Upload


def _while_taken(value: str | None, state: Enrollment) -> str | None:
    return value if state.occupying else None


def _due(state: Enrollment) -> datetime | None:
    return checks_due(state) or next_due(state)


ENROLLMENT: Aggregate[Enrollment, Command | revisions.IfRevision] = Aggregate(
    "enrollment",
    initial=Enrollment(),
    decide=revisions.decide,
    evolve=revisions.evolve,
    unique={
        "organization": lambda state: _while_taken(state.organization_id, state),
        "partner_id": lambda state: _while_taken(state.partner_id, state),
    },
    due=lambda state: _due(state) if state.status else None,
    tenant=lambda state: state.organization_id or None,
    forget=lambda state: state.status in CLOSED and not personal(state),
    listed=lambda state: Listing(*found) if (found := places(state)) else None,
    indexes=(
        Index("enrollment_tenant", ("tenant", "_id")),
        Index("enrollment_partner_id", ("state.partner_id", "_id")),
        Index("enrollment_status", ("state.status", "_id")),
        Index("enrollment_acceptance", ("state.acceptance.version", "_id")),
    ),
)

PROFILE: Aggregate[Profile, ProfileCommand] = Aggregate(
    "profile",
    initial=Profile(),
    decide=domain_profile.decide,
    evolve=domain_profile.evolve,
    refuse=domain_profile.refuse,
    listed=lambda state: Listing(*found) if (found := domain_profile.listing(state)) else None,
    indexes=(Index("profile_membership", ("state.entry.membership_account", "_id")),),
)

PROVED_DOMAIN: Aggregate[proved_domain.State, proved_domain.Command] = Aggregate(
    "proved-domain",
    initial=proved_domain.State(),
    decide=proved_domain.decide,
    evolve=proved_domain.evolve,
)
"""Key: the domain, as `kontor_contracts.addresses.domain_key` spells it."""

UPLOAD: Aggregate[Upload, UploadCommand] = Aggregate(
    "upload",
    initial=Upload(),
    decide=domain_upload.decide,
    evolve=domain_upload.evolve,
    due=lambda state: state.due,
    tenant=lambda state: state.organization_id or None,
)
"""Key: the file's id. It is found by its organization with the index of enrollments."""

AGREEMENT_TEXT: Aggregate[SignedText, KeepText] = Aggregate(
    "agreement-text",
    initial=SignedText(),
    decide=domain_agreement_text.decide,
    evolve=domain_agreement_text.evolve,
)

EDITION: Aggregate[agreement_edition.Edition, agreement_edition.Command] = Aggregate(
    "agreement-edition",
    initial=agreement_edition.Edition(),
    decide=agreement_edition.decide,
    evolve=agreement_edition.evolve,
    due=lambda state: state.due,
    listed=lambda state: Listing(*found) if (found := agreement_edition.listing(state)) else None,
)
"""Key: the version."""

REFUSALS: Aggregate[refused_command.State, refused_command.Command] = Aggregate(
    "refused-commands",
    initial=refused_command.State(),
    decide=refused_command.decide,
    evolve=refused_command.evolve,
    refuse=refused_command.refuse,
)
"""Key: ``refused_command.refusals_of`` the source."""

PROFILE_IMPORT = bulk_import("profile-import")

LOCKOUT = lockout_aggregate("lockout")
"""Key: derived from a membership account, or from an organization that asks for accounts."""
