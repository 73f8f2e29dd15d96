"""Response models of the API, and how they are made from the documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from chassis import Language, MongoStore
from kontor_contracts.authz.rules import Reason
from kontor_contracts.customers import Channel, EndedBy
from kontor_contracts.relationships import InvitationKind
from kontor_contracts.values import Permission, Recipient
from relationships import lookups
from relationships.api.match_views import MatchView, matches_seen_by
from relationships.domain.customer import state as domain_customer
from relationships.domain.customer.listing import ListState
from relationships.domain.customer.state import Origin, Relationship
from relationships.domain.invitation.state import (
    AccessRequest,
    AccessStatus,
    Answer,
    Evidence,
    Invitation,
    Status,
    Undeliverable,
    UndeliverableReason,
    Way,
)
from relationships.domain.partner import Company
from relationships.draft_warnings import WarningView
from relationships.wording import consent_points, consent_to


class MailView(BaseModel):
    subject: str
    body: str


class MessageView(BaseModel):
    """``mailto`` opens the mail in a mail program; null where the text is too long for that."""

    to: str
    subject: str
    text: str
    mailto: str | None


class UndeliverableView(BaseModel):
    reason: UndeliverableReason
    at: datetime


class AnswerView(BaseModel):
    """Who accepted or declined. Names are null where the holder of the link declined without signing in."""

    at: datetime
    name: str | None
    organization_id: str | None
    organization_name: str | None
    reason: str | None


class AccessRequestView(BaseModel):
    """A company that holds the link and asks to accept, though it is not the addressee. The person who asks is named."""

    request_id: str
    status: AccessStatus
    name: str
    email: str
    organization_id: str
    organization_name: str
    asked_at: datetime
    decided_at: datetime | None


class InvitationView(BaseModel):
    """``link`` is shown only to the inviter; ``accepted_by`` is the organization that accepted.

    ``drafted_by``: the name of the user. ``sent_by``: Kontor mailed it, or the inviter did. ``viewed_at``: when somebody who is
    signed in opened it first. ``undeliverable``: the mail of the last sending came back. ``warnings``: only of a draft. Times
    and names that an older release did not keep are null.
    """

    invitation_id: str
    kind: InvitationKind
    status: Status
    inviter_id: str
    inviter_name: str
    provider_id: str | None
    provider_name: str | None
    drafted_by: str | None
    recipient: Recipient
    mail: MailView
    link: str | None = None
    created_at: datetime | None
    sent_at: datetime | None
    expires_at: datetime | None
    accepted_by: str | None
    sent_by: Way | None
    viewed_at: datetime | None
    reminders: int
    undeliverable: UndeliverableView | None
    answer: AnswerView | None
    anyone_with_link: bool
    access_requests: list[AccessRequestView]
    warnings: list[WarningView] = []


class ConsentView(BaseModel):
    """The text that accepting means, by its version."""

    version: str
    language: str
    points: list[str]


class IncomingView(BaseModel):
    """An invitation as its addressee sees it. ``link``: to answer it, while it is open; its token is also what the API takes."""

    invitation_id: str
    kind: InvitationKind
    status: Status
    inviter_id: str
    inviter_name: str
    provider_id: str | None
    provider_name: str | None
    recipient: Recipient
    sent_at: datetime | None
    expires_at: datetime | None
    answer: AnswerView | None
    consent: ConsentView
    link: str | None


class EvidenceView(BaseModel):
    """The acceptance: the text as it was shown, the ticked box, the person, time, address, and the client's network.

    The person is null once the account of its company is erased.
    """

    invitation_id: str
    kind: InvitationKind
    inviter_name: str
    provider_name: str | None
    organization_id: str
    organization_name: str | None
    name: str | None
    email: str | None
    at: datetime
    network: str
    consent: ConsentView
    box: str


class CustomerPartnerView(BaseModel):
    organization_id: str | None
    partner_id: str
    name: str | None
    role: Literal["reseller", "provider"] | None
    permissions: tuple[Permission, ...]
    since: datetime


class ContactView(BaseModel):
    name: str
    email: str


class CustomerView(BaseModel):
    """A customer as one of its partners sees it; ``since``, ``channel`` and ``permissions`` are the caller's own.

    ``contact``: the user who accepted last; null for customers of other portals and once the user is purged. An ended one
    has the name of when it ended, and no contact and no partners. ``matches``: customers that the caller had imported from
    other portals, and that the customer has confirmed to be.
    """

    customer_id: str
    name: str
    country: str
    origin: Origin
    state: ListState = "active"
    domain: str | None = None
    since: datetime | None = None
    channel: Channel | None = None
    permissions: tuple[Permission, ...] = ()
    active_subscriptions: int = 0
    contact: ContactView | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    ended_reason: str | None = None
    matches: list[MatchView] = []
    partners: list[CustomerPartnerView]


class AuthorizationView(BaseModel):
    """``edge`` names the relationship of the two, ``version`` counts its changes; null where they have none.

    ``grant``: the administrator grant by which it is allowed.
    """

    allowed: bool
    reason: Reason
    edge: str | None = None
    version: int | None = None
    grant: str | None = None


class CheckProblem(BaseModel):
    """Why there is no answer, as in problem+json."""

    status: int
    code: str
    detail: str


class BatchAnswerView(BaseModel):
    """``allowed`` is also false if there is a ``problem`` instead of a reason."""

    allowed: bool
    reason: Reason | None = None
    edge: str | None = None
    version: int | None = None
    grant: str | None = None
    problem: CheckProblem | None = None


class BatchView(BaseModel):
    """``answers`` are in the order of the checks."""

    answers: list[BatchAnswerView]


def invitation_view(invitation: Invitation, link: str | None = None, *, inviter: bool = False) -> InvitationView:
    """``inviter``: also with who asked to be let in, which is for the inviter alone."""
    return InvitationView(
        invitation_id=invitation.invitation_id,
        kind=invitation.kind,
        status=invitation.status,
        inviter_id=invitation.inviter.organization_id,
        inviter_name=invitation.inviter.name,
        provider_id=invitation.provider.organization_id if invitation.provider else None,
        provider_name=invitation.provider.name if invitation.provider else None,
        drafted_by=invitation.sender.contact.name if invitation.sender else None,
        recipient=invitation.recipient,
        mail=MailView(subject=invitation.mail.subject, body=invitation.mail.body),
        link=link,
        created_at=invitation.created_at,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        accepted_by=invitation.accepted_by,
        sent_by=invitation.sent_by if invitation.sent_at else None,
        viewed_at=invitation.viewed_at,
        reminders=invitation.reminders,
        undeliverable=_undeliverable_view(invitation.undeliverable) if invitation.undeliverable else None,
        answer=_answer_view(invitation.answer) if invitation.answer else None,
        anyone_with_link=invitation.anyone,
        access_requests=[access_request_view(one) for one in invitation.requests] if inviter else [],
    )


def access_request_view(request: AccessRequest) -> AccessRequestView:
    return AccessRequestView(
        request_id=request.request_id,
        status=request.status,
        name=request.person.contact.name,
        email=request.person.contact.email,
        organization_id=request.person.organization_id,
        organization_name=request.person.organization_name,
        asked_at=request.asked_at,
        decided_at=request.decided_at,
    )


def _undeliverable_view(undeliverable: Undeliverable) -> UndeliverableView:
    return UndeliverableView(reason=undeliverable.reason, at=undeliverable.at)


def incoming_view(invitation: Invitation, link: str, language: Language) -> IncomingView:
    return IncomingView(
        invitation_id=invitation.invitation_id,
        kind=invitation.kind,
        status=invitation.status,
        inviter_id=invitation.inviter.organization_id,
        inviter_name=invitation.inviter.name,
        provider_id=invitation.provider.organization_id if invitation.provider else None,
        provider_name=invitation.provider.name if invitation.provider else None,
        recipient=invitation.recipient,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        answer=_answer_view(invitation.answer) if invitation.answer else None,
        consent=ConsentView(
            version=consent_to(invitation).version, language=language, points=consent_points(invitation, language)
        ),
        link=link if invitation.status == "sent" else None,
    )


def evidence_view(invitation: Invitation, evidence: Evidence) -> EvidenceView:
    person = evidence.person
    return EvidenceView(
        invitation_id=invitation.invitation_id,
        kind=invitation.kind,
        inviter_name=invitation.inviter.name,
        provider_name=invitation.provider.name if invitation.provider else None,
        organization_id=invitation.accepted_by or "",
        organization_name=person.organization_name if person else None,
        name=person.contact.name if person else None,
        email=person.contact.email if person else None,
        at=evidence.at,
        network=evidence.network,
        consent=ConsentView(version=evidence.version, language=evidence.language, points=list(evidence.words)),
        box=evidence.box,
    )


def _answer_view(answer: Answer) -> AnswerView:
    person = answer.person
    return AnswerView(
        at=answer.at,
        name=person.contact.name if person else None,
        organization_id=person.organization_id if person else None,
        organization_name=person.organization_name if person else None,
        reason=answer.reason,
    )


def progress(invitation: Invitation) -> dict[str, Any]:
    """The part of the view that changes after the draft. It is small enough to keep as the answer to a repeated request."""
    changing = {"status", "sent_at", "sent_by", "expires_at", "accepted_by", "answer", "undeliverable"}
    return invitation_view(invitation).model_dump(mode="json", include=changing)


async def customer_views(
    store: MongoStore, found: Sequence[domain_customer.State], viewer: Company, *, listed: ListState = "active"
) -> list[CustomerView | None]:
    """The customers as the partner ``viewer`` sees them, each None if the two have no relationship of this state.

    Other partners are shown with their present names. At most one round trip.
    """
    own = viewer.partner.partner_id
    if listed == "ended":
        return [_ended_view(state, own) for state in found]
    seen = {one.organization_id for state in found for one in domain_customer.visible_to(state, own)}
    others = await lookups.companies(store, (id for id in seen if id and id != viewer.partner.organization_id))
    names = {id: company.partner.name for id, company in others.items()}
    return [_customer_view(state, viewer, names) for state in found]


def _customer_view(customer: domain_customer.State, viewer: Company, names: Mapping[str, str]) -> CustomerView | None:
    seen = domain_customer.visible_to(customer, viewer.partner.partner_id)
    own = domain_customer.held(customer, viewer.partner.partner_id)
    account = customer.account
    if account is None or own is None:
        return None
    return CustomerView(
        customer_id=account.customer_id,
        name=account.name,
        country=account.country,
        origin=own.origin,
        domain=account.domain,
        since=own.since,
        channel=own.channel,
        permissions=own.permissions,
        active_subscriptions=own.active_subscriptions,
        contact=ContactView(name=account.contact.name, email=account.contact.email) if account.contact else None,
        matches=matches_seen_by(customer, own.partner_id),
        partners=[_customer_partner(one, viewer, names) for one in seen],
    )


def _ended_view(customer: domain_customer.State, partner_id: str) -> CustomerView | None:
    """A former customer as its partner sees it: the name that it had, and the time from when until when."""
    own, account = domain_customer.known(customer, partner_id), customer.account
    if account is None or own is None or own.holds:
        return None
    return CustomerView(
        customer_id=account.customer_id,
        name=own.customer_name or account.name,
        country=account.country,
        origin=own.origin,
        state="ended",
        since=own.since,
        channel=own.channel,
        ended_at=own.ended_at,
        ended_by=own.ended_by,
        ended_reason=own.ended_reason,
        partners=[],
    )


def _customer_partner(relationship: Relationship, viewer: Company, names: Mapping[str, str]) -> CustomerPartnerView:
    """An imported relationship has only the partner's number; the view fills in the rest for the partner itself."""
    partner = viewer.partner
    own = relationship.partner_id == partner.partner_id
    role: Literal["reseller", "provider"] = "reseller" if partner.program == "indirect-reseller" else "provider"
    return CustomerPartnerView(
        organization_id=partner.organization_id if own else relationship.organization_id,
        partner_id=relationship.partner_id,
        name=partner.name if own else names.get(relationship.organization_id or "", relationship.name),
        role=role if own else relationship.role,
        permissions=relationship.permissions,
        since=relationship.since,
    )
