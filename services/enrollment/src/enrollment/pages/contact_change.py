"""The page for both contacts of a change: the new one confirms or declines, the present one objects.

Opening it changes nothing: mail scanners open links.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis import Handler, Language, MongoStore, RefusedError, Unkeyed, new_router
from chassis.http.pages import PageLanguage, PageTemplate, fill, form_body, form_values, token_hash
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.contact_change import AnswerContactChange, LinkState, contact_link_state
from enrollment.domain.enrollment.state import Enrollment

Answer = Literal["confirm", "decline", "object"]
FORM_BODY = form_body("token", answer=("confirm", "decline", "object"))
PAGE: dict[str, Any] = {"description": "A page that says why the link is not valid.", "content": {"text/html": {}}}
CLOSED: dict[int | str, dict[str, Any]] = {404: PAGE, 410: PAGE}
STATUS: Mapping[str, int] = {"expired": 410, "over": 410, "unknown": 404}
ANSWERS: Mapping[LinkState, tuple[Answer, ...]] = {"confirmable": ("confirm", "decline"), "objectable": ("object",)}
DONE: Mapping[Answer, str] = {"confirm": "confirmed", "decline": "declined", "object": "objected"}


def router(store: MongoStore, handler: Handler, now: Callable[[], datetime]) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    page = PageTemplate("enrollment", "contact_change")

    def render(
        name: str, language: Language, state: Enrollment | None = None, *, token: str = "", status: int | None = None
    ) -> HTMLResponse:
        """Only a link that waits for an answer shows people."""
        text = page.texts[language][name]
        company = (state.company_name if state else None) or ""
        answers = next((each for link, each in ANSWERS.items() if link == name), ())
        return page.answer(
            language,
            status or STATUS.get(name, 200),
            title=fill(text["title"], company=company),
            text=text,
            company=company,
            token=token,
            answers=[(answer, text[answer]) for answer in answers],
            facts=_facts(text, state) if answers and state else [],
        )

    @routes.get("/contact-change/{enrollment_id}", responses=CLOSED)
    async def show_contact_change(enrollment_id: str, language: PageLanguage, token: str = "") -> HTMLResponse:
        """What the link's holder may do about the change of a company's primary contact."""
        state = await _linked(store, enrollment_id)
        link = contact_link_state(state, token_hash(token), now())
        return render(link, language, None if link == "unknown" else state, token=token)

    @routes.post("/contact-change/{enrollment_id}", responses={**CLOSED, 400: PAGE}, openapi_extra=FORM_BODY)
    async def answer_contact_change(
        enrollment_id: str, request: Request, attempt: Unkeyed, language: PageLanguage
    ) -> HTMLResponse:
        """Confirm, decline or object. A second answer shows what became of the first one."""
        values = form_values(await request.body())
        token = values.get("token", "")
        state, hashed = await _linked(store, enrollment_id), token_hash(token)
        link = contact_link_state(state, hashed, now())
        said = next((each for each in ANSWERS.get(link, ()) if each == values.get("answer")), None)
        if said is None:
            asks = 400 if link in ANSWERS else None
            return render(link, language, None if link == "unknown" else state, token=token, status=asks)
        cause = attempt.cause(None)
        command = AnswerContactChange(hashed, said, cause.time)
        try:
            await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause)
        except RefusedError:
            # Another answer came since the page was read.
            after = await _linked(store, enrollment_id)
            return render(contact_link_state(after, hashed, cause.time), language, after)
        return render(DONE[said], language, state)

    return routes


def _facts(text: dict[str, str], state: Enrollment) -> list[tuple[str, str]]:
    change = state.contact_change
    new = change.contact if change else None
    old = change.previous if change else None
    shown = [(text["company"], state.company_name or "")]
    shown += [(text["new"], f"{new.name}, {new.email}")] if new else []
    return [*shown, (text["present"], f"{old.name}, {old.email}")] if old else shown


async def _linked(store: MongoStore, enrollment_id: str) -> Enrollment:
    """The enrollment, or an empty one. Every link of an empty one is unknown."""
    return await store.get_or_initial(ENROLLMENT, ENROLLMENT.id(enrollment_id))
