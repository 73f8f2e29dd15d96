"""The lists the rules stand on: mail domains, markets, the agreement, the texts of the pages."""

import json
import re
import socket
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from chassis import Language
from chassis.http.addresses import InvalidAddressError
from chassis.http.pages import page_language
from enrollment.agreement import Agreement, Agreements, load_agreements
from enrollment.api.forms import PrimaryContactForm
from enrollment.domain.enrollment.state import Enrollment
from enrollment.mailboxes import MailboxRules
from enrollment.pages.rendering import PAGE_OF, Pages
from enrollment.settings import Settings
from kontor_contracts.markets import MarketCountry, MarketCulture, markets

LANGUAGES = get_args(Language)
RULES = MailboxRules(refused=Settings.model_fields["mail_domains_refused"].default)


class TestMailboxes:
    @pytest.mark.parametrize(
        "email",
        [
            "anna@gmail.com",
            "anna@yahoo.com",
            "anna@icloud.com",
            "anna@aol.com",
            "anna@outlook.com",
            "anna@hotmail.com",
            "anna@live.com",
            "anna@gmx.de",
            "anna@web.de",
            "anna@t-online.de",
            "Anna@GMail.com",
            "anna@tutanota.com",
        ],
    )
    def test_web_mail_is_recognised(self, email: str) -> None:
        assert RULES.judge(email).fault == "webmail-address"

    @pytest.mark.parametrize("email", ["anna@mailinator.com", "anna@mail.mailinator.com", "anna@guerrillamail.com"])
    def test_throw_away_addresses_are_recognised_below_their_domain_too(self, email: str) -> None:
        assert RULES.judge(email).fault == "disposable-address"

    @pytest.mark.parametrize(
        "local",
        ["info", "admin", "email", "marketing", "INFO", "no-reply", "info+kontor", "sales", "buchhaltung", "office"],
    )
    def test_role_mailboxes_are_recognised(self, local: str) -> None:
        assert RULES.judge(f"{local}@mueller-soehne.example").fault == "role-mailbox"

    @pytest.mark.parametrize(
        "email",
        [
            "anna.schaefer@mueller-soehne.example",
            "partner@grosshandel-nord.example",
            "infos.weber@firma.co.uk",
            "a.infomann@mail.firma.com.au",
            "anna@notgmail.com",
            "anna@gmail.com.firma.de",
        ],
    )
    def test_a_persons_mailbox_at_a_company_is_fine(self, email: str) -> None:
        assert RULES.judge(email).fault is None

    def test_an_international_domain_is_kept_in_its_ascii_form(self) -> None:
        mailbox = RULES.judge("Anna.Weiss@Müller-Söhne.de")
        assert (mailbox.address, mailbox.fault) == ("Anna.Weiss@xn--mller-shne-kcb9d.de", None)

    @pytest.mark.parametrize(
        "email", ["anna", "anna@", "@x.de", "anna@localhost", "an na@x.de", "ännä@x.de", "a@b..de"]
    )
    def test_what_is_no_address_is_refused(self, email: str) -> None:
        with pytest.raises(InvalidAddressError):
            RULES.judge(email)

    def test_settings_override_lists_and_allowing_overrides_refusing(self) -> None:
        rules = MailboxRules(allowed=["gmx.de", "both.example"], refused=["Verein.example", "both.example"])
        assert rules.judge("anna@gmx.de").fault is None
        assert rules.judge("info@gmx.de").fault == "role-mailbox"
        assert rules.judge("anna@post.verein.example").fault == "webmail-address"
        assert rules.judge("anna@both.example").fault is None

    def test_nothing_is_asked_on_the_net_and_nothing_written(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def forbidden(*_: object) -> None:
            raise AssertionError("the network was asked")

        monkeypatch.setattr(socket.socket, "connect", forbidden)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert MailboxRules().judge("anna@x.firma.co.uk").fault is None
        assert list(tmp_path.iterdir()) == []


class TestMarkets:
    def test_every_region_has_its_countries_and_no_country_two_regions(self) -> None:
        data = json.loads((files("kontor_contracts") / "markets.json").read_text(encoding="utf-8"))
        countries = [country for region in data["regions"].values() for country in region]
        assert len(data["regions"]) == 15
        assert len(countries) == len(set(countries)) == 237
        assert all(re.fullmatch("[A-Z]{2}", country) for country in countries)

    @pytest.mark.parametrize(
        ("country", "region"),
        [
            ("DE", "europe"),
            ("AT", "europe"),
            ("US", "united-states"),
            ("JP", "japan"),
            ("XK", "middle-east-central-and-eastern-europe"),
        ],
    )
    def test_a_country_is_in_its_region(self, country: str, region: str) -> None:
        assert markets().region_of(country) == region

    def test_some_countries_have_no_market(self) -> None:
        assert markets().region_of("KP") is None

    def test_a_registration_id_is_mandatory_in_24_countries(self) -> None:
        mandatory = markets().registration_id_mandatory
        assert len(mandatory) == 24
        assert {"PL", "HU", "BR", "VN"} <= mandatory
        assert not {"DE", "AT", "US"} & mandatory

    @pytest.mark.parametrize("code", ["ZZ", "EU", "UK", "KP", "CU"])
    def test_a_country_without_a_market_is_refused_with_a_remedy(self, code: str) -> None:
        with pytest.raises(ValidationError, match="send"):
            TypeAdapter(MarketCountry).validate_python(code)
        assert TypeAdapter(MarketCountry).validate_python("DE") == "DE"

    @pytest.mark.parametrize("tag", ["xx", "zz-DE", "de-ZZ", "en-EU"])
    def test_a_culture_that_is_none_is_refused_with_a_remedy(self, tag: str) -> None:
        with pytest.raises(ValidationError, match="send"):
            TypeAdapter(MarketCulture).validate_python(tag)

    @pytest.mark.parametrize("tag", ["de", "en-US", "de-AT", "pl", "pt-BR"])
    def test_a_culture_of_the_program_is_taken(self, tag: str) -> None:
        assert TypeAdapter(MarketCulture).validate_python(tag) == tag


class TestTexts:
    def test_the_agreement_is_there_in_both_languages_clause_by_clause(self) -> None:
        agreement = load_agreements().current("europe")
        clauses = [re.findall(r"^(\d+)\.", agreement.texts[language].text, re.MULTILINE) for language in LANGUAGES]
        assert clauses[0] == clauses[1] and len(clauses[0]) == 6
        assert agreement.language("de-AT") == "de" and agreement.language("fr") == "en"
        assert agreement.texts["de"].sha256 != agreement.texts["en"].sha256

    def test_a_region_has_its_newest_edition_or_the_one_for_all(self) -> None:
        names = (("1", None), ("2", {"europe"}), ("3", {"europe", "japan"}), ("4", None))
        agreements = Agreements([Agreement(version, {}, regions) for version, regions in names])
        assert [agreements.current(region).version for region in ("europe", "japan", "brazil", None)] == list("3344")

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("page", [*PAGE_OF.values(), "confirmed", "denied"])
    def test_every_page_renders_in_every_language(self, language: str, page: str) -> None:
        state = Enrollment(status="contact-pending", company_name="<script>alert(1)</script> & Söhne")
        html = bytes(Pages().render(page, language, state, token="t" if page == "ask" else "").body).decode()  # type: ignore[arg-type]
        assert f'<html lang="{language}">' in html
        assert "<script" not in html and "{company}" not in html

    @pytest.mark.parametrize(
        ("lang", "accepted", "language"),
        [
            ("de", "en", "de"),
            ("de-AT", "", "de"),
            ("", "de-DE,de;q=0.9,en;q=0.8", "de"),
            ("fr", "fr,en", "en"),
            ("", "", "en"),
            ("", "fr;q=1, de;q=0.5", "de"),
        ],
    )
    def test_a_page_speaks_the_language_asked_for(self, lang: str, accepted: str, language: str) -> None:
        assert page_language(lang, accepted) == language


@pytest.mark.parametrize(
    ("phone", "fine"),
    [
        ("+49 221 1234567", True),
        ("(0221) 123-4567", True),
        ("0221/12 34 56", True),
        ("+1 (425) 555-0100", True),
        ("12", False),
        ("call me", False),
        ("+49 221 1234567\r\nBcc: x", False),
    ],
)
def test_a_phone_number_has_digits(phone: str, fine: bool) -> None:
    body = {"name": "Anna", "email": "anna@firma.de", "phone": phone}
    try:
        PrimaryContactForm.model_validate(body)
    except ValueError:
        assert not fine
    else:
        assert fine
