"""The page of an invitation proposes the imported customer that the visitor's company may be."""

import re

import pytest
from unit.relationships.people import invitation

from chassis import Language
from relationships.customer_matches import Proposal
from relationships.domain.customer.state import Account
from relationships.pages.invitation import InvitationPage, SignedIn

PAGE = InvitationPage("https://identity.example")
FOUND = Proposal(
    Account(customer_id="imp", name="Bäckerei <Süß>", country="DE", portal="office", external_id="K-1"),
    "name",
    ("471101",),
)


def shown(language: Language, *proposals: Proposal) -> str:
    visitor = SignedIn("Käthe Süß", "kaethe@suess.example", "Bäckerei Süß KG", "form", "accept", proposals)
    return bytes(PAGE.open(invitation("customer"), "token", language, signed_in=visitor).body).decode()


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_proposal_is_a_box_that_is_empty_and_optional(language: Language) -> None:
    page = shown(language, FOUND)
    (box,) = re.findall(r'<input type="checkbox" id="same_as"[^>]*>', page)
    assert 'value="imp"' in box and "checked" not in box and "required" not in box
    assert "Bäckerei &lt;Süß&gt;" in page and "K-1" in page and "office" in page
    assert "same_as" not in shown(language)


def test_the_refusal_of_a_proposal_has_a_text() -> None:
    texts = {
        language: PAGE.open(invitation("customer"), "t", language, wrong="no-match-proposed")
        for language in ("en", "de")
    }
    english, german = (bytes(texts[language].body).decode() for language in ("en", "de"))
    assert "not proposed" in english and "nicht vorgeschlagen" in german
