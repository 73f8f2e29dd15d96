"""The page of the mailed link that proves an address."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from chassis import Language, ProblemError, RefusedError, Unkeyed, new_router
from chassis.http.pages import PageLanguage, PageTemplate, form_body, form_values
from identity.domain.sign_up import Applicant
from identity.domain.user.state import User
from identity.pages.passwords import typed_password
from identity.pages.sign_in.journey import SignInJourney, leads_on
from identity.sign_in.sign_up.sign_ups import PAGE, SignUps

PageName = Literal["ask", "done", "over", "taken"]
STATUS = {"over": 410, "taken": 409}
BAD_REQUEST, CONFLICT = 400, 409
SHOWN: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
BACK: dict[str, Any] = {"description": "Signed in: redirect to the client of the sign-in page."}


class VerifyPage:
    def __init__(self) -> None:
        self._page = PageTemplate("identity", "mailed/verify_address")

    def ask(
        self,
        language: Language,
        who: Applicant | User,
        *,
        token: str,
        wrong: bool = False,
        leads_to: Sequence[str] = (),
    ) -> HTMLResponse:
        """The form, with the data of ``who``. ``leads_to``: origins to which the form may redirect."""
        texts = self._page.texts[language]
        text = texts["added" if isinstance(who, User) else "ask"]
        return self._page.answer(
            language,
            BAD_REQUEST if wrong else 200,
            title=text["title"],
            here=f"?{urlencode({'token': token})}",
            errors={"password": texts["wrong"]} if wrong else {},
            form_origins=leads_to,
            text=text,
            token=token,
            company=who.organization.name if who.organization else "",
            person=who.full_name,
            address=who.email,
        )

    def ended(self, name: PageName, language: Language) -> HTMLResponse:
        text = self._page.texts[language][name]
        return self._page.answer(
            language, STATUS.get(name, 200), title=text["title"], text=text, token="", company="", person=""
        )


def router(sign_ups: SignUps, journey: SignInJourney, now: Callable[[], datetime]) -> APIRouter:
    routes = new_router(tags=["sign-in"])
    page = VerifyPage()

    @routes.get(PAGE, response_class=HTMLResponse, responses={410: SHOWN})
    async def show(request: Request, attempt: Unkeyed, language: PageLanguage, token: str = "") -> HTMLResponse:
        """The page with the data of the sign-up and a field for the password. Opening it changes nothing."""
        who = await sign_ups.look(token, now())
        leads_to = leads_on(journey.resumed(request, attempt.cause(None)))
        return page.ask(language, who, token=token, leads_to=leads_to) if who else page.ended("over", language)

    @routes.post(
        PAGE,
        response_class=HTMLResponse,
        responses={303: BACK, 400: SHOWN, 409: SHOWN, 410: SHOWN, 429: SHOWN},
        openapi_extra=form_body("token", "password"),
    )
    async def submit(request: Request, attempt: Unkeyed, language: PageLanguage) -> Response:
        """Prove the address with the password from the form, and continue the sign-in that waits for it."""
        at, fields = journey.resumed(request, attempt.cause(None)), form_values(await request.body())
        token = fields.get("token", "")
        who = await sign_ups.look(token, now())
        try:
            user = await sign_ups.prove(token, typed_password(fields, "password"), attempt.cause(None))
        except RefusedError:
            return page.ended("over", language)
        except ProblemError as error:
            if error.status == CONFLICT:
                return page.ended("taken", language)
            if error.field is None:
                raise
            if who is None:
                return page.ended("over", language)
            return page.ask(language, who, token=token, wrong=True, leads_to=leads_on(at))
        return await journey.after_password(user, at) if at else page.ended("done", language)

    return routes
