"""Indirect providers of a reseller, and indirect resellers of a provider: the lists, one partnership, its end."""

from typing import Any

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done

ROWS = 25
READ, AUTHORIZE, END, INVITE = "partnerships:read", "partnerships:authorize", "partnerships:end", "partnerships:invite"
LISTS = {"reseller": "/providers", "provider": "/resellers"}
"""By the kind of the company that looks at its partners."""
REASONS = ("by-agreement", "contract-ended", "moved-to-another-partner", "conduct", "other")


def add_partnerships(portal: Portal) -> None:
    for kind, path in LISTS.items():
        _add_list(portal, kind, path)
        _add_one(portal, kind, path)
        _add_end(portal, kind, path)
    _add_admin_access(portal)


def _add_list(portal: Portal, kind: str, path: str) -> None:
    page = PortalPage("relationships", f"portal{path}")

    @portal.page(path, needs=READ, kinds=(kind,))
    async def show_partners(visit: Visit) -> Response:
        asked = {name: visit.asked(name) for name in ("q", "state", "sort")}
        found = await visit.api.get(f"/v1{path}", limit=ROWS, cursor=visit.asked("cursor"), **asked)
        return page.answer(
            visit,
            partners=found["items"],
            next=found["next_cursor"],
            filtered=any(asked.values()),
            incoming=await incoming(visit, "partnership"),
            may_invite=visit.may(INVITE if kind == "provider" else "customers:invite"),
            may_see_customers=visit.may("customers:read"),
        )


async def incoming(visit: Visit, *kinds: str) -> list[dict[str, Any]]:
    """The open invitations for this person or company that are of these kinds, the newest first."""
    found = await visit.api.get("/v1/invitations/incoming", status="sent", limit=50)
    return [one for one in found["items"] if one["kind"] in kinds]


def _add_one(portal: Portal, kind: str, path: str) -> None:
    page = PortalPage("relationships", "portal/partnership")

    @portal.page(f"{path}/{{partnership_id}}", needs=READ, kinds=(kind,))
    async def show_partnership(visit: Visit) -> Response:
        found = await visit.api.get(f"/v1/partnerships/{visit.path('partnership_id')}")
        other = found["provider" if kind == "reseller" else "reseller"]
        return page.answer(
            visit,
            title=other["name"],
            found=found,
            other=other,
            side="provider" if kind == "reseller" else "reseller",
            back=path,
            may_end=visit.may(END) and found["state"] != "ended",
            may_authorize=kind == "reseller" and visit.may(AUTHORIZE) and found["state"] == "active",
            may_see_customers=visit.may("customers:read"),
            may_invite=visit.may("customers:invite") and found["state"] == "active",
        )


def _add_end(portal: Portal, kind: str, path: str) -> None:
    page = PortalPage("relationships", "portal/end_partnership")

    @portal.page(f"{path}/{{partnership_id}}/end", needs=END, kinds=(kind,))
    async def confirm(visit: Visit) -> Response:
        found = await visit.api.get(f"/v1/partnerships/{visit.path('partnership_id')}")
        other = found["provider" if kind == "reseller" else "reseller"]
        return page.answer(visit, other=other, back=f"{path}/{visit.path('partnership_id')}", reasons=REASONS)

    @portal.form(f"{path}/{{partnership_id}}/end", needs=END, kinds=(kind,), again=confirm)
    async def end(visit: Visit) -> Response:
        wanted = {"reason": visit.value("reason"), "comment": visit.value("comment") or None}
        await visit.api.send("POST", f"/v1/partnerships/{visit.path('partnership_id')}/end", wanted, key=visit.key)
        return done(f"{path}/{visit.path('partnership_id')}", "ended")


def _add_admin_access(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/admin_access")
    path = "/providers/{partnership_id}/admin-access"

    @portal.page(path, needs=AUTHORIZE, kinds=("reseller",))
    async def confirm(visit: Visit) -> Response:
        found = await visit.api.get(f"/v1/partnerships/{visit.path('partnership_id')}")
        return page.answer(visit, found=found, provider=found["provider"]["name"])

    @portal.form(path, needs=AUTHORIZE, kinds=("reseller",), again=confirm)
    async def change(visit: Visit) -> Response:
        """Takes the access away, or gives it with the box that says what that means."""
        api, back = f"/v1/partnerships/{visit.path('partnership_id')}/admin-access", visit.path("partnership_id")
        if visit.value("do") == "remove":
            await visit.api.send("DELETE", api, key=visit.key)
            return done(f"/providers/{back}", "access_removed")
        await visit.api.send("PUT", api, {"consent": visit.ticked("consent")}, key=visit.key)
        return done(f"/providers/{back}", "access_given")
