"""One request for a page of the portal: who asks, in which language, with which form."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from chassis.auth.principal import Principal
from chassis.http.language import Language
from chassis.http.pages.portal.inner_api import ApiProblemError, InnerApi
from chassis.http.pages.portal.sent_forms import Fields, SentFile
from chassis.http.pages.portal.session import SignedInBrowser

KEY, FORM_TOKEN, LANGUAGE = "idempotency_key", "form_token", "lang"
OF_THE_SHELL = (KEY, FORM_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """``fields``, ``files``: of the form that was sent. ``problem``: why the API refused what it asked for."""

    request: Request
    browser: SignedInBrowser
    language: Language
    fields: Fields = field(default_factory=dict)
    files: Mapping[str, SentFile] = field(default_factory=dict)
    problem: ApiProblemError | None = None

    @property
    def principal(self) -> Principal:
        return self.browser.principal

    @property
    def api(self) -> InnerApi:
        return InnerApi(self.request, self.browser.token, self.language)

    @property
    def key(self) -> str:
        """The Idempotency-Key that the form was shown with: sent twice, it changes once."""
        return self.value(KEY) or secrets.token_urlsafe(16)

    def value(self, name: str, default: str = "") -> str:
        """What was typed into a field."""
        return self.fields[name][0].strip() if name in self.fields else default

    def secret(self, name: str) -> str:
        """A password, with the spaces that it may begin and end with."""
        return self.fields[name][0] if name in self.fields else ""

    def values(self, name: str) -> list[str]:
        return list(self.fields.get(name, ()))

    def ticked(self, name: str) -> bool:
        return bool(self.value(name))

    def path(self, name: str) -> str:
        """A parameter of the page's path."""
        return str(self.request.path_params[name])

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the page's address."""
        return self.request.query_params.get(name, default)

    def may(self, *permissions: str) -> bool:
        return any(each in self.principal.permissions for each in permissions)

    def address(self, **changes: Any) -> str:
        """The page's address with other parameters: a list keeps its state there. None takes a parameter away."""
        given = {name: value for name, value in self.request.query_params.items() if name != LANGUAGE}
        query = {name: str(value) for name, value in {**given, **changes}.items() if value not in {None, ""}}
        return f"{self.request.url.path}?{urlencode(query)}" if query else self.request.url.path
