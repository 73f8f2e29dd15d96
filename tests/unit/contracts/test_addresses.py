"""One address has one key, however it is spelled, and two addresses have two."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.http.addresses import InvalidAddressError, mail_address
from kontor_contracts.addresses import address_key, domain_key, mail_domain

ONE_ADDRESS = [
    ("Anna@Firma.EXAMPLE", "anna@firma.example"),
    ("  anna@firma.example ", "anna@firma.example"),
    ("anna@straße.example", "anna@xn--strae-oqa.example"),
    ("anna@STRAßE.example", "anna@XN--STRAE-OQA.example"),
    ("anna@müller.example", "anna@xn--mller-kva.example"),
    ("anna@mu\u0308ller.example", "anna@MÜLLER.example"),
    ("anna@\uff46\uff49\uff52\uff4d\uff41.example", "anna@firma.example"),
    ("anna@firma\u3002example", "anna@firma.example"),
    ("anna@firma.example.", "anna@firma.example"),
    ("anna@\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2.example", "anna@xn--kxa6ajbbmh.example"),
]
TWO_ADDRESSES = [
    ("anna@straße.example", "anna@strasse.example"),
    ("anna@faß.example", "anna@fass.example"),
    ("anna@\u03c3\u03c2.example", "anna@\u03c3\u03c3.example"),
    ("anna@müller.example", "anna@mueller.example"),
    ("weiß@firma.example", "weiss@firma.example"),
    ("a.nna@firma.example", "anna@firma.example"),
    ("anna+x@firma.example", "anna@firma.example"),
]


@pytest.mark.parametrize(("one", "other"), ONE_ADDRESS)
def test_two_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(("one", "other"), TWO_ADDRESSES)
def test_two_addresses_have_two_keys(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


def test_a_key_is_ascii_where_the_domain_has_an_a_label() -> None:
    assert address_key("Anna@Straße.Example") == "anna@xn--strae-oqa.example"
    assert mail_domain("Anna@Straße.Example") == "xn--strae-oqa.example"


@given(st.text(max_size=320))
@example("0 .")
@example("a@b . .")
def test_every_text_has_a_key_that_is_its_own_key(text: str) -> None:
    key = address_key(text)
    assert address_key(key) == key


@pytest.mark.parametrize(
    "domain", ["", ".", "xn--", "xn--a", "a" * 300, "☃.net", "foo_bar.example", "-x.example", "ex..ample"]
)
def test_a_domain_without_an_a_label_is_its_own_key(domain: str) -> None:
    assert domain_key(domain.upper()) == domain_key(domain)


@pytest.mark.parametrize(("one", "other"), ONE_ADDRESS)
def test_an_address_keeps_its_key_where_it_enters(one: str, other: str) -> None:
    for spelling in (one, other):
        if not spelling.endswith("."):
            assert address_key(mail_address(spelling)) == address_key(spelling)


@pytest.mark.parametrize(
    "text", ["jürgen@firma.example", "josé@x.example", "用户@x.example", "anna", "a@localhost", '"a b"@x.example']
)
def test_an_address_that_most_servers_refuse_is_refused_everywhere(text: str) -> None:
    with pytest.raises(InvalidAddressError):
        mail_address(text)
