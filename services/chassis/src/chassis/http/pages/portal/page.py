"""Renders a page of the portal: the shell with navigation, the person's name, and what every form sends along."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from fastapi.responses import HTMLResponse

from chassis.auth.principal import Principal
from chassis.http.language import Language
from chassis.http.pages.portal.visit import FORM_TOKEN, KEY, Visit
from chassis.http.pages.template import PageTemplate
from kontor_contracts.portal import HOME_PATH, LEAVE_PATH, entries_for

KEY_HEADER = "Idempotency-Key"
REFERRER = {"referrer-policy": "same-origin"}
"""Addresses of the portal hold no token, and without a referrer browsers hide the origin of a form."""


class PortalPage:
    """A template and its texts, as `PageTemplate`; ``pages/<name>.html`` extends the shell."""

    def __init__(self, package: str, name: str) -> None:
        self._page = PageTemplate(package, name)
        self.texts = self._page.texts

    def answer(
        self,
        visit: Visit,
        *,
        title: str = "",
        status: int = 0,
        renamed: Mapping[str, str] | None = None,
        fields: Collection[str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The page. ``title``: by default the one of its texts. What the API refused stands in the alert and at its field.

        ``renamed``: the page's names of fields that the API calls otherwise. ``fields``: those that the page has, where the
        API may name others; what is wrong with others stands in the alert.
        """
        texts, problem = self.texts[visit.language], visit.problem
        shown: dict[str, Any] = {"done": str(texts.get("done", {}).get(visit.asked("done"), "")), **values}
        errors = {(renamed or {}).get(name, name): text for name, text in (problem.errors if problem else {}).items()}
        errors.pop(KEY_HEADER, None)
        if fields is not None:
            errors = {name: text for name, text in errors.items() if name in fields}
        answer = self._page.answer(
            visit.language,
            status or (problem.status if problem else 200),
            title=title or texts["title"],
            # Opening the address of a form again would not show it.
            here=visit.address() if visit.request.method == "GET" else "",
            error=problem.detail if problem and len(errors) != 1 else "",
            errors=errors,
            portal=_shell(visit),
            visit=visit,
            when=lambda at: when(at, visit.language),
            **shown,
        )
        answer.headers.update(REFERRER)
        return answer

    def anonymous(self, language: Language, status: int, name: str, back: str) -> HTMLResponse:
        """A page for nobody in particular: the sign-in is over."""
        text = self.texts[language][name]
        return self._page.answer(
            language, status, title=text["title"], text=text, back=back, detail="", other="", done="", visit=None
        )


def _shell(visit: Visit) -> dict[str, Any]:
    who: Principal = visit.principal
    path = visit.request.url.path
    entries = list(entries_for(who.permissions | who.withheld, who.organization_kind))
    here = max(
        (one.path for one in entries if path == one.path or path.startswith(f"{one.path}/")), key=len, default=""
    )
    return {
        "entries": [(one.path, getattr(one, visit.language), one.path == here) for one in entries],
        "home": HOME_PATH,
        "leave": LEAVE_PATH,
        "person": who.name,
        "company": who.organization_name,
        "form": {FORM_TOKEN: visit.browser.form_token, KEY: secrets.token_urlsafe(16)},
    }


def when(at: str | datetime | None, language: Language) -> str:
    """A moment with its zone, which is always the same one: a page without a script knows no other."""
    if not at:
        return ""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment:%d.%m.%Y, %H:%M} Uhr (UTC)" if language == "de" else f"{moment:%-d %b %Y, %H:%M} UTC"
