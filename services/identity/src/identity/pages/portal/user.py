"""One user: details, roles, and what ends and restores the access. Each change says first what will happen."""

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from identity.domain.roles import in_order
from identity.pages.portal.users import SEE, offered_roles
from identity.pages.portal.words import WORDS, cultures, role_names

MANAGE, ROLES, PURGE, WRITE = "users:manage", ("users:roles", "users:write"), "users:purge", "users:write"
ACTIONS = {
    "disable": (MANAGE, "POST", "disable"),
    "enable": (MANAGE, "POST", "enable"),
    "delete": (MANAGE, "POST", "delete"),
    "restore": (MANAGE, "POST", "restore"),
    "purge": (PURGE, "POST", "purge"),
    "renew-invitation": (WRITE, "POST", "invitation/renew"),
    "reset-second-factor": (WRITE, "DELETE", "second-factor"),
}
"""By the last part of the page's address: the permission, and the request of the API."""
OFFERED = {
    "active": ("disable", "delete", "reset-second-factor"),
    "invited": ("renew-invitation", "delete"),
    "disabled": ("enable", "delete"),
    "deleted": ("restore", "purge"),
}


def add_user_pages(portal: Portal) -> None:
    page = PortalPage("identity", "portal/user")

    @portal.page("/users/{user_id}", needs=SEE)
    async def show_user(visit: Visit) -> Response:
        user = await visit.api.get(f"/v1/users/{visit.path('user_id')}")
        offered = [name for name in OFFERED.get(user["status"], ()) if visit.may(ACTIONS[name][0])]
        if user["status"] == "active" and not user["address_proved"] and visit.may(WRITE):
            offered.insert(0, "renew-invitation")
        own = user["user_id"] == visit.principal.user_id
        return page.answer(
            visit,
            title=user["full_name"],
            user=user,
            own=own,
            standing=WORDS[visit.language]["statuses"][user["status"]],
            its_roles=role_names(user["roles"], visit.language),
            roles=offered_roles(visit),
            chosen=visit.values("roles") or user["roles"],
            may_give=visit.may(*ROLES),
            may_manage=visit.may(MANAGE) and user["status"] in {"active", "disabled"},
            cultures=cultures(user["culture"]),
            actions=[] if own else offered,
        )

    @portal.form("/users/{user_id}/roles", needs=ROLES, again=show_user)
    async def change_roles(visit: Visit) -> Response:
        path = f"/users/{visit.path('user_id')}"
        wanted = {"roles": list(in_order(visit.values("roles"))), "confirm": visit.ticked("confirm")}
        changed = await visit.api.send("PUT", f"/v1{path}/roles", wanted, key=visit.key)
        return done(path, "few_admins" if changed["warnings"] else "roles")

    @portal.form("/users/{user_id}/details", needs=MANAGE, again=show_user)
    async def change_details(visit: Visit) -> Response:
        path = f"/users/{visit.path('user_id')}"
        wanted = {"full_name": visit.value("full_name"), "culture": visit.value("culture")}
        await visit.api.send("PUT", f"/v1{path}", wanted, key=visit.key)
        return done(path, "details")

    for name in ACTIONS:
        _add_action(portal, name)


def _add_action(portal: Portal, name: str) -> None:
    page = PortalPage("identity", "portal/user_action")
    needs, method, last = ACTIONS[name]

    @portal.page(f"/users/{{user_id}}/{name}", needs=needs)
    async def confirm(visit: Visit) -> Response:
        text = page.texts[visit.language][name]
        path = f"/v1/users/{visit.path('user_id')}"
        user = await visit.api.get(path)
        return page.answer(visit, title=text["title"], text=text, user=user, kind=text["kind"])

    @portal.form(f"/users/{{user_id}}/{name}", needs=needs, again=confirm)
    async def act(visit: Visit) -> Response:
        path = f"/users/{visit.path('user_id')}"
        await visit.api.send(method, f"/v1{path}/{last}", key=visit.key)
        return done("/users", "purged") if name == "purge" else done(path, name)
