"""The page of an invitation's link."""

from fastapi.responses import HTMLResponse

from identity.domain.user.state import User
from identity.pages.base import Sheet

STATUS = {"expired": 410, "unknown": 404, "taken": 409}
"""All other pages are 200: opening a used link again is no error."""
BAD_PASSWORD = 400


class JoinPages:
    """Renders the pages about one invitation."""

    def __init__(self) -> None:
        self._sheet = Sheet("join.html", "join.json")

    def render(self, name: str, language: str, user: User, *, token: str = "", fault: str = "") -> HTMLResponse:
        """Render the page ``name``: valid (with the form), joined, used, taken, expired, unknown."""
        words = self._sheet.texts[language]
        company = user.organization.name if user.organization and name != "unknown" else ""
        html = self._sheet.template.render(
            language=language,
            words=words,
            text=words[name],
            company=company,
            address=user.email if name == "valid" else "",
            style=self._sheet.style,
            token=token if name == "valid" else "",
            fault=words["faults"].get(fault, words["faults"]["password-guessable"]) if fault else "",
        )
        status = BAD_PASSWORD if fault else STATUS.get(name, 200)
        return HTMLResponse(html, status_code=status, headers=self._sheet.headers)
