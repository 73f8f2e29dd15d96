"""Accepting an invitation: who may, and what the acceptance announces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kontor_contracts.relationships import InvitationAccepted
from kontor_contracts.values import Partner, Recipient
from relationships.domain.invitation.entitlement import entitled
from relationships.domain.invitation.state import Answer, Evidence, Invitation, Person, closed, with_partners
from relationships.domain.refusals import InvitationRefused, Reason, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptor:
    """The organization and user who accept. ``kind`` comes from identity; ``partner`` is None unless it is an active partner."""

    organization_id: str
    name: str
    kind: str
    country: str
    partner: Partner | None
    user_id: str
    contact: Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented:
    """The text that was agreed to, as it was shown."""

    version: str
    language: str
    words: tuple[str, ...]
    box: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """``generation``: of the link presented, None if it is not valid. ``consent``: None without it.

    ``connected``: provider and inviter have an active partnership now. ``room``: the customer may work with further
    partners. ``domain_proved``: the acceptor's organization has proved the domain of the invited address. ``partners``: the
    two with their present names, by organization id. ``same_as``: the imported customer that the acceptor says it is;
    ``proposed``: what was compared says so, too.
    """

    generation: int | None
    acceptor: Acceptor
    inviter_active: bool
    same_region: bool
    connected: bool
    consent: Consented | None
    at: datetime
    room: bool = True
    domain_proved: bool = False
    partners: Mapping[str, Partner] = field(default_factory=dict)
    same_as: str | None = None
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class AnswerNoted:
    """Who answered. The topic gets what others need of it."""

    answer: Answer
    evidence: Evidence | None = None


def accept(
    command: AcceptInvitation, invitation: Invitation | None
) -> list[AnswerNoted | InvitationAccepted | InvitationRefused]:
    acceptor = command.acceptor
    # The link is checked first: without it the answer says nothing about the invitation.
    if invitation is None or command.generation != invitation.generation:
        return [refused("link-invalid")]
    if invitation.accepted_by == acceptor.organization_id:
        return []
    if reason := closed(invitation, command.at) or _misfit(command, invitation):
        return [refused(reason)]
    if command.consent is None:
        return [refused("consent-missing")]
    invitation = with_partners(invitation, command.partners)
    person, consent = person_of(acceptor), command.consent
    evidence = Evidence(
        version=consent.version,
        language=consent.language,
        words=consent.words,
        box=consent.box,
        person=person,
        at=command.at,
        network=consent.network,
    )
    return [
        AnswerNoted(Answer(person=person, at=command.at), evidence),
        InvitationAccepted(
            invitation_id=invitation.invitation_id,
            kind=invitation.kind,
            inviter=invitation.inviter,
            provider=invitation.provider,
            accepted_by=acceptor.user_id,
            accepting_organization_id=acceptor.organization_id,
            accepting_organization_name=acceptor.name,
            accepting_partner=acceptor.partner if invitation.kind == "partnership" else None,
            country=acceptor.country,
            contact=acceptor.contact,
            consent=consent.version,
            consent_language=consent.language,
            consent_words=consent.words,
            accepted_at=command.at,
            same_as=command.same_as,
        ),
    ]


def person_of(acceptor: Acceptor) -> Person:
    return Person(
        user_id=acceptor.user_id,
        organization_id=acceptor.organization_id,
        organization_name=acceptor.name,
        contact=acceptor.contact,
    )


def wrong_company(acceptor: Acceptor, invitation: Invitation) -> Reason | None:
    """Why this company could accept for nobody."""
    kind = invitation.kind
    reseller = acceptor.partner is not None and acceptor.partner.program == "indirect-reseller"
    faults: tuple[tuple[bool, Reason], ...] = (
        (acceptor.organization_id in {one.organization_id for one in invitation.partners}, "own-organization"),
        (kind == "partnership" and not reseller, "not-a-reseller"),
        (kind != "partnership" and acceptor.kind != "customer", "not-a-customer"),
    )
    return next((reason for holds, reason in faults if holds), None)


def _misfit(command: AcceptInvitation, invitation: Invitation) -> Reason | None:
    if reason := wrong_company(command.acceptor, invitation):
        return reason
    kind = invitation.kind
    addressed = entitled(invitation, person_of(command.acceptor), domain_proved=command.domain_proved)
    faults: tuple[tuple[bool, Reason], ...] = (
        (not addressed, "not-the-addressee"),
        (not command.inviter_active, "inviter-not-active"),
        (not command.same_region, "region-differs"),
        (kind == "customer-joint" and not command.connected, "partnership-missing"),
        (kind != "partnership" and not command.room, "too-many-partners"),
        (command.same_as is not None and (kind == "partnership" or not command.proposed), "no-match-proposed"),
    )
    return next((reason for holds, reason in faults if holds), None)
