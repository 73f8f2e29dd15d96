"""The home page, which says what to do next, and the administrators who can give access."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit
from identity.domain.roles import ROLES
from identity.pages.portal.words import WORDS, role_names
from kontor_contracts.portal import ACCESS_PATH, HOME_PATH, SECURITY_PATH

Step = tuple[str, str]
"""A text's name and the address to go to."""
PARTNERS = {"provider", "reseller"}
FEW = 2
ENROLLMENT = "enrollment:read"
STANDINGS = ("registered", "enrolling", "qualified", "rejected", "suspended")


def add_home(portal: Portal) -> None:
    page, ask = PortalPage("identity", "portal/home"), PortalPage("identity", "portal/access")

    @portal.page(HOME_PATH)
    async def show_home(visit: Visit) -> Response:
        me = await visit.api.get("/v1/me")
        steps = [step async for step in _steps(visit, me)]
        words = WORDS[visit.language]
        roles = role_names(me["roles"], visit.language)
        return page.answer(visit, me=me, steps=steps, roles=roles, words=words)

    @portal.page(ACCESS_PATH)
    async def show_whom_to_ask(visit: Visit) -> Response:
        found = await visit.api.get("/v1/me/access")
        wanted, kind = visit.asked("permission"), visit.principal.organization_kind
        opening = [role.name for role in ROLES.values() if wanted and kind in role.permissions.get(wanted, ())]
        closed = [each for each in found["workspaces"] if not each["may_enter"]]
        everybody = {one["user_id"]: one for each in closed for one in each["ask"]}
        return ask.answer(
            visit,
            opening=role_names(opening, visit.language),
            people=[
                (one["full_name"], one["email"], role_names(one["roles"], visit.language)) for one in everybody.values()
            ],
            own=role_names(found["roles"], visit.language),
        )


async def _steps(visit: Visit, me: dict[str, Any]) -> AsyncIterator[Step]:
    """The next things to do, the most important first."""
    status, kind = me["organization"]["status"], me["organization"]["kind"]
    if not me["roles"]:
        yield "no_roles", ACCESS_PATH
    if kind in PARTNERS and status not in {"active", "former", "closed"}:
        yield _standing(status), "/enrollment" if visit.may(ENROLLMENT) else "/profile"
    if (await visit.api.get("/v1/me/second-factor"))["state"] != "active":
        yield "second_factor", SECURITY_PATH
    if "global-admin" in me["roles"]:
        if kind in PARTNERS and "admin-agent" not in me["roles"]:
            yield "admin_agent", f"/users/{me['user_id']}"
        organization = await visit.api.get(f"/v1/organizations/{me['organization']['organization_id']}")
        if organization["global_admins"] < FEW:
            yield "second_admin", "/users/add"


def _standing(status: str) -> str:
    return f"standing_{status if status in STANDINGS else 'enrolling'}"
