"""The language of an answer: the caller's by Accept-Language (RFC 9110, 12.5.4), of those that we have."""

from collections.abc import Sequence
from typing import Literal, get_args

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
        for language in LANGUAGES:
            if tag.strip().lower().partition("-")[0] == language and quality > best_quality:
                best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
