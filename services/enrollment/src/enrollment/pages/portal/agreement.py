"""The partner agreement: read it, sign it, and download what was signed with the evidence."""

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.wizard import PARTNERS, PATH, READ, SIGN, enrollment_of, page_of


def add_agreement(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/agreement")
    path = f"{PATH}/{{enrollment_id}}/agreement"

    @portal.page(path, needs=READ, kinds=PARTNERS)
    async def show_agreement(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        signed = await visit.api.get(f"/v1/enrollments/{enrollment['enrollment_id']}/agreement")
        return page.answer(
            visit,
            agreement=await visit.api.get("/v1/agreements/current", lang=visit.language),
            signatures=signed["signatures"],
            to_sign=enrollment["status"] == "qualified" or bool(enrollment["acceptance"]),
            acceptance=enrollment["acceptance"],
            may_sign=visit.may(SIGN),
            unlinked=enrollment["status"] == "qualified" and not enrollment["partner_id"],
            back=page_of(enrollment),
            fields={"accepted"},
        )

    @portal.form(path, needs=SIGN, kinds=PARTNERS, again=show_agreement)
    async def sign(visit: Visit) -> Response:
        wanted = {
            "version": visit.value("version"),
            "language": visit.value("language"),
            "accepted": visit.ticked("accepted"),
        }
        await visit.api.send("POST", f"/v1/enrollments/{visit.path('enrollment_id')}/agreement", wanted, key=visit.key)
        return done(f"{PATH}/{visit.path('enrollment_id')}", "signed")

    @portal.page(f"{path}.txt", needs=READ, kinds=PARTNERS)
    async def download(visit: Visit) -> Response:
        query = {"version": visit.asked("version")} if visit.asked("version") else {}
        return visit.api.passed_on(f"/v1/enrollments/{visit.path('enrollment_id')}/agreement.txt", query)
