"""The last step of a draft: everything on one page, what is missing, and the submission."""

from fastapi import Response
from fastapi.responses import RedirectResponse

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.wizard import PARTNERS, PATH, SUBMIT, enrollment_of, left, page_of, step_rows
from enrollment.pages.portal.words import facts, word


def add_check(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/check")
    path = f"{PATH}/{{enrollment_id}}"

    @portal.page(f"{path}/check", needs=SUBMIT, kinds=PARTNERS)
    async def show_check(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        if enrollment["status"] != "draft":
            return RedirectResponse(page_of(enrollment), 303, headers={"cache-control": "no-store"})
        return page.answer(
            visit,
            enrollment=enrollment,
            facts=facts(enrollment, visit.language),
            missing=[word(visit.language, "fields", name) for name in enrollment["missing"]],
            next=f"{page_of(enrollment)}/{left(enrollment)[0].name}" if left(enrollment) else "",
            rows=step_rows(enrollment, visit.language),
            contact=enrollment["primary_contact"],
            back=page_of(enrollment),
            fields=(),
        )

    @portal.form(f"{path}/submit", needs=SUBMIT, kinds=PARTNERS, again=show_check)
    async def submit(visit: Visit) -> Response:
        api = f"/v1/enrollments/{visit.path('enrollment_id')}/submit"
        await visit.api.send("POST", api, key=visit.key, revision=visit.value("revision"))
        return done(f"{PATH}/{visit.path('enrollment_id')}", "submitted")
