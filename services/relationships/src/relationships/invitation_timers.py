"""The timer of invitations: reminds of open ones, and expires those whose time is over."""

from chassis import Cause, Fire, Handler, MongoStore
from chassis.crypto import Sealer
from relationships import lookups
from relationships.documents import INVITATION
from relationships.domain.invitation.commands import ExpireInvitation, RemindInvitation
from relationships.domain.invitation.state import too_late
from relationships.links import Links


def invitation_timer(store: MongoStore, handler: Handler, links: Links, sealer: Sealer) -> Fire:
    """Firing it again changes nothing."""

    async def fire(id: str, cause: Cause) -> None:
        invitation = await lookups.invitation_of(store, id.removeprefix(f"{INVITATION.kind}:"))
        if invitation is None:
            return
        if too_late(invitation, cause.time):
            await handler.handle(INVITATION, id, ExpireInvitation(cause.time), cause)
            return
        provider = invitation.provider
        facts = await lookups.inviting(
            store, invitation.inviter.organization_id, provider.organization_id if provider else None
        )
        acceptable = facts.inviter is not None and (provider is None or facts.provider is not None)
        remind = RemindInvitation(sealer.seal(links.url(invitation)), cause.time, acceptable=acceptable)
        await handler.handle(INVITATION, id, remind, cause)

    return fire
