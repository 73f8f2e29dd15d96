"""HTTP: password resets by mail, for programs and as the page of the mailed link."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response, status
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, StringConstraints

from chassis import SPENT, Change, Form, ProblemError, RefusedError, Unkeyed, new_router
from identity.credentials.password_hashing import BUSY, Password
from identity.pages.base import form_fields, form_of, form_values, page_language
from identity.pages.reset_password import PageName, ResetPages
from identity.pages.sign_in_journey import SignInJourney
from identity.sign_in.password_resets import Redemption, Resets
from kontor_contracts.addresses import address_key

PAGE: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
OVER: dict[int | str, dict[str, Any]] = {410: {"description": "The link was used, has expired or was never sent."}}

REMOVE = "remove_unproved_factor"

Language = Annotated[str, Query(alias="lang", description="`en` or `de`. Default: the browser's language.")]
Accepted = Annotated[str, Header(alias="accept-language")]


class ResetRequest(Form):
    email: Annotated[str, StringConstraints(min_length=1, max_length=320)]


class ResetRequested(BaseModel):
    """The same for every address. If a user has the address, a mail with a link is sent."""

    accepted: bool = True


class RedemptionForm(Form):
    """``token``: from the mailed link.

    ``remove_unproved_factor``: also turn off a second factor that was set up before the address was proved and not used
    since. Another person may have set it up. A newer factor stays.
    """

    token: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    new_password: Password
    remove_unproved_factor: bool = False


class Redeemed(BaseModel):
    """``device_token``: send it with the next sign-in. Then wrong passwords from other devices do not lock out this one."""

    device_token: str


def router(resets: Resets, journey: SignInJourney) -> APIRouter:
    routes = new_router(tags=["password"])
    pages = ResetPages()

    @routes.post("/v1/password-resets", status_code=status.HTTP_202_ACCEPTED, responses=SPENT)
    async def request_reset(body: ResetRequest, attempt: Change) -> ResetRequested:
        """Have a link for a new password mailed. The answer does not reveal whether the address is known."""
        await resets.request(body.email, attempt.cause(None, address_key(body.email)))
        return ResetRequested()

    @routes.post("/v1/password-resets/redeem", responses={**BUSY, **OVER})
    async def redeem_reset(body: RedemptionForm, attempt: Change, response: Response) -> Redeemed:
        """Set a new password by the link, once. Ends all sessions and does not sign in.

        A second factor stays, unless `remove_unproved_factor` removes one from before the proof of the address.
        """
        response.headers["cache-control"] = "no-store"
        wanted = Redemption(**body.model_dump())
        return Redeemed(device_token=await resets.redeem(wanted, attempt.cause(None)))

    @routes.get("/reset-password", response_class=HTMLResponse, responses={410: PAGE})
    async def show_reset_page(
        attempt: Unkeyed, token: str = "", lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """The form for a new password. Opening it does not use the link."""
        language = page_language(lang, accepted)
        look = await resets.look(token, attempt.cause(None))
        if not look.usable:
            return pages.render("over", language)
        return pages.render("ask", language, token=token, factor=look.unproved_factor)

    @routes.post(
        "/reset-password",
        response_class=HTMLResponse,
        responses={400: PAGE, 410: PAGE, 429: PAGE},
        openapi_extra=form_of("token", "new_password", REMOVE),
    )
    async def submit_reset_page(
        request: Request, attempt: Unkeyed, lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """Set the password from the form. The page links back to the sign-in that waits for it."""
        language = page_language(lang, accepted)
        body = await request.body()
        token, new_password = form_fields(body, "new_password")
        remove = REMOVE in form_values(body)
        name: PageName = "done"
        try:
            await resets.redeem(Redemption(token, new_password, remove), attempt.cause(None))
        except RefusedError:
            name = "over"
        except ProblemError as error:
            if error.field is None:
                raise
            look = await resets.look(token, attempt.cause(None))
            return pages.render(
                "ask", language, token=token, factor=look.unproved_factor, remove=remove, wrong=error.code
            )
        at = journey.resumed(request, attempt.cause(None))
        return pages.render(name, language, request=journey.sealed(at) if at else "")

    return routes
