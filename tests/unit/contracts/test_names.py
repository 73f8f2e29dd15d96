"""Names of people and companies: what is shown in mails under our name holds no link and nothing invisible."""

import pytest
from pydantic import TypeAdapter, ValidationError

from kontor_contracts.names import is_plain_name, is_plain_text
from kontor_contracts.values import Name

GOOD = [
    "Müller & Söhne IT GmbH",
    "Müller GmbH & Co.KG",
    "Check24.de GmbH",
    "Booking.com B.V.",
    "Dr.med. Zoë Brown-O'Neill",
    "J.R.R. Tolkien",
    "Praxis Dr.Müller",
    "Kaufhaus St.Gallen",
    "株式会社サンプル",
    "شركة المثال",
    "3M Deutschland",
    "A/S Norden, c/o Berg",
]
BAD = [
    "URGENT: pay at https://evil.example/pay",
    "HTTPS://EVIL.EXAMPLE",
    "hxxp://evil.example",
    "Pay at www.evil.example",
    "evil.example/pay",
    "evil.example:8080",
    "Pay at evil-bank.com now",
    "Pay at EVIL.COM",
    "Write to boss@evil.example",
    "mailto:boss",
    "Pay at \uff45\uff56\uff49\uff4c\uff0e\uff43\uff4f\uff4d",
    "Müller\u202eHbmG",
    "Mül\u200bler",
    "Mül\u2060ler",
    "Müller\ufeff",
    "Mül\u00adler",
    "Müller\u0007",
    "Müller\u2028GmbH",
    "Müller \u3164",
    "Müller \u2066GmbH\u2069",
    "…",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_name_of_a_person_or_a_company_is_taken_as_it_is(text: str) -> None:
    assert TypeAdapter(Name).validate_python(text) == text


@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_a_name_with_a_link_or_hidden_characters_is_refused(text: str) -> None:
    assert not is_plain_name(text)
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wir wechseln zu Check24.de.\n\n\tDanke, z.B. für 3/4 der Zeit.",
        "Write to boss@example.org or call 24/7: okay?",
        "Ende.Danke? Wo/wie: Dr.Süß",
    ],
)
def test_a_reason_in_a_persons_words_is_plain(text: str) -> None:
    assert is_plain_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "Log in at https://evil.example/",
        "www.evil.example",
        "evil.example/pay",
        "evil.example:8080/pay",
        "\uff48ttps://evil.example",
        "abc\u202edef",
        "a\u200bb",
        "a\x00b",
    ],
)
def test_a_text_holds_no_link_and_nothing_invisible(text: str) -> None:
    assert not is_plain_text(text)
