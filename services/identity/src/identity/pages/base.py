"""Templates, texts, languages, headers and forms of all pages. Pages have no script and load nothing."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

LANGUAGES = ("en", "de")
MORE_FIELDS_THAN_A_FORM_HAS = 10
LONGEST_PASSWORD = 1024
LONGEST_VALUE = 8192
"""Maximum length of a form field. A sealed request has some hundred characters."""


class Sheet:
    """One template with its texts by language. Files are read once."""

    def __init__(self, template: str, texts: str) -> None:
        package = files("identity")
        environment = Environment(loader=PackageLoader("identity"), autoescape=True, undefined=StrictUndefined)
        self.template: Template = environment.get_template(template)
        self.style = (package / "templates" / "page.css").read_text(encoding="utf-8")
        self.texts: dict[str, Any] = json.loads((package / "data" / texts).read_text(encoding="utf-8"))
        self.headers = _headers(self.style)

    def headers_to(self, *origins: str) -> dict[str, str]:
        """Headers of a page whose form may redirect to these origins: browsers apply ``form-action`` to redirects."""
        return _headers(self.style, " ".join(("'self'", *origins)))


def page_language(lang: str, accepted: str) -> str:
    """The language of the link, else the browser's first available one, else English."""
    wanted = [lang, *(part.partition(";")[0] for part in accepted.split(","))]
    codes = [code.strip().lower()[:2] for code in wanted]
    return next((code for code in codes if code in LANGUAGES), LANGUAGES[0])


def form_fields(body: bytes, password: str) -> tuple[str, str]:
    """The token, and the field named ``password``. An unreadable body counts as empty, so that there is always a page."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=MORE_FIELDS_THAN_A_FORM_HAS)
    except ValueError:
        fields = {}
    typed = fields.get(password, [""])[0]
    return fields.get("token", [""])[0], typed if len(typed) <= LONGEST_PASSWORD else ""


def form_body(password: str) -> dict[str, Any]:
    """The OpenAPI description of the form."""
    schema = {
        "type": "object",
        "required": ["token", password],
        "properties": {"token": {"type": "string"}, password: {"type": "string"}},
    }
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def form_values(body: bytes) -> dict[str, str]:
    """The first value of each field. An unreadable body counts as an empty form, so that there is always a page."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=MORE_FIELDS_THAN_A_FORM_HAS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values[0]) <= LONGEST_VALUE}


def form_of(*names: str) -> dict[str, Any]:
    """The OpenAPI description of a form with these fields."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _headers(style: str, form_action: str = "'self'") -> dict[str, str]:
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        # The URL has the token: it must not leak by referrer, cache or frame.
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
    }
