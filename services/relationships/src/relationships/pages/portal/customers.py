"""Customers of a partner: the list with its export, one customer, the end of a relationship."""

from typing import Any

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done

ROWS = 25
READ, END, INVITE = "customers:read", "customers:end", "customers:invite"
PARTNERS = ("provider", "reseller")
FILTERS = ("q", "state", "origin", "sort", "partner")


def add_customers(portal: Portal) -> None:
    _add_list(portal)
    _add_one(portal)
    _add_end(portal)


def _add_list(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/customers")

    @portal.page("/customers", needs=READ, kinds=PARTNERS)
    async def show_customers(visit: Visit) -> Response:
        asked = _asked(visit)
        found = await visit.api.get("/v1/customers", limit=ROWS, cursor=visit.asked("cursor"), total="true", **asked)
        return page.answer(
            visit,
            customers=found["items"],
            next=found["next_cursor"],
            total=found["total"],
            filtered=bool(asked.keys() - {"sort"}),
            may_invite=visit.may(INVITE),
            export="/customers/export" + visit.address(cursor=None, done=None).removeprefix("/customers"),
        )

    @portal.page("/customers/export", needs=READ, kinds=PARTNERS)
    async def export_customers(visit: Visit) -> Response:
        return visit.api.passed_on("/v1/customers/export", _asked(visit))


def _asked(visit: Visit) -> dict[str, str]:
    return {name: value for name in FILTERS if (value := visit.asked(name))}


def _add_one(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/customer")

    @portal.page("/customers/{customer_id}", needs=READ, kinds=PARTNERS)
    async def show_customer(visit: Visit) -> Response:
        customer = await visit.api.get(f"/v1/customers/{visit.path('customer_id')}")
        grants = await visit.api.get("/v1/admin-grants", customer_id=customer["customer_id"], limit=50)
        return page.answer(
            visit,
            title=customer["name"],
            customer=customer,
            grants=grants["items"],
            may_end=visit.may(END) and customer["state"] == "active",
        )


def _add_end(portal: Portal) -> None:
    page = PortalPage("relationships", "portal/end_customer")

    @portal.page("/customers/{customer_id}/end", needs=END, kinds=PARTNERS)
    async def confirm(visit: Visit) -> Response:
        customer: dict[str, Any] = await visit.api.get(f"/v1/customers/{visit.path('customer_id')}")
        return page.answer(visit, customer=customer)

    @portal.form("/customers/{customer_id}/end", needs=END, kinds=PARTNERS, again=confirm)
    async def end(visit: Visit) -> Response:
        wanted = {"reason": visit.value("reason") or None}
        await visit.api.send("POST", f"/v1/customers/{visit.path('customer_id')}/end", wanted, key=visit.key)
        return done("/customers", "ended")
