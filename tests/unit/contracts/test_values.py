"""What must never reach a mail header, a log line or a topic key is refused where the message is made."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from kontor_contracts.values import (
    Country,
    Culture,
    Email,
    Id,
    Line,
    Moment,
    PartnerId,
    Recipient,
    Sealed,
    Text,
)

CONTROL = [chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))]
LINE_ENDS = ["\r\n", "\u2028", "\u2029"]
in_the_middle = pytest.mark.parametrize("character", [*CONTROL, *LINE_ENDS], ids=ascii)


def accepts(value_type: Any, value: object) -> bool:
    try:
        TypeAdapter(value_type).validate_python(value)
    except ValidationError:
        return False
    return True


VALID = {
    "line": (Line, "Müller & Söhne"),
    "id": (Id, "user:0e22dbb9"),
    "email": (Email, "juergen@mueller.example"),
    "sealed": (Sealed, "eyJhbGciOiJFQ0RILUVTIn0..a.b.c"),
    "country": (Country, "DE"),
    "culture": (Culture, "de-DE"),
    "partner id": (PartnerId, "4710815"),
}


@in_the_middle
@pytest.mark.parametrize(("value_type", "valid"), VALID.values(), ids=VALID)
def test_control_characters_and_line_ends_are_refused(value_type: Any, valid: str, character: str) -> None:
    assert accepts(value_type, valid)
    assert not accepts(value_type, f"{valid[0]}{character}{valid[1:]}")
    if value_type is not Line:
        assert not accepts(value_type, f"{valid}{character}")


@in_the_middle
def test_a_recipient_cannot_carry_a_second_header(character: str) -> None:
    injected = f"Jürgen{character}Bcc: all@mueller.example"
    with pytest.raises(ValidationError):
        Recipient(name=injected, email="juergen@mueller.example")
    with pytest.raises(ValidationError):
        Recipient(name="Jürgen", email=f"juergen@mueller.example{character}Bcc: all@mueller.example")
    with pytest.raises(ValidationError):
        Recipient(name="Jürgen", email="juergen@mueller.example", culture=f"de{character}")


def test_a_line_that_python_would_split_is_no_line() -> None:
    # Mail libraries split header values like this, whatever the standards say about U+0085.
    for code in range(0x11000):
        character = chr(code)
        if len(f"a{character}b".splitlines()) > 1:
            assert not accepts(Line, f"a{character}b"), hex(code)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", " ", "\t"], ids=ascii)
def test_space_around_a_line_is_taken_off(end: str) -> None:
    assert TypeAdapter(Line).validate_python(f"{end}Müller & Söhne GmbH{end}") == "Müller & Söhne GmbH"


@pytest.mark.parametrize("value", ["Müller & Söhne GmbH", "O'Connor, Siân", "株式会社", "Żabka <3", "🙂"])
def test_names_of_the_world_are_lines(value: str) -> None:
    assert accepts(Line, value)


@pytest.mark.parametrize("value", ["", " ", "\n", "x" * 201])
def test_a_line_has_one_to_two_hundred_characters(value: str) -> None:
    assert not accepts(Line, value)


def test_a_text_has_lines_and_no_other_control_characters() -> None:
    assert accepts(Text, "Guten Tag,\r\n\tbitte {link}\n")
    for character in set(CONTROL[:33]) - {"\t", "\n", "\r"}:
        assert not accepts(Text, f"a{character}b"), ascii(character)


@pytest.mark.parametrize("value", ["", "a b", "a/b", "ä", "a\n", "$where", "x" * 129])
def test_an_id_is_short_ascii_without_what_means_something_elsewhere(value: str) -> None:
    assert not accepts(Id, value)


@pytest.mark.parametrize("value", ["a@b.de", "jürgen@müller.example", "o'connor+tag@x.example"])
def test_addresses_of_the_world_are_addresses(value: str) -> None:
    assert accepts(Email, value)


@pytest.mark.parametrize(
    "value", ["a", "@b", "a@", "a@b@c", "a b@c", "<a@b>", "a@b,c@d", "a@b;c@d", "x" * 250 + "@b.de"]
)
def test_one_address_only(value: str) -> None:
    assert not accepts(Email, value)


@pytest.mark.parametrize("value", ["de", "DEU", "D1", "\uff24\uff25"])
def test_a_country_is_two_capitals(value: str) -> None:
    assert not accepts(Country, value)


@pytest.mark.parametrize("value", ["DE", "de_DE", "de-de", "deu", "../de"])
def test_a_culture_is_no_path_and_no_locale_name(value: str) -> None:
    assert not accepts(Culture, value)


@pytest.mark.parametrize("value", ["123", "1" * 13, "12a4", "\uff11\uff12\uff13\uff14", "-1234"])
def test_a_partner_id_is_digits(value: str) -> None:
    assert not accepts(PartnerId, value)


def test_values_are_frozen() -> None:
    somebody = Recipient(name="Zoë", email="zoe@mueller.example")
    with pytest.raises(ValidationError):
        somebody.name = "Eve"  # type: ignore[misc]


@pytest.mark.parametrize(
    "value", ["2026-11-02", "2026-11-02T08:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"]
)
def test_a_moment_has_an_offset_and_exists_in_utc(value: str) -> None:
    assert not accepts(Moment, value)


def test_a_moment_in_any_offset_will_do() -> None:
    assert accepts(Moment, "2026-11-02T08:00:00+14:00")
