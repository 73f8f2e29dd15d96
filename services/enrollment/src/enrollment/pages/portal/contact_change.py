"""A partner's page about its primary contact: name another one, and see what became of that."""

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.inputs import names, shown, typed
from enrollment.pages.portal.wizard import CONTACT, PARTNERS, PATH, SIGN, enrollment_of, page_of
from enrollment.pages.portal.words import NOTHING, WORDS, contact_line


def add_contact_change(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/contact_change")
    path = f"{PATH}/{{enrollment_id}}/contact-change"

    @portal.page(path, needs=SIGN, kinds=PARTNERS)
    async def show_contact_change(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        texts = {**page.texts[visit.language], "languages": WORDS[visit.language]["languages"]}
        return page.answer(
            visit,
            change=enrollment["contact_change"],
            present=contact_line(enrollment["primary_contact"]) or NOTHING,
            inputs=shown(CONTACT, visit, texts, enrollment["primary_contact"] or {"culture": visit.language}),
            back=page_of(enrollment),
            fields=names(CONTACT),
        )

    @portal.form(path, needs=SIGN, kinds=PARTNERS, again=show_contact_change)
    async def name_contact(visit: Visit) -> Response:
        api = f"/v1/enrollments/{visit.path('enrollment_id')}/contact-change"
        saved = await visit.api.send("POST", api, typed(CONTACT, visit), key=visit.key)
        # Another name, phone or language of the same mailbox holds at once.
        asked = saved["contact_change"] is not None
        return done(page_of(saved), "contact-asked" if asked else "contact-changed")
