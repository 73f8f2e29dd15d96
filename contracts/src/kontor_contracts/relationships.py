"""What relationships announces and accepts: invitations, partnerships, customers and their resellers.

Key: the aggregate.
"""

from typing import ClassVar, Literal

from kontor_contracts import admin_grants, customer_matches, customers, directory, resellers_of_record
from kontor_contracts.envelope import Command, Event, Payload, Refusal
from kontor_contracts.refused_commands import CommandRefused
from kontor_contracts.values import (
    Country,
    Culture,
    Domain,
    Id,
    Line,
    Moment,
    Partner,
    PartnerId,
    Permission,
    Recipient,
    Sealed,
    Text,
    Value,
)

InvitationKind = Literal["partnership", "customer", "customer-joint"]
InvitationStatus = Literal["draft", "sent", "accepted", "declined", "revoked", "expired"]


class Grant(Value):
    """One partner of a customer and what it may do for it."""

    partner: Partner
    permissions: tuple[Permission, ...]


class InvitationDrafted(Event):
    """A partner prepared an invitation; nothing was sent yet.

    Subject of this and the next two events: the invitation.
    """

    TYPE: ClassVar[str] = "kontor.relationships.invitation-drafted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("inviter_id",)
    invitation_id: Id
    kind: InvitationKind
    inviter_id: Id
    provider_id: Id | None = None
    drafted_by: Id | None = None
    anyone_with_link: bool = False


class InvitationSent(Event):
    """The invitation is to be mailed.

    ``mail_body`` holds ``{link}`` where the personal link goes; ``sealed_link`` is that link. ``attempt``: from 2 on it is
    sent again with a new link, which voids the earlier one; a mail of an earlier attempt that waits is withdrawn.
    """

    TYPE: ClassVar[str] = "kontor.relationships.invitation-sent.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("inviter.organization_id",)
    invitation_id: Id
    kind: InvitationKind
    inviter: Partner
    provider: Partner | None = None
    recipient: Recipient
    mail_subject: Line
    mail_body: Text
    sealed_link: Sealed
    expires_at: Moment
    attempt: int = 1
    previous: InvitationStatus | None = None
    sent_by: Id | None = None
    sent_at: Moment | None = None


class InvitationStep(Event):
    """What the events of an invitation say in common.

    ``previous``: its status before. ``notify``: the person at the inviter who drafted it, else the inviter's contact.
    ``by`` and ``by_organization_id``: the user who acted, and for which organization; null for a timer or a mail server, and
    where the holder of the link was not signed in.
    """

    TENANT: ClassVar[tuple[str, ...]] = ("inviter.organization_id",)
    invitation_id: Id
    kind: InvitationKind
    inviter: Partner
    provider: Partner | None = None
    recipient: Recipient
    notify: Recipient
    previous: InvitationStatus
    by: Id | None = None
    by_organization_id: Id | None = None
    at: Moment


class InvitationSentByInviter(InvitationStep):
    """The inviter mailed the text itself, from its own mail program. The link works from now on; Kontor mails nothing."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-sent-by-inviter.v1"
    expires_at: Moment


class InvitationReminded(InvitationStep):
    """An open invitation waits for its answer: half of its time is over (``number`` 1), or all but three days (2).

    ``reminded``: the addressee, if Kontor mailed the invitation and the mail arrived, else the inviter, who knows how to reach
    the addressee. ``sealed_link`` is there for the addressee alone.
    """

    TYPE: ClassVar[str] = "kontor.relationships.invitation-reminded.v1"
    number: int
    reminded: Literal["addressee", "inviter"]
    mail_subject: Line
    sealed_link: Sealed | None = None
    expires_at: Moment


class InvitationReady(InvitationStep):
    """The addressee's company is enrolled now, so that it can accept this invitation, which was sent before.

    ``sealed_link`` is the link of the invitation.
    """

    TYPE: ClassVar[str] = "kontor.relationships.invitation-ready.v1"
    sealed_link: Sealed
    expires_at: Moment


class InvitationUndeliverable(InvitationStep):
    """The mail with the invitation could not be delivered. The link still works; the inviter can send it again."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-undeliverable.v1"
    reason: Literal["refused-by-server", "retries-exhausted", "expired", "unreadable-secret"]


class InvitationViewed(InvitationStep):
    """Somebody who is signed in opened the link for the first time. Mail scanners that open links are not signed in."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-viewed.v1"


class InvitationDeclined(InvitationStep):
    """The addressee said no. ``reason`` is the addressee's text, ``name`` and ``organization_name`` who declined, if signed in.

    The mails of this invitation that wait are withdrawn.
    """

    TYPE: ClassVar[str] = "kontor.relationships.invitation-declined.v1"
    reason: Text | None = None
    name: Line | None = None
    organization_name: Line | None = None


class InvitationRevoked(InvitationStep):
    """The inviter took the invitation back. Its link is void; the mails of this invitation that wait are withdrawn."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-revoked.v1"


class InvitationExpired(InvitationStep):
    """Nobody answered in time. The link is void; the mails of this invitation that wait are withdrawn."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-expired.v1"


class InvitationAccessChanged(InvitationStep):
    """The inviter decided who may accept: anyone who holds the link, or the addressee alone."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-access-changed.v1"
    anyone_with_link: bool


class InvitationAccessStep(InvitationStep):
    """What the events about a request to be let in say in common.

    ``requester`` holds the link and is not the addressee; ``requesting_organization_id`` is the company that would accept.
    """

    request_id: Id
    requester: Recipient
    requester_id: Id
    requesting_organization_id: Id
    requesting_organization_name: Line


class InvitationAccessRequested(InvitationAccessStep):
    """Somebody else than the addressee asks to accept the invitation. Nothing is established; the inviter decides."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-access-requested.v1"


class InvitationAccessConfirmed(InvitationAccessStep):
    """The inviter let the requester's company in: it may accept now. ``sealed_link`` is the link of the invitation."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-access-confirmed.v1"
    sealed_link: Sealed
    expires_at: Moment | None = None


class InvitationAccessRefused(InvitationAccessStep):
    """The inviter did not let the requester's company in."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-access-refused.v1"


class InvitationAccepted(Event):
    """The addressee said yes, once, to the text of version ``consent``.

    What follows from it (partnership, resellers of record) is announced on its own. ``same_as``: the imported customer that
    the accepting company says it is; `CustomerMatched` follows.
    """

    TYPE: ClassVar[str] = "kontor.relationships.invitation-accepted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("inviter.organization_id",)
    invitation_id: Id
    kind: InvitationKind
    inviter: Partner
    provider: Partner | None = None
    accepted_by: Id
    accepting_organization_id: Id
    accepting_organization_name: Line
    accepting_partner: Partner | None = None
    country: Country
    contact: Recipient
    consent: Line
    consent_language: Culture | None = None
    consent_words: tuple[Text, ...] = ()
    accepted_at: Moment
    same_as: Id | None = None


class PartnershipEstablished(Event):
    """Provider and reseller work together.

    It shares no customers; with ``admin_access`` the provider may administer the reseller's own account.
    Subject: the partnership, one per pair. ``since``: when the reseller accepted.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-established.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    admin_access: bool
    invitation_id: Id
    since: Moment | None = None


class PartnerListed(Event):
    """The company is a partner of the program, or has another name or contact now.

    It says nothing about a suspension, which stays. Subject of this and the next five events: the partner.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partner-listed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    country: Country
    region: Line


class PartnerSuspended(Event):
    """Enrollment suspended the partner: none of its rights holds, with customers, partners or in the directory.

    Nothing is removed. All of it holds again when the partner is reinstated. ``reason``: as enrollment announced it.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partner-suspended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    reason: Line
    suspended_at: Moment


class PartnerReinstated(Event):
    """The suspended company is an active partner again, with the rights that it had."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-reinstated.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    reinstated_at: Moment


class CustomersNotified(Event):
    """Customers of a partner that was suspended or reinstated are to be told; at most 50 in one event. Subject: the notice.

    ``organization_id``: the partner. The suspension and its effects are announced by `PartnerSuspended`.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customers-notified.v1"
    notice_id: Id
    organization_id: Id
    partner_name: Line
    standing: Literal["suspended", "reinstated"]
    recipients: tuple[Recipient, ...]
    notified_at: Moment


class PartnerClosed(Event):
    """The partner's work account is closed: none of its rights holds until it is reopened."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-closed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    closed_at: Moment


class PartnerReopened(Event):
    """The partner's work account is open again. It has the rights of before, unless it is suspended."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-reopened.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("partner.organization_id",)
    partner: Partner
    reopened_at: Moment


class PartnerErased(Event):
    """The company is gone for good: its account was closed, and the time to reopen it is over. Its partner id is free again."""

    TYPE: ClassVar[str] = "kontor.relationships.partner-erased.v1"
    organization_id: Id
    partner_id: PartnerId
    erased_at: Moment


PartnershipEndReason = Literal[
    "by-agreement", "contract-ended", "moved-to-another-partner", "conduct", "organization-erased", "other"
]
"""``organization-erased``: the program ended it because one of the two is gone for good."""

PartnershipSide = Literal["provider", "reseller"]


class PartnershipEnded(Event):
    """Provider and reseller no longer work together.

    Customers, their relationships with either partner and their administrator grants stay. The provider's administrator
    access to the reseller's own account ends with it. ``ended_by``: the organization that ended it; None: the program.
    ``since`` and ``invitation_id``: when and by which invitation it had begun.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-ended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    invitation_id: Id
    since: Moment
    ended_at: Moment
    ended_by: Id | None = None
    reason: PartnershipEndReason
    comment: Line | None = None


class PartnershipSuspended(Event):
    """One of the two companies is no active partner now, so the partnership gives no rights until it is resumed.

    ``side``: which of them; there is one event for each.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-suspended.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    side: PartnershipSide
    suspended_at: Moment


class PartnershipResumed(Event):
    """The company on this ``side`` is an active partner again. The partnership gives rights when both are."""

    TYPE: ClassVar[str] = "kontor.relationships.partnership-resumed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    side: PartnershipSide
    resumed_at: Moment
    active: bool


class ResellerReauthorizationDue(Event):
    """The reseller of the partnership has to confirm its data by ``due_at``, or it leaves the program then."""

    TYPE: ClassVar[str] = "kontor.relationships.reseller-reauthorization-due.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    due_at: Moment


class ResellerReauthorized(Event):
    """The reseller of the partnership has confirmed its data; the partnership goes on."""

    TYPE: ClassVar[str] = "kontor.relationships.reseller-reauthorized.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner


class ProviderAdminAccessGranted(Event):
    """The reseller lets the provider administer its own work account; ``until``: the end that the reseller set, if any.

    Sent again when that end changes. The first consent is part of `PartnershipEstablished`.
    """

    TYPE: ClassVar[str] = "kontor.relationships.provider-admin-access-granted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("reseller.organization_id", "provider.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    granted_by: Id
    granted_at: Moment
    until: Moment | None = None


class ProviderAdminAccessRemoved(Event):
    """The provider may not administer the reseller's work account any more.

    ``cause``: the reseller removed it, the time that the reseller had set is over, or the partnership ended. In the first
    two cases the partnership stays.
    """

    TYPE: ClassVar[str] = "kontor.relationships.provider-admin-access-removed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("reseller.organization_id", "provider.organization_id")
    partnership_id: Id
    provider: Partner
    reseller: Partner
    removed_at: Moment
    cause: Literal["removed-by-reseller", "time-over", "partnership-ended"]


class ResellersAuthorized(Event):
    """The customer made these partners its resellers of record, all of them in this one step. Subject: the customer.

    ``country``: the customer's. ``accepted_by``: the user who accepted, at ``accepted_at``, the text with this ``consent``.
    """

    TYPE: ClassVar[str] = "kontor.relationships.resellers-authorized.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    customer_name: Line
    contact: Recipient
    grants: tuple[Grant, ...]
    invitation_id: Id
    country: Country | None = None
    accepted_by: Id | None = None
    accepted_at: Moment | None = None
    consent: Line | None = None


class ResellersRefused(Refusal):
    """An accepted invitation made nobody a reseller of record: the customer works with too many partners. Subject: the customer.

    Acceptances are refused before they are given. This one was given in the same moment as many others. ``contact`` is the
    person who accepted for ``customer_name``; events of older releases have neither.
    """

    TYPE: ClassVar[str] = "kontor.relationships.resellers-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    partners: tuple[Partner, ...]
    invitation_id: Id
    reason: Literal["too-many-partners"]
    customer_name: Line | None = None
    contact: Recipient | None = None


class CustomerImported(Event):
    """A customer that a partner already serves through another portal is known now. Subject: the customer.

    ``permissions``: what the partner may do for it, all of them. ``organization_id``: the partner's.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customer-imported.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    customer_id: Id
    name: Line
    country: Country
    portal: Id
    external_id: Id
    partner_id: PartnerId
    permissions: tuple[Permission, ...] | None = None
    imported_at: Moment | None = None
    organization_id: Id | None = None
    domain: Domain | None = None


class CustomerClosed(Event):
    """The customer's work account is closed: until it is reopened no partner has a right to it. Subject: the customer."""

    TYPE: ClassVar[str] = "kontor.relationships.customer-closed.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id


class CustomerReopened(Event):
    """The customer's work account is open again: its partners have the rights of before. Subject: the customer."""

    TYPE: ClassVar[str] = "kontor.relationships.customer-reopened.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id


class CustomerImportRefused(Refusal):
    """The import was refused; nothing changed. ``name-not-plain``: it holds a link or invisible characters (`names`).

    ``id-reused``: an earlier import of this customer had the same source and id and another content; send this one with an
    id of its own. ``too-late``: it was made before all imports that are remembered; send it with a new id and time.
    ``portal-not-entitled``: the portal may not speak for this partner. ``partner-unknown``: no partner with this id became
    active within 90 days. ``too-many-waiting``, ``too-many-partners``: as many wait, or serve the customer, as may.
    ``relationship-ended``: customer or partner has ended it; only an invitation that the customer accepts connects the two again.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customer-import-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    customer_id: Id
    portal: Id
    external_id: Id
    reason: Literal[
        "country-changed",
        "id-reused",
        "name-not-plain",
        "partner-unknown",
        "portal-not-entitled",
        "relationship-ended",
        "too-late",
        "too-many-partners",
        "too-many-waiting",
    ]


class ImportCustomer(Command):
    """Make known a customer that the partner with ``partner_id`` serves through ``portal``.

    Idempotent by (portal, external_id): sent again it updates the name. The partner need not be enrolled yet: until its
    enrollment is active the import waits, for 90 days at most, and is answered then. The program's operators register which
    portal has which source and may speak for which partners. ``domain``: the mail domain of the customer, if
    the portal knows it; it helps to find the customer when it signs up here.
    """

    TYPE: ClassVar[str] = "kontor.relationships.import-customer.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    portal: Id
    external_id: Id
    name: Line
    country: Country
    partner_id: PartnerId
    permissions: tuple[Permission, ...] = ("administer",)
    domain: Domain | None = None


EVENTS: tuple[type[Payload], ...] = (
    CommandRefused,
    InvitationDrafted,
    InvitationSent,
    InvitationAccepted,
    InvitationSentByInviter,
    InvitationReminded,
    InvitationReady,
    InvitationUndeliverable,
    InvitationViewed,
    InvitationDeclined,
    InvitationRevoked,
    InvitationExpired,
    InvitationAccessChanged,
    InvitationAccessRequested,
    InvitationAccessConfirmed,
    InvitationAccessRefused,
    PartnershipEstablished,
    PartnerListed,
    PartnerSuspended,
    PartnerReinstated,
    CustomersNotified,
    PartnerClosed,
    PartnerReopened,
    PartnerErased,
    PartnershipEnded,
    PartnershipSuspended,
    PartnershipResumed,
    ResellerReauthorizationDue,
    ResellerReauthorized,
    ProviderAdminAccessGranted,
    ProviderAdminAccessRemoved,
    ResellersAuthorized,
    CustomerClosed,
    CustomerReopened,
    ResellersRefused,
    CustomerImported,
    CustomerImportRefused,
    *customers.EVENTS,
    *customer_matches.EVENTS,
    *directory.EVENTS,
    *admin_grants.EVENTS,
    *resellers_of_record.EVENTS,
)
COMMANDS: tuple[type[Payload], ...] = (ImportCustomer, *customers.COMMANDS, *resellers_of_record.COMMANDS)
