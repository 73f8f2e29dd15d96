"""Renders the sign-in page."""

from collections.abc import Sequence
from typing import Any, Literal

from fastapi.responses import HTMLResponse

from identity.pages.base import Sheet

PageName = Literal[
    "sign-in", "code", "new-password", "signed-in", "signed-out", "over", "wrong-address", "forgotten", "mailed"
]
STATUS: dict[PageName, int] = {"over": 400, "wrong-address": 400}
BAD_REQUEST, TOO_MANY = 400, 429


class SignInPages:
    def __init__(self) -> None:
        self._sheet = Sheet("sign_in.html", "sign_in.json")

    def render(
        self,
        name: PageName,
        language: str,
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
        texts: dict[str, Any] = self._sheet.texts[language]
        html = self._sheet.template.render(
            name=name,
            language=language,
            words=texts["words"],
            text=texts[name],
            style=self._sheet.style,
            request=request,
            proof=proof,
            email=email,
            wrong=texts["faults"].get(wrong, texts["faults"]["other"]) if wrong else "",
            directories=directories,
        )
        status = STATUS.get(name, BAD_REQUEST if wrong else 200)
        if wrong == "busy":
            status = TOO_MANY
        return HTMLResponse(html, status, headers={**self._sheet.headers_to(*leads_to), "content-language": language})
