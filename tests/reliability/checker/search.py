"""Searching for many texts in many others, in one pass over each."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import quote, quote_plus

Format = Literal["Q", "I"]
WORDS: dict[Format, int] = {"Q": 8, "I": 4}
"""Sizes of words in bytes, by their format; the longest that fits is used."""


class Search:
    """Finds any of these texts, also URL-encoded or JSON-escaped. Empty ones are left out.

    A text of at least 2n - 1 bytes holds, wherever it stands, one whole n-byte word of what it stands in. So it is enough to
    look at every n-th place, and to look closer where a word is one of a text's.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._words: dict[Format, defaultdict[int, set[tuple[str, bytes]]]] = {f: defaultdict(set) for f in WORDS}
        self._short: set[tuple[str, bytes]] = set()
        for text in set(texts) - {""}:
            for form in forms(text):
                self._learn(text, form)

    def _learn(self, text: str, form: bytes) -> None:
        for format, size in WORDS.items():
            if len(form) >= 2 * size - 1:
                for start in range(size):
                    word = int.from_bytes(form[start : start + size], sys.byteorder)
                    self._words[format][word].add((text, form))
                return
        self._short.add((text, form))

    def find(self, place: bytes) -> set[str]:
        """Those that stand there."""
        return {text for text, form in self._candidates(place) if form in place}

    def _candidates(self, place: bytes) -> Iterator[tuple[str, bytes]]:
        yield from self._short
        for format, size in WORDS.items():
            if known := self._words[format]:
                whole = memoryview(place)[: len(place) - len(place) % size].cast(format)
                for word in known.keys() & set(whole):
                    yield from known[word]


def forms(text: str) -> set[bytes]:
    """As it is, in URLs, and in JSON with and without what is not ASCII."""
    escaped = [json.dumps(text, ensure_ascii=ascii)[1:-1] for ascii in (True, False)]
    quoted = [quote(text), quote(text, safe=""), quote_plus(text)]
    return {form.encode(errors="replace") for form in (text, *escaped, *quoted, *map(_lower_escapes, quoted))}


def _lower_escapes(quoted: str) -> str:
    head, *tail = quoted.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in tail)])
