"""What Kontor writes: draft mails and consents in both languages, regions, links, and the words of the page."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from unit.relationships.people import CUSTOMER_CONTACT, PROVIDER, RESELLER, invitation

from chassis import Language, language_of
from chassis.http.pages import PageTemplate, page_language
from kontor_contracts.markets import region_of
from kontor_contracts.relationships import InvitationKind
from relationships.domain.refusals import Reason
from relationships.links import Links
from relationships.pages.invitation import InvitationPage
from relationships.wording import CONSENTS, consent_points, consent_to, draft_mail

SECRET = "0123456789abcdef0123456789abcdef"
CONSENTED = {
    "partnership-2026-11": "72b6ba047d194660",
    "customer-of-reseller-2026-11-28": "d463a3a1e31df5fb",
    "customer-of-provider-2026-11-28": "a02e9fbed60d5b90",
    "customer-joint-2026-11-28": "9cb725620115dab7",
}


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return _links(tmp_path, SECRET)


def _links(folder: Path, secret: str) -> Links:
    file = folder / "secret"
    file.write_text(secret)
    return Links(file, "https://kontor.example/rel/")


@pytest.fixture
def apart(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Links]:
    """Links with these secrets, from a file of their own."""
    return lambda secrets: _links(tmp_path_factory.mktemp("links"), secrets)


# -- mails and consents


@pytest.mark.parametrize("culture", ["de", "de-AT", "en", "en-GB", "fr"])
@pytest.mark.parametrize("kind", get_args(InvitationKind))
def test_a_draft_has_the_link_and_the_names_in_it(kind: InvitationKind, culture: str) -> None:
    recipient = CUSTOMER_CONTACT.model_copy(update={"culture": culture})
    provider = PROVIDER if kind == "customer-joint" else None
    mail = draft_mail(kind, inviter=RESELLER, provider=provider, recipient=recipient, sender="Jürgen Müller")
    assert mail.body.count("{link}") == 1
    assert ("Guten Tag" in mail.body) == (language_of(culture) == "de")
    for name in (RESELLER.name, recipient.name, "Jürgen Müller", *([PROVIDER.name] if provider else [])):
        assert name in mail.body
    assert RESELLER.name in mail.subject and "{" not in mail.subject


def test_long_names_make_no_subject_that_a_header_could_not_hold() -> None:
    inviter, provider = (one.model_copy(update={"name": "N" * 200}) for one in (RESELLER, PROVIDER))
    mail = draft_mail(
        "customer-joint", inviter=inviter, provider=provider, recipient=CUSTOMER_CONTACT, sender="S" * 200
    )
    assert len(mail.subject) <= 200


def test_a_name_that_looks_like_a_placeholder_stays_a_name() -> None:
    inviter = RESELLER.model_copy(update={"name": "{provider} {0} {link.x}"})
    mail = draft_mail("customer", inviter=inviter, provider=None, recipient=CUSTOMER_CONTACT, sender="{sender}")
    assert "{provider} {0} {link.x}" in mail.body


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", get_args(InvitationKind))
def test_a_consent_names_who_may_do_what(kind: InvitationKind, language: Language) -> None:
    one = invitation(kind)
    text = " ".join(consent_points(one, language))
    assert all(partner.name in text for partner in one.partners)
    assert "{" not in text


def test_a_customer_of_a_provider_consents_to_orders_alone() -> None:
    by_provider = replace(invitation("customer"), inviter=PROVIDER)
    assert consent_to(by_provider) is CONSENTS["customer-of-provider"]
    assert consent_to(invitation("customer")) is CONSENTS["customer-of-reseller"]


def test_a_changed_consent_has_a_new_version() -> None:
    now = {
        consent.version: hashlib.sha256(json.dumps(dict(consent.points), sort_keys=True).encode()).hexdigest()[:16]
        for consent in CONSENTS.values()
    }
    assert now == CONSENTED


# -- the page's words


def test_both_languages_say_the_same_things_for_every_refusal() -> None:
    words = PageTemplate("relationships", "invitation").texts
    of_texts = {"link-foreign", "link-hidden", "link-missing", "link-repeated"}
    of_drafts = {"already-sent", "not-a-draft", "not-a-provider", "own-domain", "sent-meanwhile"}
    to_inviters = {"access-unknown", *of_texts, *of_drafts}
    on_the_page = set(get_args(Reason)) - to_inviters
    assert on_the_page <= words["de"]["messages"].keys()


@pytest.mark.parametrize(
    ("wanted", "accepts", "expected"),
    [
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("fr", "fr,de-CH;q=0.9,en;q=0.8", "de"),
        (None, "fr, en-US", "en"),
        (None, None, "en"),
        ("<script>", "*", "en"),
    ],
)
def test_the_page_speaks_the_links_language_else_the_browsers(
    wanted: str | None, accepts: str | None, expected: str
) -> None:
    assert page_language(wanted, accepts) == expected


def test_the_page_cannot_be_written_into(links: Links) -> None:
    evil = RESELLER.model_copy(update={"name": '"><script>alert(1)</script>'})
    page = InvitationPage("https://identity.example:8443/base/").open(
        replace(invitation("customer"), inviter=evil), '"><img>', "en"
    )
    html = bytes(page.body).decode()
    assert "<script>alert" not in html and "<img>" not in html
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://identity.example:8443;" in policy and "script-src" not in policy
    assert "unsafe" not in policy and "default-src 'none'" in policy


# -- links


def test_a_link_leads_to_its_invitation_and_is_recognized(links: Links) -> None:
    address = urlsplit(links.url(invitation("customer")))
    assert (address.netloc, address.path) == ("kontor.example", "/rel/invitations/i1")
    query = parse_qs(address.query)
    assert query["lang"] == ["de"]
    assert links.generation(invitation("customer"), query["token"][0]) == 1


@pytest.mark.parametrize("token", ["", "x", "ü"])
def test_another_token_is_not(links: Links, token: str) -> None:
    assert links.generation(invitation(), token) is None


def test_a_link_opens_one_invitation_of_one_generation_and_installation(links: Links, tmp_path: Path) -> None:
    token = parse_qs(urlsplit(links.url(invitation())).query)["token"][0]
    assert links.generation(replace(invitation(), invitation_id="i2"), token) is None
    assert links.generation(replace(invitation(), generation=2), token) is None
    assert _links(tmp_path, SECRET[::-1]).generation(invitation(), token) is None
    assert links.generation(None, token) is None


def test_a_link_of_an_older_secret_opens_until_it_is_dropped(apart: Callable[[str], Links]) -> None:
    older, both, newer = apart(SECRET), apart(f"{'n' * 40}\n{SECRET}"), apart("n" * 40)
    token = parse_qs(urlsplit(older.url(invitation())).query)["token"][0]
    assert (both.generation(invitation(), token), newer.generation(invitation(), token)) == (1, None)
    assert both.url(invitation()) == newer.url(invitation()) != older.url(invitation())


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 characters"):
        _links(tmp_path, "short")


# -- regions


@pytest.mark.parametrize(
    ("one", "other", "same"), [("DE", "AT", True), ("DE", "CH", True), ("DE", "US", False), ("US", "PR", False)]
)
def test_countries_of_one_region(one: str, other: str, same: bool) -> None:
    assert (region_of(one) == region_of(other)) is same


def test_where_the_program_is_not_offered_there_is_no_region() -> None:
    assert region_of("KP") is None
