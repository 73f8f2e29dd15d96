"""Reading the pages behind the links of mails as a browser would: find the form, fill it, press the button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """``fields`` holds what the page filled in; ``buttons`` are (name, value) in the order of the page."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


def read_forms(html: str) -> list[Form]:
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self._area = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(action=given.get("action", "")))
        elif self.forms and tag == "input" and "name" in given:
            self._input(self.forms[-1].fields, given)
        elif self.forms and tag == "select" and "name" in given:
            self._select = given["name"]
        elif self.forms and tag == "textarea" and "name" in given:
            self._area = given["name"]
            self.forms[-1].fields[self._area] = ""
        elif self.forms and tag == "option" and self._select:
            self._option(self.forms[-1].fields, given)
        elif self.forms and tag == "button" and "name" in given:
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))

    @staticmethod
    def _input(fields: dict[str, str], given: dict[str, str]) -> None:
        if given.get("type") != "radio" or "checked" in given:
            fields[given["name"]] = given.get("value", "")
        else:
            fields.setdefault(given["name"], "")

    def _option(self, fields: dict[str, str], given: dict[str, str]) -> None:
        """The selected one, else the first."""
        if "selected" in given or self._select not in fields:
            fields[self._select] = given.get("value", "")


def read_links(html: str) -> list[str]:
    """The addresses of the page's links, in its order."""
    reader = _Links()
    reader.feed(html)
    return reader.links


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attrs).get("href")):
            self.links.append(href)
