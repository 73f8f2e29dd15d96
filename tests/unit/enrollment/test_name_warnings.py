"""Warnings about a company's name: about the name alone, and about the name in the membership registry."""

from dataclasses import replace

import pytest
from unit.enrollment.story import NAME, NOW, after, associate, company, given, played, review, update

from enrollment.api.review_views import queue_item, review_file
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.name_warnings import (
    Likeness,
    NameWarning,
    likeness,
    name_warnings,
    of_name,
    of_registry,
    skeleton,
)
from enrollment.domain.enrollment.queue import NAME_WARNING
from enrollment.domain.enrollment.state import Enrollment


@pytest.mark.parametrize(
    ("name", "warnings"),
    [
        (NAME, ()),
        ("3M Deutschland GmbH", ()),
        ("booking.com", ("domain-ending",)),
        ("Fahrräder Köhler.de", ("domain-ending",)),
        ("shop.example.co", ()),
        ("Nord.ag", ()),
        ("Nordlicht B.V", ()),
        ("Nordlicht S.p.A", ()),
        ("St.Gallen Handel AG", ()),
        ("Dr.Weber IT", ()),
        ("Aaa Cloud GmbH", ("repeated-character",)),
        ("Nord!!! GmbH", ("repeated-character",)),
        ("WWW Handel GmbH", ("repeated-character",)),
        ("Schifffahrt Nord GmbH", ("repeated-character",)),
        ("Fonds III GmbH", ()),
        ("Studio 2000 GmbH", ()),
        ("M ü l l e r", ("spaced-characters",)),
        ("A B C Handel", ("spaced-characters",)),
        ("A B Handel", ()),
        ("M ü l l e r.com", ("domain-ending", "spaced-characters")),
        ("Fooo.com", ("domain-ending", "repeated-character")),
    ],
)
def test_a_name_has_the_warnings_of_its_shape(name: str, warnings: tuple[NameWarning, ...]) -> None:
    assert of_name(name) == warnings


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (NAME, NAME, "same"),
        (NAME, "MÜLLER SÖHNE IT, GmbH", "same"),
        ("Nordlicht Limited", "Nordlicht Ltd.", "same"),
        ("Nordlicht G.m.b.H.", "Nordlicht GmbH", "same"),
        ("Nordlicht Corporation", "Nordlicht Corp", "same"),
        (NAME, "Müller & Söhne IT AG", "legal-form-differs"),
        (NAME, "Müller & Söhne IT", "legal-form-differs"),
        ("Nordlicht GmbH", "Nordlicht GmbH & Co. KG", "legal-form-differs"),
        (NAME, "Mueller und Soehne IT GmbH", "similar"),
        ("Straßenbau Köln AG", "Strassenbau Koeln AG", "similar"),
        ("Nordlicht Handel GmbH", "Nordlich Handel GmbH", "similar"),
        ("Café Sol SL", "Cafe Sol SL", "similar"),
        (NAME, "Ganz anders AG", "other"),
        ("Nord GmbH", "Süd GmbH", "other"),
    ],
)
def test_two_names_are_compared_in_either_order(one: str, other: str, wanted: Likeness) -> None:
    assert likeness(one, other) == wanted == likeness(other, one)


def test_a_name_of_legal_forms_alone_has_a_skeleton() -> None:
    assert skeleton("Company AG") != skeleton("Limited SA")


@pytest.mark.parametrize(
    ("registered", "warnings"),
    [
        (None, ()),
        (NAME, ()),
        ("Müller & Söhne IT AG", ("legal-form-differs",)),
        ("Müller Söhne ITT GmbH", ("similar-to-registry",)),
        ("Schulze Holding AG", ("differs-from-registry",)),
    ],
)
def test_a_name_is_compared_with_the_registrys(registered: str | None, warnings: tuple[NameWarning, ...]) -> None:
    assert of_registry(NAME, registered) == warnings


def renamed(name: str) -> Enrollment:
    return after(update(company_name=name, actor=company(NOW)), given("in-review"))


def test_a_warning_is_shown_in_queue_and_file() -> None:
    state = renamed("Müller Söhne IT.com")
    assert queue_item(state).name_warnings == ["domain-ending", "similar-to-registry"]
    assert review_file(state, []).name_warnings == ["domain-ending", "similar-to-registry"]
    assert queue_item(given("in-review")).name_warnings == []


def test_reviews_with_a_warning_have_a_list() -> None:
    assert ENROLLMENT.listed
    assert NAME_WARNING in ENROLLMENT.listed(renamed("Müller AG")).keys  # type: ignore[union-attr]
    assert NAME_WARNING not in ENROLLMENT.listed(given("in-review")).keys  # type: ignore[union-attr]


def test_a_warning_blocks_no_approval() -> None:
    assert played([review()], renamed("Fooo.com")).status == "qualified"


def test_a_linked_profile_brings_its_warning() -> None:
    state = after(associate(partner_id="4711008", company_name="Schulze Holding AG"), given("in-review"))
    assert name_warnings(state) == ("differs-from-registry",)
    assert name_warnings(replace(state, company_name=None)) == ()
