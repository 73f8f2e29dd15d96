"""Recognizes domains that look like those of large mail services: misspelled, or with letters of other scripts."""

import json
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise

ALIKE = str.maketrans({"i": "l", "j": "l"})
"""In many typefaces an ``i`` without its dot looks like an ``l``."""
ENDINGS = ("com", "de", "net")
"""Endings written without the dot: ``gmailcom``."""


class LookAlikes:
    """Judges the registered label of a domain, by the names and letters in ``data/lookalikes.json``."""

    def __init__(self) -> None:
        data = json.loads((files("enrollment") / "data" / "lookalikes.json").read_text(encoding="utf-8"))
        self._letters: dict[str, str] = data["letters"]
        self._names: frozenset[str] = frozenset(data["names"])
        self._alike = {name.translate(ALIKE) for name in self._names}
        self._fused = {f"{name}{ending}".translate(ALIKE) for name in self._names for ending in ENDINGS}
        keys = _neighbours(data["keys"])
        # Words that are also companies' names are left out.
        self._misspelled = {wrong for name in self._names for wrong in _slips(name, keys)} - set(data["own_companies"])

    def is_name(self, label: str) -> bool:
        """A large mail service's name under any ending."""
        return label.replace("-", "") in self._names

    def is_like_one(self, label: str) -> bool:
        plain = self._plain(_decoded(label))
        alike = plain.translate(ALIKE)
        return not self.is_name(label) and (alike in self._alike | self._fused or plain in self._misspelled)

    def _plain(self, text: str) -> str:
        """The text in the ASCII letters it looks like, without marks and hyphens."""
        bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
        for letters, looks_like in self._letters.items():
            bare = bare.replace(letters, looks_like)
        return bare.replace("-", "")


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _neighbours(rows: list[str]) -> dict[str, set[str]]:
    beside: dict[str, set[str]] = {}
    for row in rows:
        for left, right in pairwise(row):
            beside.setdefault(left, set()).add(right)
            beside.setdefault(right, set()).add(left)
    return beside


def _slips(name: str, beside: dict[str, set[str]]) -> Iterator[str]:
    """The misspellings of a name by one wrong key. The first letter stays: with another one it may be another word."""
    for at in range(1, len(name)):
        before, here, after = name[:at], name[at], name[at + 1 :]
        yield before + after
        yield before + here + here + after
        if after:
            yield before + after[0] + here + after[1:]
        for other in beside.get(here, ()):
            yield before + other + after
            if after:  # after the last letter it would turn some names into other words, such as a plural
                yield before + here + other + after
