"""Which mails the caller gets, and in which language. They are the mailbox's: the caller's proved address names it."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis import AnswerLanguage, Caller, Change, Form, Handler, Language, new_router
from chassis.http.pages import page_texts
from kontor_contracts.values import Id
from notifications.documents import PREFERENCES, preferences_key
from notifications.domain.preferences.categories import MANDATORY, OPTIONAL
from notifications.domain.preferences.state import ChoosePreferences, Preferences
from notifications.readers import Readers

MOST_CATEGORIES = 20


class MailPreferencesForm(Form):
    """``muted`` replaces what was muted before. ``language`` null: mails come in the language of the account."""

    muted: list[Id] = Field(max_length=MOST_CATEGORIES)
    language: Language | None = None


class MailCategoryView(BaseModel):
    """``mandatory``: it cannot be muted."""

    category: str
    name: str
    description: str
    mandatory: bool
    muted: bool


class MailPreferencesView(BaseModel):
    language: Language | None
    categories: list[MailCategoryView]


def router(readers: Readers, handler: Handler) -> APIRouter:
    routes = new_router("/v1/me", tags=["mail preferences"])
    texts = page_texts("notifications", "pages/mail_preferences.json")

    def shown(state: Preferences, language: Language) -> MailPreferencesView:
        words = texts[language]["categories"]
        return MailPreferencesView.model_validate(
            {
                "language": state.language,
                "categories": [
                    {
                        "category": one,
                        "name": words[one]["name"],
                        "description": words[one]["about"],
                        "mandatory": one in MANDATORY,
                        "muted": one in state.muted,
                    }
                    for one in (*OPTIONAL, *MANDATORY)
                ],
            }
        )

    @routes.get("/mail-preferences")
    async def show_my_mail_preferences(caller: Caller, language: AnswerLanguage) -> MailPreferencesView:
        """Which mails the caller gets. They are for all organizations in which the address has a user."""
        return shown(await readers.preferences(caller.email), language)

    @routes.put("/mail-preferences")
    async def choose_my_mail_preferences(
        form: MailPreferencesForm, caller: Caller, change: Change, language: AnswerLanguage
    ) -> MailPreferencesView:
        """Choose which optional mails come, and in which language. 422 `mail-mandatory` for a category that cannot be muted."""
        cause = change.cause(caller)
        command = ChoosePreferences(
            muted=tuple(form.muted), language=form.language, at=cause.time, user_id=caller.user_id
        )
        id = PREFERENCES.id(preferences_key(caller.email))
        outcome = await handler.handle(
            PREFERENCES, id, command, cause, answer=lambda state: shown(state, language).model_dump(mode="json")
        )
        return MailPreferencesView.model_validate(outcome.answer)

    return routes
