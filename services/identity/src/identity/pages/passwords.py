"""Passwords in the forms of pages: what was typed, and what is wrong with it."""

from collections.abc import Mapping

from chassis import Language
from chassis.http.pages import page_texts

LONGEST_PASSWORD = 1024


def typed_password(fields: Mapping[str, str], name: str) -> str:
    """The password in this field. One that is too long for any password counts as empty."""
    typed = fields.get(name, "")
    return typed if len(typed) <= LONGEST_PASSWORD else ""


def password_faults() -> Mapping[Language, Mapping[str, str]]:
    """What is wrong with a password, by language and code of the fault."""
    return page_texts("identity", "pages/passwords.json")
