"""The page on which a primary contact says yes or no. Opening it changes nothing: mail scanners open links, too."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse

from chassis import Chassis, RefusedError, Settings, Unkeyed, UnsafeRequest, new_router
from enrollment.credentials import digest
from enrollment.documents import ENROLLMENT
from enrollment.domain.admission import ConfirmContact, DenyContact, link_state
from enrollment.domain.state import Enrollment
from enrollment.pages.rendering import PAGE_OF, PageName, Pages, page_language

FORM_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["token", "answer"],
                    "properties": {"token": {"type": "string"}, "answer": {"enum": ["confirm", "deny"]}},
                }
            }
        },
    }
}

PAGE: dict[str, Any] = {"description": "a page that says what is the matter", "content": {"text/html": {}}}
CLOSED: dict[int | str, dict[str, Any]] = {404: PAGE, 410: PAGE}

DONE: dict[str, PageName] = {"confirm": "confirmed", "deny": "denied"}
MORE_FIELDS_THAN_THE_FORM_HAS = 10

Language = Annotated[str, Query(alias="lang", description="en or de; else the browser's language")]
Accepted = Annotated[str, Header(alias="accept-language")]


def router(chassis: Chassis, settings: Settings) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    pages = Pages()

    @routes.get("/verify-contact/{enrollment_id}", responses=CLOSED)
    async def show_contact_verification(
        enrollment_id: str, token: str = "", lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """What confirming means, and two buttons."""
        language, token_hash = page_language(lang, accepted), digest(token)
        state = await _linked(chassis, enrollment_id)
        link = link_state(state, token_hash, settings.now())
        shown = None if link == "unknown" else state
        return pages.render(PAGE_OF[link], language, shown, token=token if link == "valid" else "")

    @routes.post("/verify-contact/{enrollment_id}", responses={**CLOSED, 400: PAGE}, openapi_extra=FORM_BODY)
    async def answer_contact_verification(
        enrollment_id: str, request: Request, attempt: Unkeyed, lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """Confirm, or deny. A second click is told kindly that it was not needed."""
        language = page_language(lang, accepted)
        token, said = _form(await request.body())
        state = await _linked(chassis, enrollment_id)
        link = link_state(state, digest(token), settings.now())
        if link == "unknown":
            return pages.render("unknown", language)
        if link != "valid" or said not in DONE:
            asks = token if link == "valid" else ""
            return pages.render(PAGE_OF[link], language, state, token=asks, status=400 if asks else None)
        page = await _answered(chassis, enrollment_id, said, token, attempt)
        return pages.render(page, language, state)

    return routes


async def _answered(chassis: Chassis, enrollment_id: str, said: str, token: str, attempt: UnsafeRequest) -> PageName:
    """Somebody may have answered since the page was looked up: the domain has the last word."""
    cause = attempt.cause(None)
    kind = ConfirmContact if said == "confirm" else DenyContact
    command = kind(digest(token), cause.time)
    id = ENROLLMENT.id(enrollment_id)
    try:
        await chassis.handler.handle(ENROLLMENT, id, command, cause)
    except RefusedError:
        return PAGE_OF[link_state(await _linked(chassis, enrollment_id), command.token_hash, cause.time)]
    return DONE[said]


async def _linked(chassis: Chassis, enrollment_id: str) -> Enrollment:
    """The enrollment, or an empty one, of which every link is unknown."""
    return await chassis.store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id)) or Enrollment()


def _form(body: bytes) -> tuple[str, str]:
    """Token and answer. What a browser cannot have sent counts as empty, so that a person always gets a page."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=MORE_FIELDS_THAN_THE_FORM_HAS)
    except ValueError:
        fields = {}
    return fields.get("token", [""])[0], fields.get("answer", [""])[0]
