"""The page of the mailed link for a new password."""

from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis import Language, ProblemError, RefusedError, Unkeyed, new_router
from chassis.http.pages import PageLanguage, PageTemplate, form_body, form_values
from identity.pages.passwords import password_faults, typed_password
from identity.pages.sign_in.journey import SignInJourney
from identity.sign_in.password_resets import Redemption, Resets

PageName = Literal["ask", "done", "over"]
GONE, BAD_REQUEST, OK = 410, 400, 200
PAGE: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
REMOVE = "remove_unproved_factor"
FORM = form_body(optional=["token", "new_password", REMOVE])


class ResetPage:
    def __init__(self) -> None:
        self._page = PageTemplate("identity", "mailed/reset_password")
        self._faults = password_faults()

    def ask(
        self, language: Language, token: str, *, factor: bool, remove: bool = False, wrong: str | None = None
    ) -> HTMLResponse:
        """The form. ``wrong``: the code of the password's fault.

        ``factor``: the form offers to remove a second factor. ``remove``: the offer is accepted.
        """
        errors = {"new_password": self._faults[language][wrong]} if wrong else {}
        here = f"?{urlencode({'token': token})}"
        return self._answer("ask", language, here=here, errors=errors, token=token, factor=factor, remove=remove)

    def ended(self, name: PageName, language: Language, *, request: str = "") -> HTMLResponse:
        """``request``: the sealed sign-in request that waits for the reset."""
        return self._answer(name, language, token="", request=request)

    def _answer(
        self, name: PageName, language: Language, errors: dict[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        text = self._page.texts[language][name]
        status = GONE if name == "over" else BAD_REQUEST if errors else OK
        return self._page.answer(language, status, title=text["title"], errors=errors, text=text, **values)


def router(resets: Resets, journey: SignInJourney) -> APIRouter:
    routes = new_router(tags=["password"])
    page = ResetPage()

    @routes.get("/reset-password", response_class=HTMLResponse, responses={410: PAGE})
    async def show_reset_page(attempt: Unkeyed, language: PageLanguage, token: str = "") -> HTMLResponse:
        """The form for a new password. Opening it does not use the link."""
        look = await resets.look(token, attempt.cause(None))
        if not look.usable:
            return page.ended("over", language)
        return page.ask(language, token, factor=look.unproved_factor)

    @routes.post(
        "/reset-password",
        response_class=HTMLResponse,
        responses={400: PAGE, 410: PAGE, 429: PAGE},
        openapi_extra=FORM,
    )
    async def submit_reset_page(request: Request, attempt: Unkeyed, language: PageLanguage) -> HTMLResponse:
        """Set the password from the form. The page links back to the sign-in that waits for it."""
        fields = form_values(await request.body())
        token, remove = fields.get("token", ""), REMOVE in fields
        name: PageName = "done"
        try:
            await resets.redeem(Redemption(token, typed_password(fields, "new_password"), remove), attempt.cause(None))
        except RefusedError:
            name = "over"
        except ProblemError as error:
            if error.field is None:
                raise
            look = await resets.look(token, attempt.cause(None))
            return page.ask(language, token, factor=look.unproved_factor, remove=remove, wrong=error.code)
        at = journey.resumed(request, attempt.cause(None))
        return page.ended(name, language, request=journey.sealed(at) if at else "")

    return routes
