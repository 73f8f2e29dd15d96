"""The page of the link mailed to a user's new address. Opening it changes nothing."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse

from chassis import RefusedError, TakenError, Unkeyed, new_router
from identity.pages.base import Sheet, form_of, form_values, page_language
from identity.people.address_changes import AddressChanges

PageName = Literal["ask", "done", "over", "taken"]
STATUS: dict[PageName, int] = {"over": 410, "taken": 409}
PAGE: dict[str, Any] = {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
PAGES: dict[int | str, dict[str, Any]] = {409: PAGE, 410: PAGE}

Language = Annotated[str, Query(alias="lang", description="`en` or `de`. Default: the browser's language.")]
Accepted = Annotated[str, Header(alias="accept-language")]


class ChangeAddressPages:
    def __init__(self) -> None:
        self._sheet = Sheet("change_address.html", "change_address.json")

    def render(self, name: PageName, language: str, *, token: str = "", email: str = "") -> HTMLResponse:
        texts = self._sheet.texts[language]
        html = self._sheet.template.render(
            language=language, text=texts[name], style=self._sheet.style, token=token, email=email
        )
        return HTMLResponse(html, STATUS.get(name, 200), headers=self._sheet.headers)


def router(changes: AddressChanges) -> APIRouter:
    routes = new_router(tags=["pages"])
    pages = ChangeAddressPages()

    @routes.get("/change-address", response_class=HTMLResponse, responses=PAGES)
    async def show_change_address_page(
        attempt: Unkeyed, token: str = "", lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """The page with the new address and a button."""
        language = page_language(lang, accepted)
        email = await changes.wanted(token, attempt.cause(None))
        return pages.render("ask" if email else "over", language, token=token if email else "", email=email or "")

    @routes.post("/change-address", response_class=HTMLResponse, responses=PAGES, openapi_extra=form_of("token"))
    async def submit_change_address_page(
        request: Request, attempt: Unkeyed, lang: Language = "", accepted: Accepted = ""
    ) -> HTMLResponse:
        """Use the new address. Ends all sessions; the old address gets a notice."""
        language, token = page_language(lang, accepted), form_values(await request.body()).get("token", "")
        name: PageName = "done"
        try:
            await changes.confirm(token, attempt.cause(None))
        except RefusedError:
            name = "over"
        except TakenError:
            name = "taken"
        return pages.render(name, language)

    return routes
