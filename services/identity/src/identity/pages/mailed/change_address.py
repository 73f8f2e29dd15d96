"""The page of the link mailed to a user's new address."""

from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis import Language, RefusedError, TakenError, Unkeyed, new_router
from chassis.http.pages import PageLanguage, PageTemplate, form_body, form_values
from identity.people.address_changes import AddressChanges

PageName = Literal["ask", "done", "over", "taken"]
STATUS: dict[PageName, int] = {"over": 410, "taken": 409}
PAGE: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
PAGES: dict[int | str, dict[str, Any]] = {409: PAGE, 410: PAGE}
FORM = form_body(optional=["token"])


class ChangeAddressPage:
    def __init__(self) -> None:
        self._page = PageTemplate("identity", "mailed/change_address")

    def render(self, name: PageName, language: Language, *, token: str = "", email: str = "") -> HTMLResponse:
        text = self._page.texts[language][name]
        return self._page.answer(
            language,
            STATUS.get(name, 200),
            title=text["title"],
            here=f"?{urlencode({'token': token})}" if token else "",
            text=text,
            token=token,
            email=email,
        )


def router(changes: AddressChanges) -> APIRouter:
    routes = new_router(tags=["pages"])
    page = ChangeAddressPage()

    @routes.get("/change-address", response_class=HTMLResponse, responses=PAGES)
    async def show_change_address_page(attempt: Unkeyed, language: PageLanguage, token: str = "") -> HTMLResponse:
        """The page with the new address and a button."""
        email = await changes.wanted(token, attempt.cause(None))
        return page.render("ask" if email else "over", language, token=token if email else "", email=email or "")

    @routes.post("/change-address", response_class=HTMLResponse, responses=PAGES, openapi_extra=FORM)
    async def submit_change_address_page(request: Request, attempt: Unkeyed, language: PageLanguage) -> HTMLResponse:
        """Use the new address. Ends all sessions; the old address gets a notice."""
        token = form_values(await request.body()).get("token", "")
        name: PageName = "done"
        try:
            await changes.confirm(token, attempt.cause(None))
        except RefusedError:
            name = "over"
        except TakenError:
            name = "taken"
        return page.render(name, language)

    return routes
