"""Renders the pages of services in the shell that all of them share."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.loaders import ChoiceLoader

from chassis.http.language import LANGUAGES, Language
from chassis.http.pages.headers import page_headers
from chassis.http.pages.texts import Texts, fill, page_texts

CHASSIS_PAGES = "chassis.http.pages"


class PageTemplate:
    """A page of a service: ``pages/<name>.html`` extends the shell, ``pages/<name>.json`` has its texts by language.

    Read once. Raises ValueError where a language lacks a text.
    """

    def __init__(self, package: str, name: str) -> None:
        self.texts = page_texts(package, f"pages/{name}.json")
        self._template = _environment(package).get_template(f"{name}.html")
        self._shell, self._style = _shell_texts(), _style()

    def answer(
        self,
        language: Language,
        status: int = 200,
        *,
        title: str,
        here: str = "",
        error: str = "",
        errors: Mapping[str, str] | None = None,
        form_origins: Sequence[str] = (),
        **values: Any,
    ) -> HTMLResponse:
        """The page as an answer. The template gets ``values``, and ``texts``: its texts in ``language``.

        ``here``: the page's own relative address without ``lang``; with it, the page offers the other language.
        ``error``: what went wrong, shown as an alert. ``errors``: by field, shown in the alert and at the field.
        ``form_origins``: other origins to which the form may redirect.
        """
        other = next(each for each in LANGUAGES if each != language)
        html = self._template.render(
            language=language,
            texts=self.texts[language],
            shell=self._shell[language],
            style=self._style,
            title=title,
            error=error,
            errors=errors or {},
            other_language=other,
            other_language_name=self._shell[other]["language"],
            other_language_address=f"{here}{'&' if '?' in here else '?'}lang={other}" if here else "",
            **values,
        )
        headers = {**page_headers(self._style, *form_origins), "content-language": language}
        return HTMLResponse(html, status, headers=headers)


@cache
def _environment(package: str) -> Environment:
    """Templates of a service by their names in its ``pages``; those of the shell as ``shell/<name>``."""
    shell = PrefixLoader({"shell": PackageLoader(CHASSIS_PAGES, "shell")})
    environment = Environment(
        loader=ChoiceLoader([shell, PackageLoader(package, "pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fill"] = fill
    return environment


@cache
def _shell_texts() -> Texts:
    return page_texts(CHASSIS_PAGES, "shell/shell.json")


@cache
def _style() -> str:
    return files(CHASSIS_PAGES).joinpath("shell/shell.css").read_text(encoding="utf-8")
