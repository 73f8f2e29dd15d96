"""Invitations to a partnership, or to a relationship with a customer: drafted, sent, answered, or expired."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Culture, Id, Line, Moment, Partner, Recipient, Sealed, Text

InvitationKind = Literal["partnership", "customer", "customer-joint"]
InvitationStatus = Literal["draft", "sent", "accepted", "declined", "revoked", "expired"]


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


EVENTS: tuple[type[Payload], ...] = (
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
)
