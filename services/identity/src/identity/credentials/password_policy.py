"""Password rules: long, not leaked, not guessable, not the last one. No rules about kinds of characters.

Passwords are compared and hashed in one Unicode form (NFKC), so that the same keys give the same password on every
system (NIST SP 800-63B).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from identity.credentials.password_strength import is_easy, is_leaked

MIN_LENGTH = 12
MAX_LENGTH = 128

TELLING = 4
"""Minimum length of a word about the user; shorter ones occur in good passwords by chance."""


FaultCode = Literal[
    "password-too-short", "password-too-long", "password-reused", "password-leaked", "password-guessable"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """``detail`` says what to do."""

    code: FaultCode
    detail: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The user who chooses the password. Publicly known facts about a user make weak passwords."""

    email: str
    full_name: str
    company: str


def normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def fault(password: str, owner: Owner, last: str | None = None) -> Fault | None:
    """What is wrong with the password, or None. Takes some tens of milliseconds of processor time."""
    password = normal(password)
    if len(password) < MIN_LENGTH:
        return Fault(
            "password-too-short", f"use at least {MIN_LENGTH} characters, for instance three or more unrelated words"
        )
    if len(password) > MAX_LENGTH:
        return Fault("password-too-long", f"use at most {MAX_LENGTH} characters")
    if last is not None and password == normal(last):
        return Fault("password-reused", "choose a password that differs from the last one")
    return _found_out(password, owner)


def _found_out(password: str, owner: Owner) -> Fault | None:
    if is_leaked(password):
        detail = "this password is on lists of leaked passwords; choose three or more unrelated words instead"
        return Fault("password-leaked", detail)
    if any(word in _letters(password) for word in _telling(owner)):
        return Fault(
            "password-guessable", "do not use your name, your company's name or the part of your address before the @"
        )
    if is_easy(password, _words(owner)):
        detail = (
            "this password is easy to guess, even with years and signs added; choose three or more unrelated words, "
            "or use a password manager"
        )
        return Fault("password-guessable", detail)
    return None


def _telling(owner: Owner) -> list[str]:
    known = (owner.email.partition("@")[0], owner.full_name, owner.company)
    return [word for word in map(_letters, known) if len(word) >= TELLING]


def _letters(text: str) -> str:
    return "".join(character for character in normal(text).casefold() if character.isalnum())


def _words(owner: Owner) -> list[str]:
    return re.findall(r"\w+", normal(f"{owner.email} {owner.full_name} {owner.company}").casefold())
