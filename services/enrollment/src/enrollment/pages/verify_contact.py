"""The page on which a primary contact confirms or denies. Opening it changes nothing: mail scanners open links."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis import Cause, Handler, MongoStore, RefusedError, Unkeyed, UnsafeRequest, new_router
from chassis.http.pages import PageLanguage, form_body, form_values, token_hash
from enrollment.checks.business_checks import BusinessChecks
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.admission import ConfirmContact, DenyContact, link_state
from enrollment.domain.enrollment.checking import checked_company
from enrollment.domain.enrollment.domain_check import FollowDomain, mail_domain
from enrollment.domain.enrollment.state import Enrollment
from enrollment.lookups import domain_proved
from enrollment.pages.rendering import PAGE_OF, PageName, Pages
from kontor_contracts.enrollment import DenialReason

FORM_BODY = form_body("token", answer=("confirm", "deny", "deny-mailbox", "deny-surely", "deny-mailbox-surely"))
PAGE: dict[str, Any] = {"description": "A page that says why the link is not valid.", "content": {"text/html": {}}}
CLOSED: dict[int | str, dict[str, Any]] = {404: PAGE, 410: PAGE}

DONE: dict[str, PageName] = {"confirm": "confirmed", "deny-surely": "denied", "deny-mailbox-surely": "denied"}
SURELY: dict[str, PageName] = {"deny": "ask-again", "deny-mailbox": "ask-again-mailbox"}
DENIED: dict[str, DenialReason] = {"deny-surely": "not-requested", "deny-mailbox-surely": "mailbox-not-the-companys"}


def router(store: MongoStore, handler: Handler, checks: BusinessChecks, now: Callable[[], datetime]) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    pages = Pages()

    async def answered(enrollment_id: str, said: str, token: str, attempt: UnsafeRequest) -> PageName:
        """Another answer may have come since the page was read: the domain decides."""
        cause = attempt.cause(None)
        hashed = token_hash(token)
        command: ConfirmContact | DenyContact
        if said in DENIED:
            command = DenyContact(hashed, cause.time, DENIED[said])
        else:
            # The review begins with their results.
            state = await _linked(store, enrollment_id)
            results = await checks.begin(checked_company(state))
            command = ConfirmContact(hashed, cause.time, results, await domain_proved(store, state))
        try:
            await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause)
        except RefusedError:
            return PAGE_OF[link_state(await _linked(store, enrollment_id), command.token_hash, cause.time)]
        if said == "confirm":
            await _follow_proof(store, handler, enrollment_id, cause)
        return DONE[said]

    @routes.get("/verify-contact/{enrollment_id}", responses=CLOSED)
    async def show_contact_verification(enrollment_id: str, language: PageLanguage, token: str = "") -> HTMLResponse:
        """Two questions: do you know of the enrollment, and is the mailbox yours at the company? A button for each answer."""
        state = await _linked(store, enrollment_id)
        link = link_state(state, token_hash(token), now())
        shown = None if link == "unknown" else state
        return pages.render(PAGE_OF[link], language, shown, token=token if link == "valid" else "")

    @routes.post("/verify-contact/{enrollment_id}", responses={**CLOSED, 400: PAGE}, openapi_extra=FORM_BODY)
    async def answer_contact_verification(
        enrollment_id: str, request: Request, attempt: Unkeyed, language: PageLanguage
    ) -> HTMLResponse:
        """Confirm or deny. A denial is confirmed on a second page, because it cancels the enrollment.

        A second answer shows that the first one was received.
        """
        values = form_values(await request.body())
        token, said = values.get("token", ""), values.get("answer", "")
        state = await _linked(store, enrollment_id)
        link = link_state(state, token_hash(token), now())
        if link == "unknown":
            return pages.render("unknown", language)
        if link == "valid" and said in SURELY:
            return pages.render(SURELY[said], language, state, token=token)
        if link != "valid" or said not in DONE:
            asks = token if link == "valid" else ""
            return pages.render(PAGE_OF[link], language, state, token=asks, status=400 if asks else None)
        page = await answered(enrollment_id, said, token, attempt)
        return pages.render(page, language, state)

    return routes


async def _follow_proof(store: MongoStore, handler: Handler, enrollment_id: str, cause: Cause) -> None:
    """A domain that was proved while the contact confirmed."""
    state = await _linked(store, enrollment_id)
    if state.primary_contact and not state.dossier.proved_domain and await domain_proved(store, state):
        follow = FollowDomain(mail_domain(state.primary_contact), proved=True)
        await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), follow, replace(cause, id=f"domain:{cause.id}"))


async def _linked(store: MongoStore, enrollment_id: str) -> Enrollment:
    """The enrollment, or an empty one. Every link of an empty one is unknown."""
    return await store.get_or_initial(ENROLLMENT, ENROLLMENT.id(enrollment_id))
