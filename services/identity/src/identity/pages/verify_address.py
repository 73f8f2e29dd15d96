"""The page of the mailed link that proves an address."""

from collections.abc import Sequence
from typing import Literal

from fastapi.responses import HTMLResponse

from identity.domain.sign_up import Applicant
from identity.domain.user.state import User
from identity.pages.base import Sheet

PageName = Literal["ask", "done", "over", "taken"]
STATUS = {"over": 410, "taken": 409}
BAD_REQUEST = 400


class VerifyPages:
    def __init__(self) -> None:
        self._sheet = Sheet("verify_address.html", "verify_pages.json")

    def render(
        self,
        name: PageName,
        language: str,
        who: Applicant | User | None = None,
        *,
        token: str = "",
        wrong: bool = False,
        leads_to: Sequence[str] = (),
    ) -> HTMLResponse:
        """``ask`` has the form and shows the data of ``who``. ``leads_to``: origins to which the form may redirect."""
        texts = self._sheet.texts[language]
        added = isinstance(who, User)
        company = who.organization.name if who is not None and who.organization is not None else ""
        html = self._sheet.template.render(
            language=language,
            text=texts["added" if added and name == "ask" else name],
            style=self._sheet.style,
            company=company,
            person=who.full_name if who is not None else "",
            address=who.email if who is not None else "",
            token=token if name == "ask" else "",
            wrong=texts["wrong"] if wrong else None,
            user_name=texts["user_name"],
        )
        status = BAD_REQUEST if wrong else STATUS.get(name, 200)
        return HTMLResponse(html, status, headers=self._sheet.headers_to(*leads_to))
