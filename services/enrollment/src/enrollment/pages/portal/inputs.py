"""The inputs of forms as data: what a page shows, and the JSON that the API gets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chassis.http.pages import Visit

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Input:
    """``name``: the API's, with dots for parts of parts. ``kind``: an input's type, ``lines`` or ``select``.

    ``words``: the list of words that a select offers.
    """

    name: str
    kind: str = "text"
    required: bool = True
    words: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    options: Options = ()

    def offering(self, options: Options, *, required: bool) -> "Input":
        """With a list to choose from; without one it stays as it is."""
        return replace(self, kind="select", options=options, required=required) if options else self


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownInput:
    """What `ui.inputs` of the shell needs of one."""

    name: str
    kind: str
    label: str
    value: str
    hint: str
    required: bool
    options: Options
    empty: str
    attributes: Mapping[str, Any]


def shown(inputs: Iterable[Input], visit: Visit, texts: Mapping[str, Any], stored: Any = None) -> list[ShownInput]:
    """With what was typed, else what is stored. ``texts``: labels, hints, and the words of lists."""
    return [
        ShownInput(
            name=one.name,
            kind=one.kind,
            label=texts["labels"][one.name],
            value=visit.value(one.name, str(at(stored, one.name) or "")) if one.kind != "password" else "",
            hint=texts["hints"].get(one.name, ""),
            required=one.required,
            options=one.options or list(texts.get(one.words, {}).items()),
            empty=texts["choose"],
            attributes=one.attributes,
        )
        for one in inputs
    ]


def typed(inputs: Iterable[Input], visit: Visit) -> dict[str, Any]:
    """The request's body. What may be left out and was left out is null."""
    body: dict[str, Any] = {}
    for one in inputs:
        *parts, last = one.name.split(".")
        inner = body
        for part in parts:
            inner = inner.setdefault(part, {})
        inner[last] = visit.value(one.name).replace("\r\n", "\n") or ("" if one.required else None)
    return body


def names(inputs: Iterable[Input]) -> set[str]:
    return {one.name for one in inputs}


def at(stored: Any, name: str) -> Any:
    """A part of what is stored, by its name with dots; None where there is none."""
    for part in name.split("."):
        if not isinstance(stored, Mapping):
            return None
        stored = stored.get(part)
    return stored
