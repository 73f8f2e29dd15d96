"""The page on which the reader of a mail says which mails to send. Opening it changes nothing: mail scanners open links.

A mail program posts to the same address when its user clicks "unsubscribe" (RFC 8058): without a cookie and without a page. What
such a post has to say is fixed, so every post that is not the page's own form is taken for one.
"""

from typing import Any, Literal, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis import Handler, Language, MongoStore, Unkeyed, new_router
from chassis.http.pages import PageLanguage, PageTemplate, form_body, form_values
from notifications.documents import PREFERENCES
from notifications.domain.preferences.categories import MANDATORY, OPTIONAL
from notifications.domain.preferences.state import ChoosePreferences, MuteCategory, Preferences
from notifications.readers import PAGE, Readers

PageName = Literal["ask", "saved", "muted", "unknown"]
NOT_FOUND = 404
SHOWN: dict[str, Any] = {"description": "A page that says why the link does not work.", "content": {"text/html": {}}}
ONE_CLICK = "List-Unsubscribe"
FORM_BODY = form_body(optional=("token", "language", *OPTIONAL, ONE_CLICK), choice=("form",))
FORM_BODY["requestBody"]["required"] = False
# A mail program's post has none of the form's fields.
FORM_BODY["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"].pop("required")


class PreferencesPage:
    def __init__(self) -> None:
        self._page = PageTemplate("notifications", "mail_preferences")

    def render(self, name: PageName, language: Language, state: Preferences, token: str = "") -> HTMLResponse:
        texts = self._page.texts[language]
        return self._page.answer(
            language,
            NOT_FOUND if name == "unknown" else 200,
            title=texts[name]["title"],
            here=f"?{urlencode({'token': token})}" if token else "",
            text=texts[name],
            token=token,
            optional=list(OPTIONAL),
            muted=state.muted,
            chosen=state.language or "",
            always=[(texts["categories"][one]["name"], texts["categories"][one]["about"]) for one in MANDATORY],
        )


def router(store: MongoStore, handler: Handler, readers: Readers) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    page = PreferencesPage()

    @routes.get(PAGE, responses={404: SHOWN})
    async def show_mail_preferences(language: PageLanguage, token: str = "") -> HTMLResponse:
        """Which optional mails the reader gets, and in which language."""
        choice = readers.choice(token)
        if choice is None:
            return page.render("unknown", language, Preferences())
        state = await store.get_or_initial(PREFERENCES, choice.id)
        return page.render("ask", language, state, token)

    @routes.post(PAGE, responses={404: SHOWN}, openapi_extra=FORM_BODY)
    async def choose_mail_preferences(
        request: Request, attempt: Unkeyed, language: PageLanguage, token: str = ""
    ) -> HTMLResponse:
        """Save the choice; or, with `List-Unsubscribe=One-Click`, mute the category of the mail (RFC 8058)."""
        values = form_values(await request.body())
        given = values.get("token") or token
        choice = readers.choice(given)
        if choice is None:
            return page.render("unknown", language, Preferences())
        cause = attempt.cause(None)
        chosen = values.get("choice") == "form"
        command = _chosen(values, cause.time) if chosen else MuteCategory(category=choice.category, at=cause.time)
        state = (await handler.handle(PREFERENCES, choice.id, command, cause)).state
        return page.render("saved" if chosen else "muted", language, state, given)

    return routes


def _chosen(values: dict[str, str], at: Any) -> ChoosePreferences:
    """A box that is not ticked is not sent."""
    wanted = values.get("language", "")
    return ChoosePreferences(
        muted=tuple(one for one in OPTIONAL if one not in values),
        language=wanted if wanted in get_args(Language) else None,
        at=at,
    )
