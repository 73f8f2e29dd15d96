"""Drafting and reading invitations over HTTP: the side of the inviter. `sending` is the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field

from chassis import (
    Caller,
    Change,
    ForbiddenError,
    Form,
    Handler,
    MongoStore,
    Once,
    Outcome,
    Page,
    PageQuery,
    Principal,
    ProblemError,
    list_filter,
    new_router,
    not_found,
)
from chassis.http.addresses import InvalidAddressError, mail_address
from kontor_contracts.markets import MarketCulture
from kontor_contracts.relationships import InvitationKind
from kontor_contracts.values import Id, Line, Name, Recipient, Text
from relationships import lookups
from relationships.api.callers import require_any
from relationships.api.views import InvitationView, invitation_view
from relationships.documents import INVITATION
from relationships.domain.invitation.commands import DraftInvitation, EditMail
from relationships.domain.invitation.listing import inviters_list, inviters_status_list, inviters_word_list
from relationships.domain.invitation.state import LINK, Invitation, Mail, State, Status
from relationships.domain.listing_words import search_words
from relationships.draft_warnings import warnings
from relationships.links import Links
from relationships.wording import draft_mail

INVITE: dict[InvitationKind, str] = {
    "partnership": "partnerships:invite",
    "customer": "customers:invite",
    "customer-joint": "customers:invite",
}
READ: dict[InvitationKind, str] = {
    "partnership": "partnerships:read",
    "customer": "customers:read",
    "customer-joint": "customers:read",
}
Inviter = Annotated[Principal, require_any(INVITE.values())]
"""A caller who may invite to something; to what follows from the body."""


class Addressee(Form, Recipient):
    """The person that the invitation is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    culture: MarketCulture = "en"


class InvitationBody(Form):
    kind: InvitationKind
    recipient: Addressee
    provider_id: Id | None = None
    anyone_with_link: bool = Field(
        default=False,
        description="All who hold the link may accept, not the addressee alone. A link that is passed on is then enough.",
    )


class MailBody(Form):
    """Plain text. ``body`` keeps ``{link}``, or the link itself, once and visible; other links only to the own mail domain."""

    subject: Line
    body: Text


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the list."""

    status: Status | None
    kind: InvitationKind | None
    words: tuple[str, ...]
    descending: bool

    def query(self, organization_id: str, kinds: Sequence[InvitationKind]) -> tuple[str, dict[str, Any]]:
        """The shortest list, and the filter for its documents. ``kinds``: those that the caller may read."""
        shown = [kind for kind in kinds if self.kind in (None, kind)]
        keys = [inviters_word_list(organization_id, word) for word in self.words]
        if self.status:
            keys.append(inviters_status_list(organization_id, self.status))
        first, *others = keys or [inviters_list(organization_id)]
        return first, list_filter(keys=others, words=self.words, where=[{"state.invitation.kind": {"$in": shown}}])


def wanted(
    status: Status | None = None,
    kind: InvitationKind | None = None,
    q: Annotated[str, Query(max_length=100, description="beginnings of words of the addressee's name")] = "",
    sort: Literal["created", "-created"] = "-created",
) -> Wanted:
    return Wanted(status, kind, search_words(q), sort == "-created")


ListQuery = Annotated[Wanted, Depends(wanted)]


def router(store: MongoStore, handler: Handler, *, links: Links) -> APIRouter:
    routes = new_router("/v1/invitations", tags=["invitations"])

    @routes.post("", status_code=201)
    async def draft_invitation(body: InvitationBody, once: Once, caller: Inviter) -> InvitationView:
        caller.need(INVITE[body.kind])
        cause = once.cause(caller)
        command = await _draft_of(store, body, caller, once.scope(caller), cause.time)
        id = INVITATION.id(command.invitation_id)
        outcome = await handler.handle(INVITATION, id, command, cause, answer=_whole)
        view = shown(outcome, links)
        return view.model_copy(update={"warnings": await warnings(store, known(outcome.state))})

    @routes.get("")
    async def list_invitations(paging: PageQuery, caller: Caller, wanted: ListQuery) -> Page[InvitationView]:
        """The invitations of the caller's company, by the time of drafting."""
        kinds = [kind for kind, permission in READ.items() if permission in caller.permissions]
        if not kinds:
            raise ForbiddenError("customers:read", "this needs the permission customers:read or partnerships:read")
        key, where = wanted.query(caller.organization_id, kinds)
        found = await store.list_page(
            INVITATION, key, where, limit=paging.limit + 1, after=paging.after, descending=wanted.descending
        )
        own = [(order, known(state)) for order, state in found]
        return paging.page([(order, invitation_view(one, links.url(one), inviter=True)) for order, one in own])

    @routes.get("/{invitation_id}")
    async def show_invitation(invitation_id: str, caller: Caller) -> InvitationView:
        invitation = own(await lookups.invitation_of(store, invitation_id), caller, READ)
        view = invitation_view(invitation, links.url(invitation), inviter=True)
        return view.model_copy(update={"warnings": await warnings(store, invitation)})

    # A dependency, so that it is refused before the body is looked at.
    async def own_one(invitation_id: str, caller: Caller) -> Invitation:
        return await changeable(store, handler, invitation_id, caller)

    Changeable = Annotated[Invitation, Depends(own_one)]  # noqa: N806  a type

    @routes.put("/{invitation_id}/mail")
    async def edit_invitation_mail(
        invitation_id: str, invitation: Changeable, body: MailBody, change: Change, caller: Caller
    ) -> InvitationView:
        # An editor may show the link itself instead of its place.
        text = body.body.replace(links.url(invitation), LINK)
        command = EditMail(Mail(body.subject, text))
        # No answer is stored: the text may be long, and a repeated request finds it in the document.
        outcome = await handler.handle(INVITATION, INVITATION.id(invitation_id), command, change.cause(caller))
        return shown(outcome, links)

    return routes


async def changeable(store: MongoStore, handler: Handler, invitation_id: str, caller: Principal) -> Invitation:
    """The caller's invitation, or 404.

    It may come from memory: its owner and kind never change, and the command checks all else.
    """
    state: State | None = handler.remembered(INVITATION.id(invitation_id))
    invitation = state.invitation if state else None
    return own(invitation or await lookups.invitation_of(store, invitation_id), caller, INVITE)


async def _draft_of(
    store: MongoStore, body: InvitationBody, caller: Principal, invitation_id: str, at: datetime
) -> DraftInvitation:
    _check_provider(body)
    recipient = _checked(body.recipient)
    facts = await lookups.inviting(store, caller.organization_id, body.provider_id)
    if facts.inviter is None:
        raise ProblemError(
            409, "partner-not-active", "your company is not an active partner; complete its enrollment first"
        )
    inviter, provider = facts.inviter.partner, facts.provider.partner if facts.provider else None
    return DraftInvitation(
        invitation_id=invitation_id,
        kind=body.kind,
        inviter=inviter,
        provider=provider,
        recipient=recipient,
        mail=draft_mail(body.kind, inviter=inviter, provider=provider, recipient=recipient, sender=caller.name),
        anyone=body.anyone_with_link,
        sender=lookups.person(caller),
        at=at,
    )


def own(invitation: Invitation | None, caller: Principal, permissions: dict[InvitationKind, str]) -> Invitation:
    if invitation is None or invitation.inviter.organization_id != caller.organization_id:
        raise not_found("invitation")
    caller.need(permissions[invitation.kind])
    return invitation


def shown(outcome: Outcome[State], links: Links) -> InvitationView:
    """The stored answer with the link. Answers are stored, links are not: each is derived again."""
    invitation = known(outcome.state)
    view = invitation_view(invitation, links.url(invitation), inviter=True)
    return InvitationView.model_validate(view.model_dump() | (outcome.answer or {}))


def known(state: State) -> Invitation:
    if state.invitation is None:
        raise not_found("invitation")
    return state.invitation


def _whole(state: State) -> dict[str, Any]:
    return invitation_view(known(state)).model_dump(mode="json", exclude={"link"})


def _check_provider(body: InvitationBody) -> None:
    wanted = body.kind == "customer-joint"
    if wanted and body.provider_id is None:
        raise ProblemError(
            422, "provider-missing", "name the provider that the customer shall authorize", field="provider_id"
        )
    if not wanted and body.provider_id is not None:
        raise ProblemError(
            422, "provider-unexpected", "only a customer-joint invitation names a provider", field="provider_id"
        )


def _checked(recipient: Recipient) -> Recipient:
    """The recipient with a normalized address. Whether the mailbox exists is known only after sending."""
    try:
        return Recipient(name=recipient.name, email=mail_address(recipient.email), culture=recipient.culture)
    except InvalidAddressError as error:
        raise ProblemError(422, "address-invalid", str(error), field="recipient.email") from error
