"""The portal as data: where people sign in to it, and the pages that its navigation offers.

Each service owns the pages of what it owns. All of them are on one host, so the navigation is the same on every page.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from kontor_contracts.values import OrganizationKind

HOME_PATH = "/home"
OPEN_PATH = "/open"
"""Signs the browser in to the portal, or renews that, and leads back to a path of the same host."""
LEAVE_PATH = "/leave"
"""Takes the form that signs out."""
ACCESS_PATH = "/access"
"""Says which administrators can give access to a part of the portal."""
SECURITY_PATH = "/security"
SESSION_COOKIE = "kontor_portal"
"""Holds the access token. It opens pages alone: no endpoint of the API takes it."""
FORM_COOKIE = "kontor_form"
"""Holds the secret that the tokens of forms are made with."""
LANGUAGE_COOKIE = "kontor_language"
"""The language that the person chose on a page of the portal."""
RENEWED_COOKIE = "kontor_renewed"
"""Held for some seconds after a renewal, so that a token that does not hold leads round in no circle."""

PARTNERS: tuple[OrganizationKind, ...] = ("provider", "reseller")


@dataclass(frozen=True, slots=True)
class Entry:
    """``needs``: one of these permissions; none: everybody who is signed in. ``kinds``: of organizations; none: all."""

    path: str
    en: str
    de: str
    needs: tuple[str, ...] = ()
    kinds: tuple[OrganizationKind, ...] = ()


NAVIGATION: tuple[Entry, ...] = (
    Entry(HOME_PATH, "Home", "Start"),
    Entry("/customers", "Customers", "Kunden", ("customers:read",), PARTNERS),
    Entry("/providers", "Indirect providers", "Indirekte Anbieter", ("partnerships:read",), ("reseller",)),
    Entry("/resellers", "Indirect resellers", "Indirekte Handelspartner", ("partnerships:read",), ("provider",)),
    Entry("/my-resellers", "My resellers", "Meine Handelspartner", ("customers:read",), ("customer",)),
    Entry("/enrollment", "Enrollment", "Registrierung", ("enrollment:read",), PARTNERS),
    Entry("/reviews", "Reviews", "Prüfungen", ("enrollment:review",), ("operator",)),
    Entry("/agreements", "Agreement", "Vereinbarung", ("agreements:publish",), ("operator",)),
    Entry("/registry", "Membership registry", "Mitgliederverzeichnis", ("profiles:import",), ("operator",)),
    Entry("/users", "User management", "Benutzerverwaltung", ("users:read",)),
    Entry("/activity", "Activity log", "Aktivitätsprotokoll", ("audit:read",)),
    Entry("/profile", "My profile", "Mein Profil"),
    Entry(SECURITY_PATH, "Security", "Sicherheit"),
)
"""In the order in which pages show it. A new page that people look for by name has a line here."""


def open_address(path: str, **query: str) -> str:
    """The address that signs in to the portal and leads back to ``path``, a path of the same host."""
    return f"{OPEN_PATH}?{urlencode({'to': path, **query})}"


def entries_for(permissions: Collection[str], kind: str) -> Iterator[Entry]:
    """What the navigation offers to somebody with these permissions in an organization of this kind."""
    for entry in NAVIGATION:
        if entry.kinds and kind not in entry.kinds:
            continue
        if not entry.needs or any(permission in permissions for permission in entry.needs):
            yield entry
