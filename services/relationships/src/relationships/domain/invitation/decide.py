"""Decisions on an invitation: a partner asks a company to work with it.

It is accepted once, in time, by its personal link.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, assert_never

from kontor_contracts.addresses import mail_domain
from kontor_contracts.relationships import InvitationAccepted, InvitationDrafted, InvitationKind, InvitationSent
from kontor_contracts.values import Partner, Recipient
from relationships.domain.invitation.acceptance import AcceptInvitation, accept
from relationships.domain.invitation.state import LIFETIMES, LINK, Invitation, Mail, State, too_late, with_partners
from relationships.domain.refusals import InvitationRefused, Reason, refused

ERASED = Recipient(name="-", email="erased@kontor.invalid")

# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftInvitation:
    """``provider``: for a joint invitation, if it has an active partnership with the inviter."""

    invitation_id: str
    kind: InvitationKind
    inviter: Partner
    provider: Partner | None
    recipient: Recipient
    mail: Mail


@dataclass(frozen=True, slots=True)
class EditMail:
    mail: Mail


@dataclass(frozen=True, slots=True)
class SendInvitation:
    """``partners``: inviter and provider with their present names, by organization id."""

    sealed_link: str
    at: datetime
    partners: Mapping[str, Partner] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    pass


@dataclass(frozen=True, slots=True)
class ExpireInvitation:
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetAddressee:
    """The work account that accepted, or that invited, was erased. The document keeps neither addressee nor text."""

    ERASES: ClassVar[bool] = True


Command = (
    DraftInvitation
    | EditMail
    | SendInvitation
    | RevokeInvitation
    | ExpireInvitation
    | AcceptInvitation
    | ForgetAddressee
)


# -- events that are not announced


@dataclass(frozen=True, slots=True)
class InvitationPrepared:
    """The draft with the addressee and the mail, which `InvitationDrafted` does not announce."""

    invitation: Invitation


@dataclass(frozen=True, slots=True)
class MailEdited:
    mail: Mail


@dataclass(frozen=True, slots=True)
class AddresseeForgotten:
    pass


@dataclass(frozen=True, slots=True)
class InvitationRevoked:
    pass


@dataclass(frozen=True, slots=True)
class InvitationExpired:
    pass


Fact = (
    InvitationPrepared
    | InvitationDrafted
    | MailEdited
    | InvitationSent
    | InvitationRevoked
    | InvitationExpired
    | AddresseeForgotten
    | InvitationAccepted
    | InvitationRefused
)


# -- decide, evolve


def decide(command: Command, state: State) -> list[Fact]:
    invitation = state.invitation
    match command:
        case DraftInvitation():
            return [] if invitation else _draft(command)
        case EditMail(mail):
            return _edit(mail, invitation)
        case SendInvitation():
            return _send(command, invitation)
        case RevokeInvitation() | ForgetAddressee():
            return _revoke(invitation) if isinstance(command, RevokeInvitation) else _forget_addressee(invitation)
        case ExpireInvitation(at):
            due = invitation is not None and invitation.status == "sent" and too_late(invitation, at)
            return [InvitationExpired()] if due else []
        case AcceptInvitation():
            return [*accept(command, invitation)]
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    changes: dict[str, Any] = {}
    match fact:
        case InvitationPrepared(invitation):
            return State(invitation)
        case MailEdited(mail):
            changes = {"mail": mail}
        case InvitationSent(expires_at=expires_at, inviter=inviter, provider=provider):
            changes = {"status": "sent", "expires_at": expires_at, "inviter": inviter, "provider": provider}
        case InvitationRevoked():
            changes = {"status": "revoked"}
        case InvitationExpired():
            changes = {"status": "expired"}
        case InvitationAccepted(accepting_organization_id=organization_id):
            changes = {"status": "accepted", "accepted_by": organization_id}
        case AddresseeForgotten():
            changes = {"recipient": ERASED, "mail": Mail("-", LINK)}
        case InvitationDrafted() | InvitationRefused():
            pass
        case _:
            assert_never(fact)
    return State(replace(state.invitation, **changes)) if state.invitation else state


def _draft(command: DraftInvitation) -> list[Fact]:
    if reason := _unfit_draft(command):
        return [refused(reason)]
    invitation = Invitation(
        invitation_id=command.invitation_id,
        kind=command.kind,
        inviter=command.inviter,
        provider=command.provider,
        recipient=command.recipient,
        mail=command.mail,
    )
    announced = InvitationDrafted(
        invitation_id=command.invitation_id,
        kind=command.kind,
        inviter_id=command.inviter.organization_id,
        provider_id=command.provider.organization_id if command.provider else None,
    )
    return [InvitationPrepared(invitation), announced]


def _unfit_draft(command: DraftInvitation) -> Reason | None:
    if command.kind == "partnership":
        return None if command.inviter.program == "indirect-provider" else "not-a-provider"
    if command.kind == "customer-joint" and command.inviter.program != "indirect-reseller":
        return "not-a-reseller"
    if command.kind == "customer-joint" and command.provider is None:
        return "partnership-missing"
    own = {mail_domain(one.contact.email) for one in (command.inviter, command.provider) if one}
    return "own-domain" if mail_domain(command.recipient.email) in own else None


def _forget_addressee(invitation: Invitation | None) -> list[Fact]:
    return [] if invitation is None or invitation.recipient == ERASED else [AddresseeForgotten()]


def _edit(mail: Mail, invitation: Invitation | None) -> list[Fact]:
    if invitation is None or invitation.status != "draft":
        return [refused("not-a-draft")]
    if LINK not in mail.body:
        return [refused("link-missing")]
    return [] if mail == invitation.mail else [MailEdited(mail)]


def _send(command: SendInvitation, invitation: Invitation | None) -> list[Fact]:
    if invitation is not None and invitation.status in {"sent", "accepted"}:
        return []
    if invitation is None or invitation.status != "draft":
        return [refused("not-a-draft")]
    invitation = with_partners(invitation, command.partners)
    return [
        InvitationSent(
            invitation_id=invitation.invitation_id,
            kind=invitation.kind,
            inviter=invitation.inviter,
            provider=invitation.provider,
            recipient=invitation.recipient,
            mail_subject=invitation.mail.subject,
            mail_body=invitation.mail.body,
            sealed_link=command.sealed_link,
            expires_at=command.at + LIFETIMES[invitation.kind],
        )
    ]


def _revoke(invitation: Invitation | None) -> list[Fact]:
    """A draft can be revoked as well. It is then never sent."""
    match invitation.status if invitation else None:
        case "draft" | "sent":
            return [InvitationRevoked()]
        case "accepted":
            return [refused("already-accepted")]
        case "expired":
            return [refused("invitation-expired")]
        case "revoked":
            return []
        case _:
            return [refused("not-a-draft")]
