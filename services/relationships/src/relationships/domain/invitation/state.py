"""The state of an invitation, and questions about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from kontor_contracts.relationships import InvitationKind
from kontor_contracts.values import Partner, Recipient
from relationships.domain.refusals import Reason

Status = Literal["draft", "sent", "accepted", "revoked", "expired"]

LINK = "{link}"
"""Where the personal link goes in the text of the mail."""

LIFETIMES: dict[InvitationKind, timedelta] = {
    "partnership": timedelta(days=30),
    "customer": timedelta(days=90),
    "customer-joint": timedelta(days=90),
}
"""From sending to expiry. 90 days for customers is the program's figure for requests of that kind (domain.md 4.6)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text; ``body`` holds LINK."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """``generation``: the link is derived from it, so a new generation voids all older links."""

    invitation_id: str
    kind: InvitationKind
    inviter: Partner
    provider: Partner | None
    recipient: Recipient
    mail: Mail
    status: Status = "draft"
    generation: int = 1
    expires_at: datetime | None = None
    accepted_by: str | None = None

    @property
    def partners(self) -> tuple[Partner, ...]:
        """The partners that the addressee authorizes."""
        return (self.inviter, self.provider) if self.provider else (self.inviter,)


def with_partners(invitation: Invitation, known: Mapping[str, Partner]) -> Invitation:
    """The invitation with ``known`` partners, by organization id, instead of its own."""
    inviter, provider = invitation.inviter, invitation.provider
    return replace(
        invitation,
        inviter=known.get(inviter.organization_id, inviter),
        provider=known.get(provider.organization_id, provider) if provider else None,
    )


@dataclass(frozen=True, slots=True)
class State:
    invitation: Invitation | None = None


def closed(invitation: Invitation, at: datetime) -> Reason | None:
    """Why the invitation cannot be accepted now; None while it is open. It expires on time even if the timer is late."""
    match invitation.status:
        case "draft":
            return "not-sent"
        case "sent":
            return "invitation-expired" if too_late(invitation, at) else None
        case "accepted":
            return "already-accepted"
        case "revoked":
            return "invitation-revoked"
        case "expired":
            return "invitation-expired"
        case _:
            assert_never(invitation.status)


def too_late(invitation: Invitation, at: datetime) -> bool:
    return invitation.expires_at is not None and at >= invitation.expires_at


def due(state: State) -> datetime | None:
    """When the timer expires the invitation."""
    invitation = state.invitation
    return invitation.expires_at if invitation is not None and invitation.status == "sent" else None
