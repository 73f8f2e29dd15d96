"""The page of an invitation's link. Choosing a password accepts the invitation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, status
from fastapi.responses import HTMLResponse

from chassis import (
    Handler,
    Language,
    MongoStore,
    ProblemError,
    RefusedError,
    TakenError,
    Unkeyed,
    UnsafeRequest,
    new_router,
)
from chassis.http.pages import PageLanguage, PageTemplate, form_body, form_values
from identity.credentials.password_hashing import BUSY, Passwords
from identity.credentials.password_policy import Owner
from identity.credentials.tokens import digest
from identity.documents import USER
from identity.domain.user.commands import AcceptInvitation
from identity.domain.user.invitation import LinkState, link_state
from identity.domain.user.state import User
from identity.pages.passwords import password_faults, typed_password
from identity.people.global_admins import change_user
from identity.people.lookup import profile_of

STATUS = {"expired": 410, "unknown": 404, "taken": 409}
"""All other pages are 200: opening a used link again is no error."""
BAD_PASSWORD = 400
PAGE: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
CLOSED: dict[int | str, dict[str, Any]] = {404: PAGE, 409: PAGE, 410: PAGE}


class JoinPage:
    """Renders the pages about one invitation."""

    def __init__(self) -> None:
        self._page = PageTemplate("identity", "mailed/join")
        self._faults = password_faults()

    def render(self, name: str, language: Language, user: User, *, token: str = "", fault: str = "") -> HTMLResponse:
        """Render the page ``name``: valid (with the form), joined, used, taken, expired, unknown."""
        text, faults = self._page.texts[language][name], self._faults[language]
        known, asks = name != "unknown", name == "valid"
        return self._page.answer(
            language,
            BAD_PASSWORD if fault else STATUS.get(name, 200),
            title=text["title"],
            here=f"?{urlencode({'token': token})}" if asks else "",
            errors={"password": faults.get(fault, faults["password-guessable"])} if fault else {},
            text=text,
            company=user.organization.name if user.organization and known else "",
            address=user.email if asks else "",
            token=token if asks else "",
        )


def router(store: MongoStore, handler: Handler, now: Callable[[], datetime], passwords: Passwords) -> APIRouter:
    """The token in the link authorizes; there is no session."""
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    page = JoinPage()

    @routes.get("/join/{user_id}", responses=CLOSED)
    async def show_join_page(user_id: str, language: PageLanguage, token: str = "") -> HTMLResponse:
        """The page with the organization's name and a field for a password."""
        user = await _invitee(store, user_id)
        return page.render(link_state(user, digest(token), now()), language, user, token=token)

    @routes.post(
        "/join/{user_id}", responses={**CLOSED, **BUSY, 400: PAGE}, openapi_extra=form_body("token", "password")
    )
    async def join(user_id: str, request: Request, attempt: Unkeyed, language: PageLanguage) -> HTMLResponse:
        """Accept the invitation with the password from the form, if it is good enough."""
        user, fields = await _invitee(store, user_id), form_values(await request.body())
        token = fields.get("token", "")
        link = link_state(user, digest(token), now())
        if link != "valid":
            return page.render(link, language, user)
        owner = Owner(user.email, user.full_name, profile_of(user).name)
        try:
            password_hash = await passwords.choose(typed_password(fields, "password"), owner, field="password")
        except ProblemError as problem:
            if problem.status != status.HTTP_422_UNPROCESSABLE_ENTITY:
                raise
            return page.render("valid", language, user, token=token, fault=problem.code)
        return page.render(await _joined(store, handler, user, token, password_hash, attempt=attempt), language, user)

    return routes


async def _joined(
    store: MongoStore, handler: Handler, user: User, token: str, password_hash: str, *, attempt: UnsafeRequest
) -> LinkState | str:
    cause = replace(attempt.cause(None), actor=f"user:{user.user_id}")
    command = AcceptInvitation(token_hash=digest(token), password_hash=password_hash, at=cause.time)
    try:
        await change_user(handler, user, command, cause)
    except TakenError:
        return "taken"
    except RefusedError:
        # A concurrent request was first; the document has the link's state.
        return link_state(await _invitee(store, user.user_id), command.token_hash, cause.time)
    return "joined"


async def _invitee(store: MongoStore, user_id: str) -> User:
    return await store.get_or_initial(USER, USER.id(user_id))
