"""The state of an invitation, and questions about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, assert_never

from kontor_contracts.relationships import InvitationKind, InvitationStatus
from kontor_contracts.values import Partner, Recipient
from relationships.domain.refusals import Reason

Status = InvitationStatus
AccessStatus = Literal["open", "confirmed", "refused"]
Way = Literal["kontor", "inviter"]
UndeliverableReason = Literal["refused-by-server", "retries-exhausted", "expired", "unreadable-secret"]
LAST_REMINDER = timedelta(days=3)
"""Before the invitation expires."""

LINK = "{link}"
"""Where the personal link goes in the text of the mail."""

LIFETIMES: dict[InvitationKind, timedelta] = {
    "partnership": timedelta(days=30),
    "customer": timedelta(days=90),
    "customer-joint": timedelta(days=90),
}
"""From sending to expiry. 90 days for customers is the program's figure for requests of that kind."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text; ``body`` holds LINK."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A signed-in user who acts for an organization."""

    user_id: str
    organization_id: str
    organization_name: str
    contact: Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who answered, and when. ``person`` None: the holder of the link declined without signing in."""

    person: Person | None
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the company agreed to: the version of the text, its words in the language that was shown, and the box.

    ``network``: of the client, shortened as in the log. ``person`` None: its account was erased.
    """

    version: str
    language: str
    words: tuple[str, ...]
    box: str
    person: Person | None
    at: datetime
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """Somebody who is not the addressee, holds the link, and asks to accept. The inviter decides for the whole company."""

    request_id: str
    person: Person
    asked_at: datetime
    status: AccessStatus = "open"
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable:
    """The mail of the last sending came back, or was given up."""

    reason: UndeliverableReason
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """``generation``: the link is derived from it, so a new generation voids all older links.

    ``sender``: the user who drafted it. ``sent_by``: Kontor mailed it, or the inviter did. ``request``: the request that sent it
    last. ``reminders``: how many are done since. ``viewed_at``: when somebody who was signed in opened it first.
    ``ready_at``: when its addressee got the mail that the company, enrolled now, can accept. ``anyone``: all
    who hold the link may accept, not the addressee alone. ``sender_away``: cannot sign in at
    present. Documents of older releases lack the times, sender and request.
    """

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
    sender: Person | None = None
    created_at: datetime | None = None
    sent_at: datetime | None = None
    request: str | None = None
    answer: Answer | None = None
    anyone: bool = False
    requests: tuple[AccessRequest, ...] = ()
    sent_by: Way = "kontor"
    reminders: int = 0
    undeliverable: Undeliverable | None = None
    viewed_at: datetime | None = None
    ready_at: datetime | None = None
    evidence: Evidence | None = None
    sender_away: bool = False

    @property
    def partners(self) -> tuple[Partner, ...]:
        """The partners that the addressee authorizes."""
        return (self.inviter, self.provider) if self.provider else (self.inviter,)

    @property
    def notify(self) -> Recipient:
        """The person at the inviter who gets the mails about this invitation."""
        return self.sender.contact if self.sender and not self.sender_away else self.inviter.contact


def people_of(invitation: Invitation) -> list[Person]:
    """The users named in the document: who drafted it, asked to be let in, answered."""
    answer, evidence = invitation.answer, invitation.evidence
    named = (invitation.sender, answer and answer.person, evidence and evidence.person)
    return [*(one for one in named if one), *(request.person for request in invitation.requests)]


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
    """Why the invitation cannot be answered now; None while it is open. It expires on time even if the timer is late."""
    match invitation.status:
        case "draft":
            return "not-sent"
        case "sent":
            return "invitation-expired" if too_late(invitation, at) else None
        case "accepted":
            return "already-accepted"
        case "declined":
            return "invitation-declined"
        case "revoked":
            return "invitation-revoked"
        case "expired":
            return "invitation-expired"
        case _:
            assert_never(invitation.status)


def too_late(invitation: Invitation, at: datetime) -> bool:
    return invitation.expires_at is not None and at >= invitation.expires_at


def reminder_times(invitation: Invitation) -> tuple[datetime, ...]:
    """When an open invitation is reminded of: at half of its time, and three days before its end."""
    if invitation.sent_at is None or invitation.expires_at is None:
        return ()
    half = invitation.sent_at + (invitation.expires_at - invitation.sent_at) / 2
    return (half, invitation.expires_at - LAST_REMINDER)


def due(state: State) -> datetime | None:
    """When the timer reminds of the invitation, or expires it."""
    invitation = state.invitation
    if invitation is None or invitation.status != "sent":
        return None
    left = reminder_times(invitation)[invitation.reminders :]
    return left[0] if left else invitation.expires_at


def step(invitation: Invitation, at: datetime, by: Person | None) -> dict[str, Any]:
    """What every step says: the fields of `InvitationStep`."""
    return {
        "invitation_id": invitation.invitation_id,
        "kind": invitation.kind,
        "inviter": invitation.inviter,
        "provider": invitation.provider,
        "recipient": invitation.recipient,
        "notify": invitation.notify,
        "previous": invitation.status,
        "by": by.user_id if by else None,
        "by_organization_id": by.organization_id if by else None,
        "at": at,
    }
