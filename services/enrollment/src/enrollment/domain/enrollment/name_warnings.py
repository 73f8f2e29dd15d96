"""Warnings about a company's name, for the reviewer. A warning never blocks: a person looks at the name.

Some are about the name alone, the others about the name in the membership registry. Names that no company has are refused
(`company.company_name_fault`).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal

from enrollment.domain.enrollment.company import LEGAL_FORMS, words_of
from enrollment.domain.enrollment.state import Enrollment

NameWarning = Literal[
    "domain-ending",
    "repeated-character",
    "spaced-characters",
    "legal-form-differs",
    "similar-to-registry",
    "differs-from-registry",
]
Likeness = Literal["same", "legal-form-differs", "similar", "other"]

ENDINGS = "app|biz|cloud|com|dev|edu|info|net|online|org|shop|site|store|tech|xyz"
DOMAIN = re.compile(rf"[^\W_][\w-]*\.(?P<ending>{ENDINGS}|[a-z]{{2}})$")
"""The last word of the name as a domain: two letters after the dot are a country."""
REPEATED = re.compile(r"([^\d\s])\1\1")
ROMAN = re.compile(r"[ivxlcm]+")
SPACED = re.compile(r"(?:^|\s)\w(?:\s+\w){2,}(?=\s|$)")
JOINING = frozenset({"and", "und", "et", "y", "e"})
SAME_FORMS = {
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "cie": "co",
    "limited": "ltd",
    "gesmbh": "gmbh",
    "mbh": "gmbh",
    "ltda": "ltd",
}
TRANSCRIBED = (("ae", "a"), ("oe", "o"), ("ue", "u"))
ALIKE = 0.85
"""From this ratio of common characters on, two names are similar."""


def name_warnings(state: Enrollment) -> tuple[NameWarning, ...]:
    """All warnings about the name of an enrollment."""
    if state.company_name is None:
        return ()
    return (*of_name(state.company_name), *of_registry(state.company_name, state.dossier.registry_name))


def of_name(name: str) -> tuple[NameWarning, ...]:
    found: dict[NameWarning, bool] = {
        "domain-ending": _ends_as_domain(name),
        "repeated-character": any(REPEATED.search(word) and not ROMAN.fullmatch(word) for word in _words(name)),
        "spaced-characters": SPACED.search(name) is not None,
    }
    return tuple(warning for warning, holds in found.items() if holds)


def of_registry(name: str, registered: str | None) -> tuple[NameWarning, ...]:
    """``registered`` None: no partner id is linked."""
    if registered is None:
        return ()
    match likeness(name, registered):
        case "same":
            return ()
        case "legal-form-differs":
            return ("legal-form-differs",)
        case "similar":
            return ("similar-to-registry",)
        case "other":
            return ("differs-from-registry",)


def likeness(one: str, other: str) -> Likeness:
    """How much two names of companies are alike, without case, punctuation and spaces."""
    if words_of(one) == words_of(other):
        return "same" if _legal_forms(one) == _legal_forms(other) else "legal-form-differs"
    first, second = skeleton(one), skeleton(other)
    return "similar" if first == second or SequenceMatcher(None, first, second).ratio() >= ALIKE else "other"


def alike_names(name: str, others: Iterable[str]) -> Iterator[str]:
    """Those of the ``others`` that are the same name or a similar one. Made for long lists."""
    matcher = SequenceMatcher(None)
    matcher.set_seq2(skeleton(name))
    for other in others:
        matcher.set_seq1(skeleton(other))
        # Each of them is an upper bound of the next one, and much cheaper.
        if all(ratio() >= ALIKE for ratio in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)):
            yield other


def skeleton(name: str) -> str:
    """What two spellings of one name have in common: no legal form, accents, transcribed umlauts or doubled letters."""
    text = "".join(word for word in words_of(name) if word not in JOINING) or "".join(_words(name))
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", text.replace("ß", "ss")) if not unicodedata.combining(one)
    )
    for written, letter in TRANSCRIBED:
        plain = plain.replace(written, letter)
    return re.sub(r"(.)\1+", r"\1", plain)


def _ends_as_domain(name: str) -> bool:
    """``Nord.ag`` ends with a legal form."""
    found = DOMAIN.search(name.strip().casefold())
    return found is not None and found["ending"] not in LEGAL_FORMS


def _legal_forms(name: str) -> frozenset[str]:
    words = {re.sub(r"[\W_]", "", word) for word in _words(name)} & LEGAL_FORMS
    return frozenset(SAME_FORMS.get(word, word) for word in words - JOINING)


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s&+,/]+", name.casefold()) if word]
