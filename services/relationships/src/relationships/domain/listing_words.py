"""How names are compared in lists: the words that searches find, and the order."""

import re
import unicodedata
from datetime import UTC, datetime

WORD_START = 3
"""Letters of a word by which the index finds it."""
LONGEST_NAME = 60
"""Of the name, in the order: it travels in cursors."""


def search_words(text: str) -> tuple[str, ...]:
    """The words of a text as searches compare them: without case and accents."""
    return tuple(dict.fromkeys(re.findall(r"\w+", sort_form(text))))


def sort_form(text: str) -> str:
    """Sorts Ä with A and ß with ss, in either case."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def date_form(moment: datetime, id: str) -> str:
    """Sorts by the moment; the id makes it unique."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}\t{id}"
