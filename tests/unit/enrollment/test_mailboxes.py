"""Which addresses are a person's at a company: role mailboxes, mail services, look-alikes, and companies as they are."""

import json
from collections import Counter
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from publicsuffixlist import PublicSuffixList

from enrollment.mailboxes import MailboxRules

RULES = MailboxRules()

TABLES: dict[str, list[str]] = json.loads(Path(__file__).with_name("mailboxes.json").read_text(encoding="utf-8"))
COMPANIES = TABLES["companies"]


def services() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (files("enrollment") / "data" / "mail_services.json").read_text(encoding="utf-8")
    )
    return found


def listed() -> list[str]:
    data = services()
    return [*chain.from_iterable(data["countries"].values()), *data["alias"], *data["privacy"], *data["free_names"]]


@pytest.mark.parametrize("domain", COMPANIES)
def test_a_companys_own_domain_is_never_refused(domain: str) -> None:
    assert RULES.judge(f"anna.schaefer@{domain}").fault is None
    assert RULES.judge(f"anna.schaefer@mail.{domain}").fault is None


def test_the_table_of_companies_is_long_enough() -> None:
    assert len(set(COMPANIES)) >= 200


def test_our_list_of_mail_services_is_wide_and_clean() -> None:
    data, domains = services(), listed()
    assert len(domains) >= 500 and len(data["countries"]) >= 40
    assert [domain for domain, times in Counter(domains).items() if times > 1] == []
    suffixes = PublicSuffixList(only_icann=True)
    assert [domain for domain in domains if suffixes.publicsuffix(domain) == domain] == [], "it would refuse a country"
    assert not set(domains) & set(COMPANIES)


def test_every_listed_mail_service_is_refused_and_what_is_below_it() -> None:
    taken = {"webmail-address", "disposable-address"}
    for domain in listed():
        assert RULES.judge(f"anna@{domain}").fault in taken, domain
        assert RULES.judge(f"anna@firma.{domain}").fault in taken, domain


@pytest.mark.parametrize(
    "domain",
    [
        "protonmail.com",
        "hey.com",
        "bluewin.ch",
        "otenet.gr",
        "kakao.com",
        "mozmail.com",
        "addy.io",
        "firma.eu.org",
        "x.duckdns.org",
    ],
)
def test_what_the_packages_lack_is_refused(domain: str) -> None:
    assert RULES.judge(f"anna@{domain}").fault == "webmail-address"


@pytest.mark.parametrize("local", TABLES["roles"])
def test_a_role_mailbox_is_recognised_by_its_first_word(local: str) -> None:
    assert RULES.judge(f"{local}@firma.example").fault == "role-mailbox"


@pytest.mark.parametrize("local", TABLES["people"])
def test_a_persons_mailbox_is_fine(local: str) -> None:
    assert RULES.judge(f"{local}@firma.example").fault is None


@pytest.mark.parametrize("domain", TABLES["look_alikes"])
def test_a_look_alike_of_a_large_mail_service_is_refused(domain: str) -> None:
    assert RULES.judge(f"anna@{domain}").fault == "webmail-lookalike"


@pytest.mark.parametrize("domain", ["gmail.co", "gmail.con", "outlook.cm", "yahoo.xyz", "protonmail.de", "icloud.de"])
def test_a_large_mail_services_name_is_refused_under_every_ending(domain: str) -> None:
    assert RULES.judge(f"anna@{domain}").fault in {"webmail-address", "disposable-address"}


@pytest.mark.parametrize("domain", TABLES["only_near"])
def test_a_name_that_is_only_near_a_mail_service_is_fine(domain: str) -> None:
    assert RULES.judge(f"anna@{domain}").fault is None


MAIL_DOMAINS: list[str] = json.loads(Path(__file__).with_name("mail_domains.json").read_text(encoding="utf-8"))[
    "domains"
]
"""Not taken from the lists in use."""


def test_the_table_of_mail_domains_is_long_enough() -> None:
    assert len(set(MAIL_DOMAINS)) == len(MAIL_DOMAINS) >= 200


@pytest.mark.parametrize("domain", MAIL_DOMAINS)
def test_a_mail_domain_is_refused_in_every_form(domain: str) -> None:
    refused = {"webmail-address", "disposable-address"}
    for address in (f"anna@{domain}", f"anna+firma@{domain}", f"anna@mail.{domain}", f"Anna@{domain.upper()}"):
        assert RULES.judge(address).fault in refused, address
