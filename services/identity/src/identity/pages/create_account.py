"""The page that creates a work account: its HTML, and what was typed into it as a sign-up."""

import json
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal

from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from identity.pages.base import Sheet
from identity.sign_in.sign_up_form import SignUpRequest

PageName = Literal["ask", "mailed"]
FIELDS = ("full_name", "email", "company", "country", "kind", "culture", "password")
KINDS = ("customer", "reseller", "provider")
BAD_REQUEST, TOO_MANY = 400, 429
NOT_OF_A_FIELD = "page"
OF_PASSWORDS = "password-"

Fields = Mapping[str, str]
Faults = Mapping[str, str]
"""What is wrong, by field: a key of the page's texts."""


class CreateAccountPages:
    def __init__(self) -> None:
        self._sheet = Sheet("create_account.html", "create_account.json")
        self._countries = {language: _sorted(names) for language, names in _country_names().items()}

    def render(
        self, name: PageName, language: str, *, request: str, typed: Fields | None = None, faults: Faults | None = None
    ) -> HTMLResponse:
        """``request`` is sealed; ``typed``: what was entered, which the page shows again but for the password."""
        texts, wrong = self._sheet.texts[language], faults or {}
        html = self._sheet.template.render(
            name=name,
            language=language,
            words=texts["words"],
            text=texts[name],
            style=self._sheet.style,
            request=request,
            typed={**dict.fromkeys(FIELDS, ""), "culture": language, **(typed or {})},
            faults={field: texts["faults"][fault] for field, fault in wrong.items()},
            countries=self._countries[language],
            kinds=KINDS,
        )
        status = (
            TOO_MANY if wrong.get(NOT_OF_A_FIELD) in {"busy", "too-many-requests"} else BAD_REQUEST if wrong else 200
        )
        return HTMLResponse(html, status, headers={**self._sheet.headers, "content-language": language})

    def fault(self, code: str, field: str | None) -> Faults:
        """The place on the page for what a sign-up was refused for."""
        known = self._sheet.texts["en"]["faults"]
        return {field if field in FIELDS else NOT_OF_A_FIELD: code if code in known else "other"}


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
