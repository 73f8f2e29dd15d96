"""Drafting an invitation and editing its mail."""

from kontor_contracts.addresses import mail_domain
from kontor_contracts.relationships import InvitationDrafted
from relationships.domain.invitation.commands import DraftInvitation, InvitationPrepared, MailEdited
from relationships.domain.invitation.state import Invitation, Mail
from relationships.domain.invitation.text import cleaned, fault
from relationships.domain.refusals import InvitationRefused, Reason, refused


def draft(command: DraftInvitation) -> list[InvitationPrepared | InvitationDrafted | InvitationRefused]:
    if reason := _unfit(command):
        return [refused(reason)]
    invitation = Invitation(
        invitation_id=command.invitation_id,
        kind=command.kind,
        inviter=command.inviter,
        provider=command.provider,
        recipient=command.recipient,
        mail=command.mail,
        anyone=command.anyone,
        sender=command.sender,
        created_at=command.at,
    )
    announced = InvitationDrafted(
        invitation_id=command.invitation_id,
        kind=command.kind,
        inviter_id=command.inviter.organization_id,
        provider_id=command.provider.organization_id if command.provider else None,
        drafted_by=command.sender.user_id if command.sender else None,
        anyone_with_link=command.anyone,
    )
    return [InvitationPrepared(invitation), announced]


def edit(mail: Mail, invitation: Invitation | None) -> list[MailEdited | InvitationRefused]:
    if invitation is None or invitation.status != "draft":
        return [refused("not-a-draft")]
    mail = cleaned(mail)
    if reason := fault(mail, {mail_domain(one.contact.email) for one in invitation.partners}):
        return [refused(reason)]
    return [] if mail == invitation.mail else [MailEdited(mail)]


def _unfit(command: DraftInvitation) -> Reason | None:
    if command.kind == "partnership":
        return None if command.inviter.program == "indirect-provider" else "not-a-provider"
    if command.kind == "customer-joint" and command.inviter.program != "indirect-reseller":
        return "not-a-reseller"
    if command.kind == "customer-joint" and command.provider is None:
        return "partnership-missing"
    own = {mail_domain(one.contact.email) for one in (command.inviter, command.provider) if one}
    return "own-domain" if mail_domain(command.recipient.email) in own else None
