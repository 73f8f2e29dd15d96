"""When two spellings of a mail address, or of its domain, mean the same. Needs the extra ``kontor-contracts[addresses]``.

A key is for comparing and for unique indexes. Show people, and write to, the address as it was given.
"""

import unicodedata

import idna


def address_key(email: str) -> str:
    """The local part in lower case and the domain's key. Total: a text that is no address has a key, too."""
    local, at, domain = email.strip().rpartition("@")
    return f"{_lower(local)}{at}{domain_key(domain)}"


def domain_key(domain: str) -> str:
    """The domain's A-label by IDNA 2008 in lower case (RFC 5891, mapped by UTS 46 without its transitional rules).

    ``straße.example`` and ``strasse.example`` are two domains and have two keys. A domain without an A-label is its own
    key in lower case.
    """
    name = domain.strip()
    while name.endswith("."):
        name = name.rstrip(".").rstrip()
    if name.isascii() and "xn--" not in (lower := name.lower()):
        return lower
    try:
        return idna.encode(name, uts46=True).decode().rstrip(".").lower()
    except UnicodeError:  # what IDNAError is
        return _lower(name)


def mail_domain(email: str) -> str:
    """The key of the address's domain."""
    return domain_key(email.rpartition("@")[2])


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
