"""Who may accept an invitation: the addressee, anyone with the link, or a company that the inviter lets in."""

from typing import ClassVar

from kontor_contracts.envelope import Payload
from kontor_contracts.relationships.invitations import InvitationStep
from kontor_contracts.values import Id, Line, Moment, Recipient, Sealed


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


EVENTS: tuple[type[Payload], ...] = (
    InvitationAccessChanged,
    InvitationAccessRequested,
    InvitationAccessConfirmed,
    InvitationAccessRefused,
)
