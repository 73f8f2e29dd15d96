"""Renders the sign-in page."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from chassis import Language
from chassis.http.pages import PageTemplate
from identity.pages.passwords import password_faults

PageName = Literal[
    "sign-in",
    "code",
    "new-password",
    "signed-in",
    "sign-out",
    "signed-out",
    "over",
    "wrong-address",
    "forgotten",
    "mailed",
]
ADDRESSES: dict[PageName, str] = {"sign-in": "sign-in", "forgotten": "forgotten-password"}
"""Of the pages that a link opens again."""
STATUS: dict[PageName, int] = {"over": 400, "wrong-address": 400}
BAD_REQUEST, TOO_MANY = 400, 429


class SignInPages:
    def __init__(self) -> None:
        self._page = PageTemplate("identity", "sign_in/sign_in")
        self._password_faults = password_faults()

    def render(
        self,
        name: PageName,
        language: Language,
        *,
        request: str = "",
        proof: str = "",
        email: str = "",
        wrong: str = "",
        directories: Sequence[tuple[str, str]] = (),
        leads_to: Sequence[str] = (),
    ) -> HTMLResponse:
        """``request`` and ``proof`` are sealed. ``wrong``: a code. ``leads_to``: origins to which the form may redirect.

        ``directories``: name and title of the companies' directories for sign-in.
        """
        text = self._page.texts[language][name]
        error, errors = self._faults(wrong, language)
        here = f"{ADDRESSES[name]}?{urlencode({'request': request})}" if name in ADDRESSES else ""
        return self._page.answer(
            language,
            TOO_MANY if wrong == "busy" else STATUS.get(name, BAD_REQUEST if wrong else 200),
            title=text["title"],
            here=here,
            error=error,
            errors=errors,
            form_origins=leads_to,
            name=name,
            text=text,
            request=request,
            proof=proof,
            email=email,
            directories=directories,
        )

    def _faults(self, wrong: str, language: Language) -> tuple[str, dict[str, str]]:
        """What is wrong, on the whole or by field."""
        passwords, others = self._password_faults[language], self._page.texts[language]["faults"]
        if wrong in passwords:
            return "", {"new_password": passwords[wrong]}
        if wrong == "code-wrong":
            return "", {"code": others[wrong]}
        return (others.get(wrong, others["other"]) if wrong else ""), {}
