"""User management: the list, adding, inviting and importing users."""

from typing import Any

from fastapi import Response

from chassis.http.pages import Call, Portal, PortalPage, Visit, done
from identity.domain.roles import ROLES, in_order
from identity.pages.portal.words import WORDS, cultures, role_names
from identity.people.imports.rows import COLUMNS, EXAMPLE

ROWS = 25
FILTERS = ("q", "role", "status")
SEE, WRITE = "users:read", "users:write"


def add_users(portal: Portal) -> None:
    _add_list(portal)
    _add_adding(portal)
    _add_import(portal)


def _add_list(portal: Portal) -> None:
    page = PortalPage("identity", "portal/users")

    @portal.page("/users", needs=SEE)
    async def show_users(visit: Visit) -> Response:
        asked = {name: visit.asked(name) for name in FILTERS}
        found = await visit.api.get("/v1/users", limit=ROWS, cursor=visit.asked("cursor"), **asked)
        words = WORDS[visit.language]
        return page.answer(
            visit,
            users=[(user, role_names(user["roles"], visit.language)) for user in found["items"]],
            next=found["next_cursor"],
            filtered=any(asked.values()),
            role_options=[(name, title) for name, title, _ in offered_roles(visit)],
            statuses=words["statuses"],
            may_write=visit.may(WRITE),
            export="/users/export" + visit.address(cursor=None, done=None).removeprefix("/users"),
        )

    @portal.page("/users/export", needs=SEE)
    async def export_users(visit: Visit) -> Response:
        query = {name: value for name in FILTERS if (value := visit.asked(name))}
        return visit.api.passed_on("/v1/users/export", query)


def _add_adding(portal: Portal) -> None:
    page, added = PortalPage("identity", "portal/add_user"), PortalPage("identity", "portal/user_added")

    @portal.page("/users/add", needs=WRITE)
    async def show_form(visit: Visit) -> Response:
        chosen = visit.values("roles")
        return page.answer(visit, roles=offered_roles(visit), chosen=chosen, cultures=cultures())

    @portal.form("/users/add", needs=WRITE, again=show_form)
    async def add_user(visit: Visit) -> Response:
        """Adds a user with a temporary password, or has an invitation mailed."""
        user = {
            "full_name": visit.value("full_name"),
            "email": visit.value("email"),
            "culture": visit.value("culture"),
            "roles": list(in_order(visit.values("roles"))),
            "guest": visit.ticked("guest"),
        }
        if visit.value("how") == "invite":
            await visit.api.send("POST", "/v1/users/invite", user, key=visit.key)
            return done("/users", "invited")
        created = await visit.api.send("POST", "/v1/users", user, key=visit.key)
        return added.answer(visit, user=created, roles=role_names(created["roles"], visit.language))


def _add_import(portal: Portal) -> None:
    page, progress = PortalPage("identity", "portal/import_users"), PortalPage("identity", "portal/imported_users")
    example = f"{','.join(COLUMNS)}\n{EXAMPLE}"

    @portal.page("/users/import", needs=WRITE)
    async def show_form(visit: Visit) -> Response:
        return page.answer(
            visit, columns=", ".join(COLUMNS), example=example, rows=visit.value("rows"), renamed={"body": "rows"}
        )

    @portal.form("/users/import", needs=WRITE, again=show_form)
    async def import_users(visit: Visit) -> Response:
        content = visit.value("rows").replace("\r\n", "\n").encode()
        call = Call(method="POST", path="/v1/users/import", body=content, content_type="text/csv", key=visit.key)
        _, result = await visit.api.call(call)
        if "import_id" in result:
            return done(f"/users/imports/{result['import_id']}", "begun")
        return _results(visit, progress, result)

    @portal.page("/users/imports/{import_id}", needs=WRITE)
    async def show_progress(visit: Visit) -> Response:
        path = f"/v1/users/imports/{visit.path('import_id')}"
        return _results(visit, progress, await visit.api.get(path, after=visit.asked("after")))


def _results(visit: Visit, page: PortalPage, result: dict[str, Any]) -> Response:
    return page.answer(visit, result=result, running=result.get("status") == "running", after=result.get("next_after"))


def offered_roles(visit: Visit) -> list[tuple[str, str, str]]:
    """The roles of this kind of organization: name, title and purpose."""
    known, kind = WORDS[visit.language]["roles"], visit.principal.organization_kind
    return [(name, *known[name]) for name, role in ROLES.items() if kind in role.kinds]
