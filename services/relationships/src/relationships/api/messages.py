"""HTTP: the text of an invitation, for the inviter's own mail program."""

from typing import Any

from fastapi import APIRouter, Request, Response

from chassis import Caller, Handler, MongoStore, Once, Principal, ProblemError, new_router
from relationships import lookups
from relationships.api.invitations import INVITE, known, own, shown
from relationships.api.views import InvitationView, MessageView, progress
from relationships.documents import INVITATION
from relationships.domain.invitation.commands import ConfirmSending
from relationships.domain.invitation.state import Invitation
from relationships.links import Links
from relationships.messages import eml, mailto, message_text

Answers = dict[int | str, dict[str, Any]]
MAIL, BYTES = "message/rfc822", "application/octet-stream"
FILE = {"schema": {"type": "string", "format": "binary"}}
EML: Answers = {
    200: {
        "content": {MAIL: FILE, BYTES: FILE},
        "description": f"A mail that opens as a draft; as {BYTES} for clients that accept only that.",
    }
}
OVER: Answers = {409: {"description": "The invitation is over, so its link is void."}}
PRIVATE = {"cache-control": "no-store"}


def router(store: MongoStore, handler: Handler, links: Links) -> APIRouter:
    routes = new_router("/v1/invitations", tags=["invitations"])

    async def usable(invitation_id: str, caller: Principal) -> Invitation:
        invitation = own(await lookups.invitation_of(store, invitation_id), caller, INVITE)
        if invitation.status not in {"draft", "sent"}:
            detail = f"this invitation is {invitation.status}, so its link is void; send it again, or write a new one"
            raise ProblemError(409, "not-open", detail)
        return await lookups.with_present_names(store, invitation)

    @routes.get("/{invitation_id}/message", responses=OVER)
    async def show_message(invitation_id: str, caller: Caller, response: Response) -> MessageView:
        """The mail with its link, to be copied or opened in the inviter's own mail program."""
        invitation = await usable(invitation_id, caller)
        link = links.url(invitation)
        response.headers.update(PRIVATE)
        return MessageView(
            to=invitation.recipient.email,
            subject=invitation.mail.subject,
            text=message_text(invitation, link),
            mailto=mailto(invitation, link),
        )

    @routes.get("/{invitation_id}/message.eml", responses={**EML, **OVER}, response_class=Response)
    async def download_message(invitation_id: str, caller: Caller, request: Request) -> Response:
        """The same as a file."""
        invitation = await usable(invitation_id, caller)
        headers = {"content-disposition": 'attachment; filename="invitation.eml"', **PRIVATE}
        # Generated clients do not know the type of mails.
        kind = BYTES if request.headers.get("accept") == BYTES else MAIL
        return Response(eml(invitation, links.url(invitation)), media_type=kind, headers=headers)

    @routes.post("/{invitation_id}/sent-by-me")
    async def confirm_sending(invitation_id: str, once: Once, caller: Caller) -> InvitationView:
        """Say that the inviter has mailed the draft itself. Its link works from now on; Kontor sends no mail to the addressee."""
        own(await lookups.invitation_of(store, invitation_id), caller, INVITE)
        cause = once.cause(caller)
        command = ConfirmSending(request=cause.id, by=lookups.person(caller), at=cause.time)
        outcome = await handler.handle(INVITATION, INVITATION.id(invitation_id), command, cause, answer=_progress)
        return shown(outcome, links)

    return routes


def _progress(state: Any) -> dict[str, Any]:
    return progress(known(state))
