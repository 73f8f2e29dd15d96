"""What an inviter should know before a draft is sent: the two are connected already, or were asked before."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from chassis import MongoStore
from kontor_contracts.addresses import mail_domain
from kontor_contracts.relationships import InvitationKind
from relationships.documents import CUSTOMER, INVITATION, PARTNERSHIP, PROVED_DOMAIN
from relationships.domain.customer import state as domain_customer
from relationships.domain.invitation.listing import inviters_addressee_list
from relationships.domain.invitation.state import Invitation
from relationships.domain.partnership import active_partnership, partnership_id

MOST_LOOKED_AT = 50
"""Earlier invitations of the inviter to the same address."""


class WarningView(BaseModel):
    """``invitation_id``: the earlier invitation, where there is one."""

    code: Literal["already-connected", "open-invitation", "declined-before", "anyone-with-link"]
    detail: str
    invitation_id: str | None = None


async def warnings(store: MongoStore, draft: Invitation) -> list[WarningView]:
    """Only for a draft: nothing of this keeps it from being sent."""
    if draft.status != "draft":
        return []
    key = inviters_addressee_list(draft.inviter.organization_id, draft.recipient.email)
    found = await store.list_page(INVITATION, key, {}, limit=MOST_LOOKED_AT, descending=True)
    earlier = [
        one
        for _, state in found
        if (one := state.invitation) and one.invitation_id != draft.invitation_id and _alike(one.kind, draft.kind)
    ]
    warned = list(_of_earlier(earlier))
    if await _connected(store, draft, earlier):
        detail = "this company works with yours already; a new acceptance changes nothing"
        warned.insert(0, WarningView(code="already-connected", detail=detail))
    if draft.anyone:
        detail = "all who hold the link may accept for their company; turn this off unless you pass the link on by hand"
        warned.append(WarningView(code="anyone-with-link", detail=detail))
    return warned


def _of_earlier(earlier: Iterable[Invitation]) -> Iterable[WarningView]:
    """One of each kind, the newest."""
    seen = {one.status: one.invitation_id for one in reversed(list(earlier))}
    if id := seen.get("sent"):
        detail = "an earlier invitation to this address is open; send that one again instead"
        yield WarningView(code="open-invitation", detail=detail, invitation_id=id)
    if id := seen.get("declined"):
        detail = "this address has declined an earlier invitation; talk to them first"
        yield WarningView(code="declined-before", detail=detail, invitation_id=id)


def _alike(one: InvitationKind, other: InvitationKind) -> bool:
    return (one == "partnership") == (other == "partnership")


async def _connected(store: MongoStore, draft: Invitation, earlier: Iterable[Invitation]) -> bool:
    """With the company that accepted before at this address, or that has proved its domain."""
    companies = {one.accepted_by for one in earlier if one.accepted_by}
    domain = await store.get(PROVED_DOMAIN, PROVED_DOMAIN.id(mail_domain(draft.recipient.email)))
    if domain is not None and domain.organization_id:
        companies.add(domain.organization_id)
    inviter = draft.inviter
    for company in companies:
        if draft.kind == "partnership":
            pair = await store.get(PARTNERSHIP, PARTNERSHIP.id(partnership_id(inviter.organization_id, company)))
            if active_partnership(pair):
                return True
        else:
            customer = await store.get(CUSTOMER, CUSTOMER.id(company))
            if customer and domain_customer.visible_to(customer, inviter.partner_id):
                return True
    return False
