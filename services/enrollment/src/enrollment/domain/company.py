"""What a company must tell of itself: the rules for its name, and what is still missing.

Pure. The name rules are the program's own: names of this kind are what its verification turns down.
"""

import re

from enrollment.domain.state import Enrollment

# fmt: off
LEGAL_FORMS = frozenset({
    "ab", "ag", "and", "aps", "as", "asa", "bv", "bvba", "cie", "co", "company", "corp", "corporation", "doo", "ek",
    "eu", "eurl", "ev", "gbr", "gesmbh", "gmbh", "hf", "inc", "incorporated", "kft", "kg", "kgaa", "limited", "llc",
    "llp", "lp", "ltd", "ltda", "mbh", "nv", "oe", "og", "ohg", "oo", "ou", "oy", "oyj", "plc", "pty", "pvt", "rl",
    "sa", "sarl", "sas", "sca", "se", "sl", "sp", "spa", "sprl", "srl", "sro", "sà", "ug", "und", "vof", "z",
    "zoo",
})
# fmt: on
"""Words that name the form of a company and not the company, without their punctuation."""

FEWEST_CHARACTERS = 2


def company_name_fault(name: str) -> str | None:
    """Why this cannot be a company's name and what to write instead, or None."""
    told = "".join(character for character in name if character.isalnum())
    if not told:
        return "write the company's name as it is registered; it has letters or digits"
    if len(told) < FEWEST_CHARACTERS:
        return "write the company's whole name; one character is none"
    words = [re.sub(r"[\W_]", "", word).casefold() for word in re.split(r"[\s&+,/]+", name)]
    if all(word in LEGAL_FORMS for word in words if word):
        return f"write the name before the legal form; {name!r} is the legal form alone"
    return None


def missing(state: Enrollment) -> tuple[str, ...]:
    """The fields that are still needed before the enrollment can be submitted, in the order of the form."""
    needed: dict[str, object] = {
        "partner_id": state.partner_id,
        "company_name": state.company_name,
        "address": state.address,
        "registration_id": state.registration_id or not state.registration_id_mandatory,
        "primary_contact": state.primary_contact,
        "support_contact": state.support_contact,
    }
    return tuple(name for name, given in needed.items() if not given)
