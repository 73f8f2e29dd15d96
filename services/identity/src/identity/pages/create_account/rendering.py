"""The page that creates a work account: its HTML, and what was typed into it as a sign-up."""

import json
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from chassis import Language
from chassis.http.pages import PageTemplate
from identity.pages.passwords import password_faults
from identity.sign_in.sign_up.form import SignUpRequest

PageName = Literal["ask", "mailed"]
FIELDS = ("full_name", "email", "company", "country", "kind", "culture", "password")
BAD_REQUEST, TOO_MANY = 400, 429
NOT_OF_A_FIELD = "page"

Fields = Mapping[str, str]
Faults = Mapping[str, str]
"""What is wrong, by field: a key of the page's texts."""


class CreateAccountPage:
    def __init__(self) -> None:
        self._page = PageTemplate("identity", "create_account/create_account")
        self._faults = {
            language: {**texts["faults"], **password_faults()[language]} for language, texts in self._page.texts.items()
        }
        self._countries = {language: _sorted(names) for language, names in _country_names().items()}

    def render(
        self,
        name: PageName,
        language: Language,
        *,
        request: str,
        typed: Fields | None = None,
        faults: Faults | None = None,
    ) -> HTMLResponse:
        """``request`` is sealed; ``typed``: what was entered, which the page shows again but for the password."""
        texts = self._page.texts[language]
        wrong = {field: self._faults[language][fault] for field, fault in (faults or {}).items()}
        error = wrong.pop(NOT_OF_A_FIELD, "") or (texts["words"]["see_below"] if wrong else "")
        return self._page.answer(
            language,
            _status(faults or {}),
            title=texts[name]["title"],
            here=f"create-account?{urlencode({'request': request})}" if name == "ask" else "",
            error=error,
            errors={field: wrong[field] for field in FIELDS if field in wrong},
            name=name,
            text=texts[name],
            request=request,
            typed={**dict.fromkeys(FIELDS, ""), "culture": language, **(typed or {})},
            countries=self._countries[language],
        )

    def fault(self, code: str, field: str | None) -> Faults:
        """The place on the page for what a sign-up was refused for."""
        return {field if field in FIELDS else NOT_OF_A_FIELD: code if code in self._faults["en"] else "other"}


def _status(faults: Faults) -> int:
    if faults.get(NOT_OF_A_FIELD) in {"busy", "too-many-requests"}:
        return TOO_MANY
    return BAD_REQUEST if faults else 200


def sign_up_of(typed: Fields) -> SignUpRequest | Faults:
    """The sign-up as the API takes it, or the fields that are missing or not of the documented form."""
    organization = {
        "name": typed.get("company", ""),
        "country": typed.get("country", ""),
        "kind": typed.get("kind", ""),
        "culture": typed.get("culture", ""),
    }
    person = {name: typed.get(name, "") for name in ("full_name", "email", "password")}
    try:
        return SignUpRequest.model_validate({"organization": organization, **person})
    except ValidationError as error:
        return {field: field for field in map(_field, (found["loc"] for found in error.errors()))}


def _field(place: tuple[int | str, ...]) -> str:
    name = str(place[-1] if place[0] == "organization" else place[0])
    return "company" if name == "name" else name


def _country_names() -> Mapping[str, Mapping[str, str]]:
    names = json.loads((files("identity") / "data" / "countries.json").read_text(encoding="utf-8"))
    return {language: found for language, found in names.items() if isinstance(found, dict)}


def _sorted(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Ä is sorted as A, as in a dictionary."""
    return sorted(names.items(), key=lambda named: unicodedata.normalize("NFKD", named[1]).casefold())
