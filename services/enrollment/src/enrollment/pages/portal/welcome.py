"""Where a company begins: the checklist of its country, and the start of an enrollment."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse

from chassis.http.pages import ApiProblemError, Cookies, Portal, PortalPage, Visit, done, own_path
from enrollment.pages.portal.wizard import CLOSED, PARTNERS, PATH, READ, SUBMIT, all_of, page_of
from enrollment.pages.portal.words import word

BACK_COOKIE = "kontor_invitation"
"""Holds the address of the invitation that the company enrolls for."""
BACK_SECONDS = 60 * 24 * 3600
NOT_FOUND = 404


def add_welcome(portal: Portal, cookies: Cookies) -> None:
    page = PortalPage("enrollment", "portal/welcome")

    @portal.page(PATH, needs=READ, kinds=PARTNERS)
    async def show_present(visit: Visit) -> Response:
        """Leads to the enrollment that something can be done about; without one to the welcome page."""
        present = next((one for one in await all_of(visit) if _is_present(one)), None)
        goal = page_of(present) if present else f"{PATH}/welcome"
        answer = RedirectResponse(goal, 303, headers={"cache-control": "no-store"})
        invitation = own_path(visit.asked("invitation"))
        if invitation.startswith("/invitations/"):
            cookies.set(answer, BACK_COOKIE, invitation, seconds=BACK_SECONDS)
        return answer

    @portal.page(f"{PATH}/welcome", needs=READ, kinds=PARTNERS)
    async def show_welcome(visit: Visit) -> Response:
        enrollments = await all_of(visit)
        closed = [one for one in enrollments if one["status"] in CLOSED]
        return page.answer(
            visit,
            checklist=await checklist_of(visit, visit.principal.country, visit.principal.organization_kind),
            present=next((page_of(one) for one in enrollments if one["status"] not in CLOSED), ""),
            closed=[(one["enrollment_id"], _named(one, visit), one["history"][0]["at"]) for one in closed],
            copies=[(one["enrollment_id"], _named(one, visit)) for one in closed],
            chosen=visit.value("copy_from", visit.asked("copy")),
            may_start=visit.may(SUBMIT),
            fields={"copy_from"},
        )

    @portal.form(f"{PATH}/welcome", needs=SUBMIT, kinds=PARTNERS, again=show_welcome)
    async def start(visit: Visit) -> Response:
        wanted = {
            "program": f"indirect-{visit.principal.organization_kind}",
            "copy_from": visit.value("copy_from") or None,
        }
        begun = await visit.api.send("POST", "/v1/enrollments", wanted, key=visit.key)
        return done(page_of(begun), "started")


async def checklist_of(visit: Visit, country: str, kind: str) -> Mapping[str, Any] | None:
    """None where the program is not offered."""
    try:
        found: Mapping[str, Any] = await visit.api.get(f"/v1/markets/{country}/checklist", program=f"indirect-{kind}")
    except ApiProblemError as problem:
        if problem.status != NOT_FOUND:
            raise
        return None
    return found


def _named(enrollment: Mapping[str, Any], visit: Visit) -> str:
    status = word(visit.language, "statuses", enrollment["status"])
    return f"{enrollment['company_name'] or visit.principal.organization_name} ({status})"


def _is_present(enrollment: Mapping[str, Any]) -> bool:
    """Something can be done about it."""
    status = enrollment["status"]
    denied = status == "cancelled" and enrollment["history"][-1]["by"] == "primary-contact"
    return status not in CLOSED or bool(enrollment["appeal_until"]) or bool(enrollment["wait_until"]) or denied
