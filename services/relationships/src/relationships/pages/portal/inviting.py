"""Inviting a customer, a customer jointly with a provider, or a reseller: draft, edit, send, and the list of invitations."""

from fastapi import Response
from fastapi.responses import RedirectResponse

from chassis.http.pages import Portal, PortalPage, Visit, done

ROWS = 25
CUSTOMERS, RESELLERS = "customers:invite", "partnerships:invite"
EITHER = (CUSTOMERS, RESELLERS)
ACTIONS = {"done": "sent-by-me", "send": "send", "resend": "resend", "revoke": "revoke"}
"""By the form's button: the last part of the API's path."""


def add_inviting(portal: Portal) -> None:
    _add_draft(portal, "/customers/invite", CUSTOMERS, ("reseller", "provider"))
    _add_draft(portal, "/resellers/invite", RESELLERS, ("provider",))
    _add_list(portal)
    _add_one(portal)


def _add_draft(portal: Portal, path: str, needs: str, kinds: tuple[str, ...]) -> None:
    page = PortalPage("relationships", "portal/invite")
    to = "resellers" if needs == RESELLERS else "customers"
    renamed = {"recipient.name": "name", "recipient.email": "email", "recipient.culture": "culture"}

    @portal.page(path, needs=needs, kinds=kinds)
    async def show_form(visit: Visit) -> Response:
        jointly = (
            await _providers(visit) if to == "customers" and visit.principal.organization_kind == "reseller" else []
        )
        text = page.texts[visit.language][to]
        chosen = visit.value("provider", visit.asked("provider"))
        return page.answer(visit, title=text["title"], text=text, providers=jointly, chosen=chosen, renamed=renamed)

    @portal.form(path, needs=needs, kinds=kinds, again=show_form)
    async def draft(visit: Visit) -> Response:
        provider = visit.value("provider")
        recipient = {"name": visit.value("name"), "email": visit.value("email"), "culture": visit.value("culture")}
        kind = "partnership" if to == "resellers" else "customer-joint" if provider else "customer"
        wanted = {"kind": kind, "recipient": recipient, **({"provider_id": provider} if provider else {})}
        made = await visit.api.send("POST", "/v1/invitations", wanted, key=visit.key)
        return RedirectResponse(f"/invited/{made['invitation_id']}", 303, headers={"cache-control": "no-store"})


async def _providers(visit: Visit) -> list[tuple[str, str]]:
    """The active indirect providers, for an invitation together with one of them."""
    if not visit.may("partnerships:read"):
        return []
    found = await visit.api.get("/v1/providers", state="active", limit=200)
    return [(one["organization_id"], one["name"]) for one in found["items"]]


def _add_list(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/invited")

    @portal.page("/invited", needs=EITHER)
    async def show_invitations(visit: Visit) -> Response:
        asked = {name: visit.asked(name) for name in ("q", "status", "kind", "sort")}
        found = await visit.api.get("/v1/invitations", limit=ROWS, cursor=visit.asked("cursor"), **asked)
        filtered = any(asked[name] for name in ("q", "status", "kind"))
        return page.answer(visit, invitations=found["items"], next=found["next_cursor"], filtered=filtered)


def _add_one(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/invited_one")

    @portal.page("/invited/{invitation_id}", needs=EITHER)
    async def show_invitation(visit: Visit) -> Response:
        path = f"/v1/invitations/{visit.path('invitation_id')}"
        found = await visit.api.get(path)
        message = await visit.api.get(f"{path}/message") if found["status"] in {"draft", "sent"} else None
        return page.answer(
            visit,
            found=found,
            message=message,
            subject=visit.value("subject", found["mail"]["subject"]),
            body=visit.value("body", found["mail"]["body"]),
        )

    @portal.page("/invited/{invitation_id}/message.eml", needs=EITHER)
    async def download_message(visit: Visit) -> Response:
        return visit.api.passed_on(f"/v1/invitations/{visit.path('invitation_id')}/message.eml", {})

    @portal.form("/invited/{invitation_id}/mail", needs=EITHER, again=show_invitation)
    async def edit_mail(visit: Visit) -> Response:
        mail = {"subject": visit.value("subject"), "body": visit.value("body").replace("\r\n", "\n")}
        await visit.api.send("PUT", f"/v1/invitations/{visit.path('invitation_id')}/mail", mail, key=visit.key)
        return done(f"/invited/{visit.path('invitation_id')}", "edited")

    @portal.form("/invited/{invitation_id}", needs=EITHER, again=show_invitation)
    async def act(visit: Visit) -> Response:
        action = visit.value("do")
        last = ACTIONS.get(action)
        if last is None:
            return await show_invitation(visit)
        await visit.api.send("POST", f"/v1/invitations/{visit.path('invitation_id')}/{last}", key=visit.key)
        return done(f"/invited/{visit.path('invitation_id')}", action)

    @portal.form("/invited/{invitation_id}/requests/{request_id}", needs=EITHER, again=show_invitation)
    async def decide_request(visit: Visit) -> Response:
        """Lets a company in that holds the link and is not the addressee, or does not."""
        decision = "confirm" if visit.value("do") == "confirm" else "refuse"
        path = f"/v1/invitations/{visit.path('invitation_id')}/access-requests/{visit.path('request_id')}/{decision}"
        await visit.api.send("POST", path, key=visit.key)
        return done(f"/invited/{visit.path('invitation_id')}", decision)
