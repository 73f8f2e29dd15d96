"""The language of an answer or a page, by the Accept-Language header (RFC 9110, 12.5.4)."""

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from fastapi import Depends, Header

Language = Literal["en", "de"]
LANGUAGES: Sequence[Language] = get_args(Language)
DEFAULT: Language = "en"
MOST_RANGES = 20
"""Of one header that are looked at."""


def preferred_language(accept_language: str) -> Language:
    """English where the header names none of ours, or is malformed."""
    best, best_quality = DEFAULT, 0.0
    for part in accept_language.split(",", MOST_RANGES)[:MOST_RANGES]:
        tag, _, parameters = part.strip().partition(";")
        quality = _quality(parameters)
        if (language := _known(tag)) is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def _answers(accept_language: Annotated[str, Header(include_in_schema=False)] = "") -> Language:
    return preferred_language(accept_language)


AnswerLanguage = Annotated[Language, Depends(_answers)]
"""Of an endpoint whose answer has sentences in it."""


def language_of(culture: str) -> Language:
    """The one of our languages that a culture such as ``de-AT`` speaks; English where there is none."""
    return _known(culture) or DEFAULT


def page_language(asked: str | None, accept_language: str | None) -> Language:
    """The language of a page: what its link asks for, else the browser's, else English."""
    return _known(asked or "") or preferred_language(accept_language or "")


def _known(tag: str) -> Language | None:
    code = tag.strip().lower().partition("-")[0]
    return next((language for language in LANGUAGES if language == code), None)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
