"""The text that an inviter writes: what is cleaned in it, and what is refused.

The mail goes out under Kontor's name or is shown as Kontor's draft, so the link in it must be ours, visible, and there once.
"""

import re
import unicodedata
from collections.abc import Collection

from kontor_contracts.addresses import domain_key
from kontor_contracts.names import HIDDEN, INVISIBLE
from relationships.domain.invitation.state import LINK, Mail
from relationships.domain.refusals import Reason

KEPT = {"\n", "\t"}
VISIBLE = re.compile(r"(?<![^\s(<\"'„»«:])\{link\}(?![^\s)>\"'“«».,;:!?])")
"""Nothing is glued to the link: a mail program would take it for a part of the address."""
ADDRESS = re.compile(
    r"""
      (?: [a-z][a-z0-9+.-]*://  | \bwww\. ) (?P<host>[^\s/?\#\\]*)   # with a scheme, or as browsers guess it
    | (?<![@\w.-]) (?P<bare>[\w-]+(?:\.[\w-]+)*\.(?:xn--[a-z0-9-]+|[^\W\d_]{2,})) (?::\d+)? [/?\#] \S   # a domain with a path
    """,
    re.IGNORECASE | re.VERBOSE,
)
BLANK_LINES = re.compile(r"\n{4,}")


def cleaned(mail: Mail) -> Mail:
    """Without invisible characters, spaces at the ends of lines, and more than two empty lines in a row."""
    body = _plain(mail.body.replace("\r\n", "\n").replace("\r", "\n"))
    lines = "\n".join(line.rstrip() for line in body.split("\n"))
    return Mail(_plain(mail.subject).strip(), BLANK_LINES.sub("\n\n\n", lines).lstrip("\n"))


def fault(mail: Mail, own_domains: Collection[str]) -> Reason | None:
    """Why a cleaned mail cannot be sent. Links to the partners' ``own_domains`` may stand in it, beside the personal one."""
    if LINK in mail.subject or mail.body.count(LINK) > 1:
        return "link-repeated"
    if LINK not in mail.body:
        return "link-missing"
    if not VISIBLE.search(mail.body):
        return "link-hidden"
    return "link-foreign" if any(_foreign(text, own_domains) for text in (mail.subject, mail.body)) else None


def _foreign(text: str, own_domains: Collection[str]) -> bool:
    for found in ADDRESS.finditer(unicodedata.normalize("NFKC", text)):
        # Before an @ stand a user and a password, which may look like a domain of ours.
        host = domain_key((found["host"] or found["bare"] or "").rpartition("@")[2].partition(":")[0])
        if not any(host == own or host.endswith(f".{own}") for own in own_domains):
            return True
    return False


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return "".join(each for each in composed if each in KEPT or not _hidden(each))


def _hidden(character: str) -> bool:
    return character in INVISIBLE or unicodedata.category(character) in HIDDEN
