"""A customer's own view: its partners and what each may do, invitations to it, administrator grants to approve."""

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from relationships.pages.portal.partnerships import incoming

PATH = "/my-resellers"
READ, END, APPROVE = "customers:read", "resellers:end", "grants:approve"
CUSTOMER = ("customer",)


def add_my_resellers(portal: Portal) -> None:
    _add_list(portal)
    _add_end(portal)
    _add_grant(portal)


def _add_list(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/my_resellers")

    @portal.page(PATH, needs=READ, kinds=CUSTOMER)
    async def show_my_resellers(visit: Visit) -> Response:
        ended = visit.asked("ended") == "true"
        found = await visit.api.get("/v1/me/resellers", ended="true" if ended else "")
        grants = await visit.api.get("/v1/admin-grants", limit=100)
        shown = [one for one in grants["items"] if one["status"] != "ended"]
        return page.answer(
            visit,
            resellers=found["items"],
            ended=ended,
            grants=shown,
            incoming=await incoming(visit, "customer", "customer-joint"),
            may_end=visit.may(END),
            may_approve=visit.may(APPROVE),
        )


def _add_end(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/end_my_reseller")

    @portal.page(f"{PATH}/{{partner_id}}/end", needs=END, kinds=CUSTOMER)
    async def confirm(visit: Visit) -> Response:
        found = await visit.api.get("/v1/me/resellers")
        names = {one["partner_id"]: one["name"] for one in found["items"]}
        partner = visit.path("partner_id")
        return page.answer(visit, name=names.get(partner) or partner)

    @portal.form(f"{PATH}/{{partner_id}}/end", needs=END, kinds=CUSTOMER, again=confirm)
    async def end(visit: Visit) -> Response:
        wanted = {"reason": visit.value("reason") or None}
        await visit.api.send("POST", f"/v1/me/resellers/{visit.path('partner_id')}/end", wanted, key=visit.key)
        return done(PATH, "ended")


def _add_grant(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/grant")

    @portal.page(f"{PATH}/grants/{{grant_id}}", needs=READ, kinds=CUSTOMER)
    async def show_grant(visit: Visit) -> Response:
        grant = await visit.api.get(f"/v1/admin-grants/{visit.path('grant_id')}")
        return page.answer(visit, grant=grant, may_approve=visit.may(APPROVE))

    @portal.form(f"{PATH}/grants/{{grant_id}}", needs=APPROVE, kinds=CUSTOMER, again=show_grant)
    async def decide(visit: Visit) -> Response:
        path = f"/v1/admin-grants/{visit.path('grant_id')}"
        if visit.value("do") == "approve":
            await visit.api.send("POST", f"{path}/approve", key=visit.key)
            return done(PATH, "approved")
        await visit.api.send("POST", f"{path}/end", {"reason": None}, key=visit.key)
        return done(PATH, "grant_ended")
