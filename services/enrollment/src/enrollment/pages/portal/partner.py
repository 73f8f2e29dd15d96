"""A partner's own pages: another legal profile, and the yearly confirmation."""

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.inputs import names, shown, typed
from enrollment.pages.portal.steps import inputs_of
from enrollment.pages.portal.wizard import PARTNERS, PATH, SIGN, STEPS, SUBMIT, enrollment_of, page_of
from enrollment.pages.portal.words import WORDS, address_lines, words_of

PROFILE = next(step for step in STEPS if step.name == "profile")


def add_partner(portal: Portal) -> None:
    _add_legal_change(portal)
    _add_reauthorization(portal)


def _add_legal_change(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/legal_change")
    path = f"{PATH}/{{enrollment_id}}/legal-change"

    @portal.page(path, needs=SUBMIT, kinds=PARTNERS)
    async def show_change(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        inputs = await inputs_of(visit, PROFILE, enrollment)
        texts, change = page.texts[visit.language], enrollment["legal_change"]
        return page.answer(
            visit,
            change=change,
            words=WORDS[visit.language],
            about=words_of(visit.language, "fields", change["fields"]) if change else "",
            proposed=address_lines(change["address"]) if change else "",
            inputs=shown(inputs, visit, texts, change or enrollment),
            back=page_of(enrollment),
            fields=names(inputs),
        )

    @portal.form(path, needs=SUBMIT, kinds=PARTNERS, again=show_change)
    async def propose(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        body = typed(await inputs_of(visit, PROFILE, enrollment), visit)
        await visit.api.send("PUT", f"/v1/enrollments/{enrollment['enrollment_id']}/legal-change", body, key=visit.key)
        return done(page_of(enrollment), "proposed")


def _add_reauthorization(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/reauthorization")
    path = f"{PATH}/{{enrollment_id}}/reauthorization"

    @portal.page(path, needs=SIGN, kinds=PARTNERS)
    async def show_confirmations(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        return page.answer(
            visit,
            found=enrollment["reauthorization"],
            chosen=visit.values("confirmed"),
            back=page_of(enrollment),
            fields={"confirmed"},
        )

    @portal.form(path, needs=SIGN, kinds=PARTNERS, again=show_confirmations)
    async def confirm(visit: Visit) -> Response:
        api = f"/v1/enrollments/{visit.path('enrollment_id')}/reauthorization/confirm"
        await visit.api.send("POST", api, {"confirmed": visit.values("confirmed")}, key=visit.key)
        return done(f"{PATH}/{visit.path('enrollment_id')}", "confirmed")
