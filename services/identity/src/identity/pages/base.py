"""What the pages behind mailed links have in common: no script, nothing from elsewhere, German or English."""

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


class Sheet:
    """One template with its texts by language. Read once."""

    def __init__(self, template: str, texts: str) -> None:
        package = files("identity")
        environment = Environment(loader=PackageLoader("identity"), autoescape=True, undefined=StrictUndefined)
        self.template: Template = environment.get_template(template)
        self.style = (package / "templates" / "page.css").read_text(encoding="utf-8")
        self.texts: dict[str, Any] = json.loads((package / "data" / texts).read_text(encoding="utf-8"))
        self.headers = _headers(self.style)


def page_language(lang: str, accepted: str) -> str:
    """The language asked for in the link, else the first one of the browser's that there is, else English."""
    wanted = [lang, *(part.partition(";")[0] for part in accepted.split(","))]
    codes = [code.strip().lower()[:2] for code in wanted]
    return next((code for code in codes if code in LANGUAGES), LANGUAGES[0])


def form_fields(body: bytes, password: str) -> tuple[str, str]:
    """The token, and the field named ``password``. What a browser cannot have sent counts as empty: there is always a page."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=MORE_FIELDS_THAN_A_FORM_HAS)
    except ValueError:
        fields = {}
    typed = fields.get(password, [""])[0]
    return fields.get("token", [""])[0], typed if len(typed) <= LONGEST_PASSWORD else ""


def form_body(password: str) -> dict[str, Any]:
    """How the form is described in the OpenAPI document."""
    schema = {
        "type": "object",
        "required": ["token", password],
        "properties": {"token": {"type": "string"}, password: {"type": "string"}},
    }
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _headers(style: str) -> dict[str, str]:
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return {
        # The address holds the token: it must not travel on, be kept or be framed.
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
    }
