"""The words that several of these pages use: roles, statuses, languages."""

from collections.abc import Sequence

from chassis import Language
from chassis.http.pages import page_texts

WORDS = page_texts("identity", "pages/portal/words.json")
LANGUAGES = (("de", "Deutsch"), ("en", "English"))


def role_names(roles: Sequence[str], language: Language) -> str:
    known = WORDS[language]["roles"]
    return ", ".join(known[role][0] if role in known else role for role in roles)


def cultures(present: str = "") -> Sequence[tuple[str, str]]:
    """The languages to choose from, with the present one where it names a country as well."""
    own = [] if present in {"", "de", "en"} else [(present, present)]
    return [*own, *LANGUAGES]
