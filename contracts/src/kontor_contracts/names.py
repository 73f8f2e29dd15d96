"""What may stand in the name of a person or a company: it is shown in mails under our name, to people who trust us."""

import re
import unicodedata

LINK = re.compile(
    r"""
      [a-z][a-z0-9+.-]*://            # any scheme
    | \bmailto:
    | \bwww\.
    | [\w-]+\.[a-z]{2,}[/:?\#]        # a domain with more behind it
    | [^\s@]+@[\w-]+(\.[\w-]+)+      # a mail address
    """,
    re.IGNORECASE | re.VERBOSE,
)

DOMAIN_WITHIN = re.compile(r"\s[^\s.]*[\w-]{3,}\.([a-z]{2,}|[A-Z]{2,})\b(?!\.)")
"""A bare domain behind other words: mail programs make a link of it. At the beginning it is a company's name, such as
``Check24.de GmbH``; shorter parts are abbreviations, such as ``Co.KG``."""

INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Characters that show nothing and are not of a category that says so (Default_Ignorable_Code_Point, blank Braille)."""

HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
"""Categories of control, format (bidirectional, zero-width), private and unassigned characters, and ends of lines."""


def is_hidden(character: str) -> bool:
    return character in INVISIBLE or unicodedata.category(character) in HIDDEN


def plain_name(text: str) -> str:
    """The name as it is. ValueError where it holds a link, an invisible character, or no letter or digit."""
    if any(map(is_hidden, text)):
        raise ValueError("leave out invisible characters: control, text direction, zero width")
    compatible = unicodedata.normalize("NFKC", text)
    if LINK.search(compatible) or DOMAIN_WITHIN.search(compatible):
        raise ValueError("leave out links and mail addresses: give the name alone")
    if not any(character.isalnum() for character in text):
        raise ValueError("give a name with letters or digits")
    return text


LINK_IN_TEXT = re.compile(
    r"[a-z][a-z0-9+.-]*:// | \bwww\.\w | (?<![@\w.-])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d+)?[/?\#]\S",
    re.IGNORECASE | re.VERBOSE,
)
"""What mail programs make a link of. A mail address may stand in a text."""


def plain_text(text: str) -> str:
    """The text as it is, where it holds neither a link nor an invisible character but line ends and tabs. ValueError."""
    if any(is_hidden(character) for character in text if character not in "\r\n\t"):
        raise ValueError("leave out invisible characters: control, text direction, zero width")
    if LINK_IN_TEXT.search(unicodedata.normalize("NFKC", text)):
        raise ValueError("leave out links: the mail with this text goes out under our name")
    return text


def is_plain_name(text: str) -> bool:
    try:
        plain_name(text)
    except ValueError:
        return False
    return True


def is_plain_text(text: str) -> bool:
    try:
        plain_text(text)
    except ValueError:
        return False
    return True
