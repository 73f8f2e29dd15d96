"""Which passwords are good enough: long, not guessable, not the last one. No rules about kinds of characters.

Passwords are compared and hashed in one Unicode form (NFKC), so that the same keys give the same password on every
system (NIST SP 800-63B).
"""

import re
import threading
import unicodedata
from dataclasses import dataclass

MIN_LENGTH = 12
MAX_LENGTH = 128
GOOD_ENOUGH = 3
"""Of 4: safe even where a stolen, well hashed password is guessed at (more than 10^8 guesses)."""

LOOKED_AT = 24
"""Characters that must be hard to guess by themselves. The estimate takes much longer for long texts, and it is asked
before anybody has signed in."""

LEET = frozenset("@({[<!|$+%")
"""Signs that the estimate tries to read as letters, in every combination: hostile texts keep it busy for seconds. Who
writes a word that way needs three of them at most; texts with more are random, and are judged with other signs instead."""

MOST_LEET = 3

ONE_ESTIMATE = threading.Lock()
"""The estimate keeps the owner's words in a place that all threads share: two at once would be judged by each other's."""

TELLING = 4
"""Words shorter than this are found in innocent passwords, too."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A closed code, and what to do about it."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose password it is to be: what others know of a user makes a poor password."""

    email: str
    full_name: str
    company: str


def normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def fault(password: str, owner: Owner, last: str | None = None) -> Fault | None:
    """What is wrong with the password, or None. Takes some milliseconds of processor time."""
    password = normal(password)
    if len(password) < MIN_LENGTH:
        return Fault("password-too-short", f"use at least {MIN_LENGTH} characters; several words do well")
    if len(password) > MAX_LENGTH:
        return Fault("password-too-long", f"use at most {MAX_LENGTH} characters")
    if last is not None and password == normal(last):
        return Fault("password-reused", "choose another password than the last one")
    if any(word in _letters(password) for word in _telling(owner)):
        return Fault("password-guessable", "leave out your name, the company's name and what stands before the @")
    if _score(password[:LOOKED_AT], owner) < GOOD_ENOUGH:
        return Fault("password-guessable", "this is easy to guess; some unrelated words in a row are not")
    return None


def _score(text: str, owner: Owner) -> int:
    """From 0, guessed at once, to 4."""
    # Its lists of words are 13 MB, and a process that only signs people in needs none; loading them takes no longer
    # than hashing the password.
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415

    with ONE_ESTIMATE:
        score: int = zxcvbn(_unleet(text), user_inputs=_words(owner))["score"]
    return score


def _unleet(text: str) -> str:
    signs = LEET & set(text)
    return text if len(signs) <= MOST_LEET else "".join("~" if sign in signs else sign for sign in text)


def _telling(owner: Owner) -> list[str]:
    known = (owner.email.partition("@")[0], owner.full_name, owner.company)
    return [word for word in map(_letters, known) if len(word) >= TELLING]


def _letters(text: str) -> str:
    return "".join(character for character in normal(text).casefold() if character.isalnum())


def _words(owner: Owner) -> list[str]:
    return re.findall(r"\w+", normal(f"{owner.email} {owner.full_name} {owner.company}").casefold())
