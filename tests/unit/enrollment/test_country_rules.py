"""What each country asks of an address, a phone number and a registration id."""

from importlib import import_module
from typing import Any

import pytest

from enrollment.api.forms import ProfileForm
from enrollment.api.profile_rules import profile_faults
from enrollment.country_rules import REGISTRATION_IDS, phone_faults, rules_of
from kontor_contracts.markets import markets


def form(postal_code: str | None = None, state: str | None = None, **changes: Any) -> ProfileForm:
    address = {"line1": "Nordstraße 12", "city": "Köln", "postal_code": postal_code, "state": state}
    return ProfileForm.model_validate({"company_name": "Müller IT GmbH", "address": address} | changes)


def fields(country: str, *given: Any, **changes: Any) -> list[str]:
    return [fault.field for fault in profile_faults(form(*given, **changes), country)]


@pytest.mark.parametrize(
    ("country", "postal_code", "state"),
    [
        ("DE", "50667", None),
        ("AT", "1010", None),
        ("GB", "SW1A 1AA", None),
        ("NL", "1234 AB", None),
        ("NL", "1234ab", None),
        ("PL", "00-950", None),
        ("IE", None, None),
        ("AE", None, "Dubai"),
        ("HK", None, "Kowloon"),
        ("US", "95014", "CA"),
        ("US", "95014", "california"),
        ("BR", "01310-100", "SP"),
        ("JP", "100-0001", "Tokyo"),
    ],
)
def test_an_address_as_its_country_writes_it_is_fine(country: str, postal_code: str | None, state: str | None) -> None:
    assert fields(country, postal_code, state) == []


@pytest.mark.parametrize(
    ("country", "postal_code", "state", "field"),
    [
        ("DE", "5066", None, "address.postal_code"),
        ("DE", None, None, "address.postal_code"),
        ("AT", "50667", None, "address.postal_code"),
        ("PL", "00950X", None, "address.postal_code"),
        ("GB", "12345", None, "address.postal_code"),
        ("US", "95014", "Bavaria", "address.state"),
        ("US", "95014", None, "address.state"),
        ("CA", "K1A 0B1", "XX", "address.state"),
    ],
)
def test_an_address_of_another_form_is_refused(country: str, postal_code: str, state: str | None, field: str) -> None:
    assert fields(country, postal_code, state) == [field]


@pytest.mark.parametrize(
    ("country", "good", "bad"),
    [
        ("BR", "16.727.230/0001-97", "16.727.230/0001-98"),
        ("PL", "8567346215", "8567346216"),
        ("IN", "27AAPFU0939F1ZV", "27AAPFU0939F1Z0"),
        ("FR", "552 008 443", "552 008 442"),
        ("CH", "CHE-107.787.577", "CHE-107.787.578"),
        ("NO", "988 077 917", "988 077 918"),
        ("HU", "12892312", "12892313"),
    ],
)
def test_a_registration_id_is_checked_where_there_is_a_rule(country: str, good: str, bad: str) -> None:
    assert "registration_id" not in fields(country, registration_id=good)
    assert "registration_id" in fields(country, registration_id=bad)


def test_a_registration_id_is_free_where_there_is_none() -> None:
    assert fields("DE", "50667", registration_id="HRB 12345") == []
    assert fields("GB", "SW1A 1AA", registration_id="SC123456") == []


@pytest.mark.parametrize("module", [name for names in REGISTRATION_IDS.values() for name in names])
def test_every_rule_of_a_registration_id_is_there(module: str) -> None:
    assert import_module(f"stdnum.{module}").is_valid("no number") is False


def test_all_faults_of_a_profile_come_at_once_in_two_languages() -> None:
    wrong = form("X1", "Mars", company_name="GmbH", registration_id="12345")
    found = profile_faults(wrong, "BR")
    assert [fault.field for fault in found] == [
        "company_name",
        "address.postal_code",
        "address.state",
        "registration_id",
    ]
    assert all(fault.en.endswith(".") and fault.de.endswith(".") and fault.en != fault.de for fault in found)
    assert "CNPJ" in found[-1].en and "CNPJ" in found[-1].de


@pytest.mark.parametrize(
    ("country", "phone"), [("DE", "0221 1234567"), ("DE", "+43 1 5125771"), ("US", "650-253-0000")]
)
def test_a_phone_number_of_the_country_or_with_a_plus_is_fine(country: str, phone: str) -> None:
    assert phone_faults(phone, country) == []


@pytest.mark.parametrize("phone", ["1", "+999 123456", "+49 1", "0000000000000000000"])
def test_a_phone_number_that_cannot_be_is_refused(phone: str) -> None:
    (fault,) = phone_faults(phone, "DE")
    assert fault.field == "phone" and "+49" in fault.en and "+49" in fault.de


@pytest.mark.parametrize("country", sorted(markets().regions))
def test_every_market_has_rules_that_its_own_example_fulfils(country: str) -> None:
    rules = rules_of(country)
    code, state = rules.postal_code_example, rules.states[0][0] if rules.states else None
    assert not (rules.postal_code_needed and code is None)
    assert [f for f in fields(country, code, state) if f.startswith("address")] == []
