"""What is wrong with a request, field by field, in the caller's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

from chassis.http.addresses import InvalidAddressError
from chassis.http.input.validation_texts import FORM, MAIL_ADDRESS, PATTERNS, RULES, TEXTS, Sentences
from chassis.http.language import Language

MOST_FAULTS = 20
"""Reported in one answer."""
LONGEST_FIELD = 200
"""Characters of a field's name that are repeated: the caller may have made it up."""

Found = Mapping[str, Any]


def faults(error: RequestValidationError, language: Language) -> list[dict[str, str]]:
    """The first faults, each with its field and a sentence."""
    return [
        {"field": _field(found, error.body), "message": _message(found, language)}
        for found in error.errors()[:MOST_FAULTS]
    ]


def _message(found: Found, language: Language) -> str:
    sentence = _sentences(found)[language]
    values = {name: _told(value, language) for name, value in (found.get("ctx") or {}).items()}
    try:
        return sentence.format_map(values)
    except KeyError:
        return FORM[language]


def _sentences(found: Found) -> Sentences:
    context: Mapping[str, Any] = found.get("ctx") or {}
    match found["type"]:
        case "string_pattern_mismatch":
            return PATTERNS.get(context.get("pattern", ""), FORM)
        case "value_error" if isinstance(context.get("error"), InvalidAddressError):
            return MAIL_ADDRESS
        case "value_error":
            return RULES.get(str(context.get("error", "")), FORM)
        case kind:
            return TEXTS.get(kind, FORM)


def _told(value: Any, language: Language) -> str:
    text = str(value)
    return text.replace(" or ", " oder ") if language == "de" else text


def _field(found: Found, body: Any) -> str:
    place: Sequence[Any] = found["loc"]
    if found["type"] == "json_invalid":
        return str(place[0])  # the rest is a position in the text
    tagged = place[0] == "body" and body is not None
    within = _without_tags(place[1:], body) if tagged else list(place[1:])
    return ".".join(map(str, within))[:LONGEST_FIELD] or str(place[0])


def _without_tags(path: Sequence[Any], body: Any) -> list[Any]:
    """The path without what pydantic adds for the members of a union: those are no fields of the body."""
    kept: list[Any] = []
    here = body
    for number, part in enumerate(path):
        last = number == len(path) - 1
        below = _below(here, part)
        if not last and not isinstance(below, dict | list):
            continue
        kept.append(part)
        here = below
    return kept


def _below(here: Any, part: Any) -> Any:
    if isinstance(here, dict):
        return here.get(part)
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return here[part]
    return None
