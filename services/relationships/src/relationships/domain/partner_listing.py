"""Where a partner stands in the list of the program's staff: one key for each filter, in the order of the names (ADR 30)."""

from kontor_contracts.values import Program
from relationships.domain.listing_words import LONGEST_NAME, WORD_START, search_words, sort_form
from relationships.domain.partner import Standing, State

EVERYBODY = "partners"


def standing_key(standing: Standing) -> str:
    return f"{EVERYBODY}|standing={standing}"


def program_key(program: Program) -> str:
    return f"{EVERYBODY}|program={program}"


def word_key(word: str) -> str:
    """Of a word of the name, or of the partner id: its first letters."""
    return f"{EVERYBODY}|word={word[:WORD_START]}"


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text."""
    company = state.company
    if company is None:
        return None
    partner = company.partner
    words = search_words(f"{partner.name} {partner.partner_id}")
    found = (EVERYBODY, standing_key(company.standing), program_key(partner.program))
    starts = (word_key(word[:length]) for word in words for length in range(1, WORD_START + 1))
    order = f"{sort_form(partner.name)[:LONGEST_NAME]}\t{partner.organization_id}"
    return tuple(dict.fromkeys((*found, *starts))), order, " ".join(words)
