"""Pages for people: HTML without a script, with nothing from elsewhere, in German or English."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from chassis.http.language import LANGUAGES, Language

MORE_FIELDS_THAN_A_FORM_HAS = 10
LONGEST_VALUE = 8192
"""Of a field: a sealed request has some hundred characters."""


class PageTemplate:
    """A page's template and style, and its texts by language. Read once.

    In the service's package: ``templates/<template>``, ``templates/page.css``, ``data/<texts>`` (JSON, by language).
    The template gets the style and puts it into the page; the policy in ``headers`` allows no other.
    """

    def __init__(self, package: str, template: str, texts: str) -> None:
        folder = files(package)
        environment = Environment(loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined)
        self.template: Template = environment.get_template(template)
        self.style = (folder / "templates" / "page.css").read_text(encoding="utf-8")
        self.texts: dict[str, Any] = json.loads((folder / "data" / texts).read_text(encoding="utf-8"))
        if missing := set(LANGUAGES) - self.texts.keys():
            raise ValueError(f"{package}/data/{texts}: it has no texts in {', '.join(sorted(missing))}")
        self.headers = page_headers(self.style)

    def headers_to(self, *origins: str) -> dict[str, str]:
        """For a page whose form may end up at these other origins: browsers hold redirects to ``form-action``, too."""
        return page_headers(self.style, *origins)

    def headers_in(self, language: Language) -> dict[str, str]:
        return {**self.headers, "content-language": language}


def page_headers(style: str, *form_origins: str) -> dict[str, str]:
    """The headers of a page whose only style is ``style``. Its form is sent to this service or to ``form_origins``."""
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        "default-src 'none'",
        f"style-src 'sha256-{style_hash}'",
        " ".join(("form-action 'self'", *form_origins)),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        # The address may hold a token: it must not travel on, be kept or be framed.
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
    }


def form_values(body: bytes) -> dict[str, str]:
    """The fields of a form, each once. A body that no browser sends is an empty form: a person always gets a page."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=MORE_FIELDS_THAN_A_FORM_HAS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values[0]) <= LONGEST_VALUE}


def form_body(*names: str, required: bool = True, **choices: tuple[str, ...]) -> dict[str, Any]:
    """How a form with these fields is described in the OpenAPI document. ``choices``: fields with a closed list of values."""
    properties: dict[str, Any] = {name: {"type": "string"} for name in names}
    properties |= {name: {"enum": list(values)} for name, values in choices.items()}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(properties)
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
