"""Questions about a company's data: the rules for its name, and the missing fields.

The name rules are the program's own: its verification rejects such names.
"""

import re

from enrollment.domain.enrollment.state import Enrollment

# fmt: off
LEGAL_FORMS = frozenset({
    "ab", "ag", "and", "aps", "as", "asa", "bv", "bvba", "cie", "co", "company", "corp", "corporation", "doo", "ek",
    "eu", "eurl", "ev", "gbr", "gesmbh", "gmbh", "hf", "inc", "incorporated", "kft", "kg", "kgaa", "limited", "llc",
    "llp", "lp", "ltd", "ltda", "mbh", "nv", "oe", "og", "ohg", "oo", "ou", "oy", "oyj", "plc", "pty", "pvt", "rl",
    "sa", "sarl", "sas", "sca", "se", "sl", "sp", "spa", "sprl", "srl", "sro", "sà", "ug", "und", "vof", "z",
    "zoo",
})
# fmt: on
"""Words for the legal form of a company, without punctuation."""

FEWEST_CHARACTERS = 2


def company_name_fault(name: str) -> str | None:
    """Why this is not a valid company name and what to write instead, or None."""
    characters = "".join(character for character in name if character.isalnum())
    if not characters:
        return "write the company's registered name; it must have letters or digits"
    if len(characters) < FEWEST_CHARACTERS:
        return "write the company's whole name; one character is too short"
    words = [re.sub(r"[\W_]", "", word).casefold() for word in re.split(r"[\s&+,/]+", name)]
    if all(word in LEGAL_FORMS for word in words if word):
        return f"write the name before the legal form; {name!r} is the legal form alone"
    return None


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, punctuation, spaces and the legal form."""
    return words_of(one) == words_of(other)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, without punctuation and the legal form."""
    words = [re.sub(r"[\W_]", "", word).casefold() for word in re.split(r"[\s&+,/-]+", name)]
    return tuple(word for word in words if word and word not in LEGAL_FORMS)


def missing(state: Enrollment) -> tuple[str, ...]:
    """The fields that are still needed before the enrollment can be submitted, in the order of the form."""
    needed: dict[str, object] = {
        "partner_id": state.partner_id or state.partner_id_postponed,
        "company_name": state.company_name,
        "address": state.address,
        "registration_id": state.registration_id or not state.registration_id_mandatory,
        "primary_contact": state.primary_contact,
        "support_contact": state.support_contact,
    }
    return tuple(name for name, given in needed.items() if not given)
