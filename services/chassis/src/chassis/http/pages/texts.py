"""The texts of pages by language, from JSON files."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from chassis.http.language import LANGUAGES, Language

Texts = Mapping[Language, Mapping[str, Any]]


def page_texts(package: str, path: str) -> Texts:
    """The texts in the file ``path`` of a package.

    Raises ValueError where a language lacks a text that another has, and for names that templates cannot read.
    """
    texts: Texts = json.loads(files(package).joinpath(path).read_text(encoding="utf-8"))
    if missing := set(LANGUAGES) - texts.keys():
        raise ValueError(f"{package}/{path}: it has no texts in {', '.join(sorted(missing))}")
    named = {language: set(_names(texts[language])) for language in LANGUAGES}
    everywhere = set.union(*named.values())
    for language, names in named.items():
        if lacking := everywhere - names:
            raise ValueError(f"{package}/{path}: {language} lacks {', '.join(sorted(lacking))}")
    return texts


def fill(text: str, **values: object) -> str:
    """Put values into a text's ``{placeholders}``. The template escapes the result."""
    return text.format(**values)


def _names(texts: Mapping[str, Any], above: str = "") -> list[str]:
    names = []
    for name, value in texts.items():
        path = f"{above}{name}"
        if hasattr(dict, name):
            raise ValueError(f"{path} cannot be the name of a text: templates would find a method of dictionaries")
        names += _names(value, f"{path}.") if isinstance(value, dict) else [path]
    return names
