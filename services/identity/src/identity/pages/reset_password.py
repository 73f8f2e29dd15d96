"""The page of the mailed link for a new password."""

from typing import Literal

from fastapi.responses import HTMLResponse

from identity.pages.base import Sheet

PageName = Literal["ask", "done", "over"]
GONE, BAD_REQUEST, OK = 410, 400, 200


class ResetPages:
    def __init__(self) -> None:
        self._sheet = Sheet("reset_password.html", "reset_pages.json")

    def render(
        self,
        name: PageName,
        language: str,
        *,
        token: str = "",
        factor: bool = False,
        remove: bool = False,
        wrong: str | None = None,
        request: str = "",
    ) -> HTMLResponse:
        """``request``: the sealed sign-in request that waits for the reset.

        With a ``token``, the page has the form. ``wrong``: the code of the password's fault.

        ``factor``: the form offers to remove a second factor. ``remove``: the offer is accepted.
        """
        texts = self._sheet.texts[language]
        html = self._sheet.template.render(
            language=language,
            text=texts[name],
            style=self._sheet.style,
            token=token,
            factor=factor,
            remove=remove,
            request=request,
            wrong=texts["faults"][wrong] if wrong else None,
        )
        status = GONE if name == "over" else BAD_REQUEST if wrong else OK
        return HTMLResponse(html, status, headers=self._sheet.headers)
