"""Renders mails from templates. A mail is written once, as text; its HTML has the same paragraphs in a layout.

A template is one file per language with the blocks ``subject``, ``text``, ``action`` (the label of the button) and
``reason`` (why the reader gets this mail). It may replace blocks of ``words``, which all mails share. Text that people
entered is always a value, never a part of the template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, pass_context, select_autoescape
from jinja2.runtime import Context

from chassis import Language, language_of
from kontor_contracts.values import Recipient
from notifications.plain_values import one_line, readable

LANGUAGES: tuple[Language, ...] = get_args(Language)
SUFFIX = ".jinja"


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails say of their sender. ``portal``: the partner portal's address. ``imprint``: the legal sender, in lines."""

    brand: str = "Kontor"
    portal: str = "http://localhost:8000"
    imprint: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What this mail's reader can do with it. ``link``: the personal link. ``answers``: the address that reads answers.

    ``mute``: the page where the reader says which mails to get.
    """

    link: str | None = None
    answers: str = ""
    mute: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``kind``: text, list, or link (a line with only the link, which becomes a button)."""

    kind: str
    lines: tuple[str, ...] = ()


class Templates:
    """All templates, compiled when built. Raises if a template lacks a language."""

    def __init__(self, letterhead: Letterhead) -> None:
        self._letterhead = letterhead
        environment = Environment(
            loader=PackageLoader("notifications", "templates"),
            # Templates are text. The HTML layout escapes everything.
            autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["moment"] = _moment
        environment.filters["quoted"] = _quoted
        compiled = {name: environment.get_template(name) for name in environment.list_templates()}
        self._text = compiled.pop("layout.txt.jinja")
        self._html = compiled.pop("layout.html.jinja")
        self._words = {language: compiled.pop(f"words.{language}{SUFFIX}") for language in LANGUAGES}
        self.names = sorted({name.split(".")[0] for name in compiled})
        self._mails = {
            (name, language): compiled[f"{name}.{language}{SUFFIX}"] for name in self.names for language in LANGUAGES
        }

    def render(self, template: str, recipient: Recipient, context: Mapping[str, str], means: Means) -> Rendered:
        """Raises KeyError for an unknown template, jinja2.UndefinedError if the context is incomplete."""
        language = language_of(recipient.culture)
        values = {
            **{name: readable(value) for name, value in context.items()},
            "recipient": one_line(recipient.name),
            "address": recipient.email,
            "culture": recipient.culture,
            "language": language,
            "brand": self._letterhead.brand,
            "answers": means.answers,
        }
        if means.link is not None:
            values["link"] = means.link
        mail, words = self._mails[template, language], self._words[language]
        page: dict[str, Any] = {
            "language": language,
            "link": means.link,
            "mute_link": means.mute,
            "letterhead": self._letterhead,
            **{name: _block(words, name, values) for name in words.blocks},
            **{name: _block(mail, name, values) for name in mail.blocks},
        }
        page["subject"] = " ".join(page["subject"].split())
        text = self._text.render(page)
        html = self._html.render(page, paragraphs=_paragraphs(page["text"], means.link))
        return Rendered(page["subject"], text, html, language)


def _block(template: Template, name: str, values: Mapping[str, str]) -> str:
    text = "".join(template.blocks[name](template.new_context(dict(values))))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _paragraphs(text: str, link: str | None) -> list[Paragraph]:
    found: list[Paragraph] = []
    for part in text.split("\n\n"):
        lines: list[str] = []
        for line in filter(str.strip, part.split("\n")):
            if line.strip() == link:
                found += [_paragraph(lines), Paragraph("link")]
                lines = []
            else:
                lines.append(line)
        found.append(_paragraph(lines))
    return [paragraph for paragraph in found if paragraph.kind == "link" or paragraph.lines]


def _paragraph(lines: list[str]) -> Paragraph:
    if lines and all(line.startswith("- ") for line in lines):
        return Paragraph("list", tuple(line.removeprefix("- ") for line in lines))
    return Paragraph("text", tuple(lines))


def _quoted(text: str) -> str:
    """What a person wrote, so that no line of it looks like ours."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


@pass_context
def _moment(context: Context, iso: str) -> str:
    """Date and time in the reader's format. In UTC, and marked so: the reader's time zone is unknown."""
    at = datetime.fromisoformat(str(iso)).astimezone(UTC)  # str: an undefined value says so
    locale = _locale(context["culture"], context["language"])
    return f"{format_date(at, 'long', locale)}, {format_time(at, 'short', tzinfo=UTC, locale=locale)} UTC"


def _locale(culture: str, language: str) -> Locale:
    # The date must be in the language of the sentence.
    if culture.startswith(language):
        try:
            return Locale.parse(culture, sep="-")
        except (UnknownLocaleError, ValueError):
            pass  # such as de-ZZ
    return Locale.parse(language)
