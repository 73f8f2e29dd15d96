"""The words that several of these pages use: statuses, steps, reasons, fields."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis import Language
from chassis.http.pages import page_texts

NOTHING = "-"
WORDS = page_texts("enrollment", "pages/portal/words.json")


def word(language: Language, group: str, name: str | None) -> str:
    """The word for a name; the name itself where there is none yet."""
    known: Mapping[str, Any] = WORDS[language][group]
    return str(known.get(name or "", name or ""))


def words_of(language: Language, group: str, names: Iterable[str]) -> str:
    return ", ".join(word(language, group, name) for name in names)


def address_lines(address: Mapping[str, Any] | None) -> str:
    """In one line."""
    if not address:
        return ""
    city = " ".join(part for part in (address["postal_code"], address["city"]) if part)
    return ", ".join(part for part in (address["line1"], address.get("line2"), city, address.get("state")) if part)


def contact_line(contact: Mapping[str, Any] | None) -> str:
    if not contact:
        return ""
    return ", ".join(
        part for part in (contact.get("name"), contact["email"], contact["phone"], contact.get("website")) if part
    )


def facts(enrollment: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """What the enrollment holds about the company, for `ui.summary`."""
    postponed = WORDS[language]["postponed"] if enrollment["partner_id_postponed"] else ""
    given = {
        "partner_id": enrollment["partner_id"] or postponed,
        "company_name": enrollment["company_name"],
        "country": enrollment["country"],
        "address": address_lines(enrollment["address"]),
        "registration_id": enrollment["registration_id"],
        "primary_contact": contact_line(enrollment["primary_contact"]),
        "support_contact": contact_line(enrollment["support_contact"]),
    }
    return [(word(language, "fields", name), value or NOTHING) for name, value in given.items()]
