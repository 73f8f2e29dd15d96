"""What pages behind mailed links share: headers, language, forms, and the links themselves."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OKPKey

from chassis.crypto import Sealer
from chassis.http.pages import PageTemplate, PersonalLinks, form_body, form_values, page_language, token_hash
from chassis.http.pages.headers import page_headers
from chassis.http.pages.links import split_token
from chassis.http.pages.template import _environment

AT = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(OKPKey.generate_key("X25519").as_dict(private=True)))
    return Sealer(file, private=True)


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("de", "en", "de"),
        ("de-AT", "en", "de"),
        ("", "fr, de;q=0.8, en;q=0.9", "en"),
        ("", "de-CH, en;q=0.5", "de"),
        ("fr", "de", "de"),
        ("", "", "en"),
        (None, None, "en"),
    ],
)
def test_a_page_speaks_the_language_of_its_link_then_the_browsers(
    asked: str | None, accepted: str | None, language: str
) -> None:
    assert page_language(asked, accepted) == language


def test_page_headers_allow_one_style_and_no_script() -> None:
    policy = page_headers("body {}")["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy
    assert "form-action 'self';" in policy
    assert page_headers("body {}") != page_headers("p {}")


def test_page_headers_name_the_origins_of_a_form() -> None:
    policy = page_headers("", "https://portal.example")["content-security-policy"]
    assert "form-action 'self' https://portal.example;" in policy


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"token=a&answer=confirm&token=b", {"token": "a", "answer": "confirm"}),
        (b"\xff", {}),
        ("&".join(f"f{n}=1" for n in range(40)).encode(), {}),
        (b"token=" + b"x" * 9000, {}),
    ],
)
def test_a_form_that_no_browser_sends_is_empty(body: bytes, values: dict[str, str]) -> None:
    assert form_values(body) == values


def test_a_form_body_describes_its_fields() -> None:
    schema = form_body("token", answer=("confirm", "deny"))["requestBody"]["content"]
    assert schema["application/x-www-form-urlencoded"]["schema"] == {
        "type": "object",
        "required": ["token", "answer"],
        "properties": {"token": {"type": "string"}, "answer": {"enum": ["confirm", "deny"]}},
    }


def test_a_field_of_a_form_body_may_be_optional() -> None:
    schema = form_body("token", optional=["consent"])["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert schema["schema"]["required"] == ["token"] and "consent" in schema["schema"]["properties"]


# -- the shell

TEXTS = {"en": {"title": "Withdraw?", "reason": "Reason"}, "de": {"title": "Zurückziehen?", "reason": "Grund"}}
CONTENT = """\
{% extends "shell/page.html" %}
{% block content %}
<form method="post">
{{ ui.hidden(token=token) }}
{{ ui.field("reason", texts.reason, value=reason, hint="In a sentence", maxlength=200) }}
{{ ui.checkbox("sure", texts.title, required=true) }}
{{ ui.button(texts.title, kind="danger") }}
</form>
{% endblock %}
"""
Written = Callable[[dict[str, object]], PageTemplate]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """A package of its own with one page."""
    pages = tmp_path / "toy_with_pages" / "pages"
    pages.mkdir(parents=True)
    (pages.parent / "__init__.py").touch()
    (pages / "withdraw.html").write_text(CONTENT)
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(texts: dict[str, object]) -> PageTemplate:
        (pages / "withdraw.json").write_text(json.dumps(texts))
        return PageTemplate("toy_with_pages", "withdraw")

    yield write
    _environment.cache_clear()
    sys.modules.pop("toy_with_pages", None)


def shown(page: PageTemplate, **values: object) -> str:
    given = {"title": "Withdraw?", "token": "t", "reason": "", **values}
    return bytes(page.answer("en", **given).body).decode()  # type: ignore[arg-type]


def test_a_page_is_a_whole_document_in_its_language(written: Written) -> None:
    answer = written(dict(TEXTS)).answer("de", 410, title="Zurückziehen?", token="t", reason="")
    html = bytes(answer.body).decode()
    assert (answer.status_code, answer.headers["content-language"]) == (410, "de")
    assert html.startswith("<!doctype html>") and '<html lang="de">' in html
    assert "<title>Zurückziehen? - Kontor</title>" in html and "<h1>Zurückziehen?</h1>" in html
    (style,) = re.findall("<style>(.*)</style>", html, re.DOTALL)
    assert answer.headers["content-security-policy"] == page_headers(style)["content-security-policy"]


@pytest.mark.parametrize(("here", "link"), [("?token=a", "?token=a&amp;lang=de"), ("withdraw", "withdraw?lang=de")])
def test_a_page_with_an_address_offers_the_other_language(written: Written, here: str, link: str) -> None:
    assert f'href="{link}" hreflang="de" lang="de">Deutsch</a>' in shown(written(dict(TEXTS)), here=here)


def test_an_answer_without_an_address_offers_no_language(written: Written) -> None:
    assert "hreflang" not in shown(written(dict(TEXTS)))


def test_an_error_is_an_alert_and_stands_in_the_title(written: Written) -> None:
    html = shown(written(dict(TEXTS)), error="Say why.")
    assert "<title>Error: Withdraw? - Kontor</title>" in html
    assert re.search(r'role="alert"[^>]*>\s*<p>Say why.</p>', html)


def test_an_error_of_a_field_is_shown_at_the_field(written: Written) -> None:
    html = shown(written(dict(TEXTS)), errors={"reason": "Say why."})
    assert '<p class="fault" id="reason-fault" role="alert">Say why.</p>' in html and html.count("Say why.") == 1
    (field,) = re.findall("<input type=.text.[^>]*>", html)
    assert 'aria-invalid="true" autofocus aria-describedby="reason-hint reason-fault"' in field
    assert 'maxlength="200"' in field and "<title>Error: " in html
    assert "aria-invalid=" not in shown(written(dict(TEXTS)))


def test_several_errors_are_one_alert_with_a_link_to_each_field(written: Written) -> None:
    html = shown(written(dict(TEXTS)), errors={"reason": "Say why.", "sure": "Tick the box."})
    assert '<a href="#reason">Say why.</a>' in html and '<a href="#sure">Tick the box.</a>' in html
    assert html.count('role="alert"') == html.count(" autofocus") == 1
    assert html.count('aria-invalid="true"') == 2


def test_what_was_typed_cannot_become_markup(written: Written) -> None:
    evil = '"><script>alert(1)</script>'
    html = shown(written(dict(TEXTS)), title=evil, token=evil, reason=evil, error=evil, here=f"?token={evil}")
    assert "<script" not in html and html.count("&lt;script") == 6


@pytest.mark.parametrize("texts", [{"en": TEXTS["en"]}, {"en": TEXTS["en"], "de": {"title": "Zurückziehen?"}}])
def test_texts_that_one_language_lacks_are_refused(written: Written, texts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"withdraw.json: .*(de|lacks reason)"):
        written(texts)


# -- links


@pytest.mark.parametrize("key", ["", "user.u1"])
def test_a_personal_link_holds_the_token_whose_hash_is_stored(sealer: Sealer, key: str) -> None:
    links = PersonalLinks(sealer, "https://id.example/")
    link = links.new("/join/u1", expires_at=AT, culture="de-AT", key=key)
    url = urlsplit(sealer.open(link.sealed))
    query = parse_qs(url.query)
    assert (f"{url.scheme}://{url.netloc}{url.path}", query["lang"]) == ("https://id.example/join/u1", ["de"])
    assert split_token(query["token"][0]) == (key, split_token(query["token"][0])[1])
    assert token_hash(split_token(query["token"][0])[1]) == link.token_hash
    assert link.expires_at == AT


def test_two_personal_links_differ(sealer: Sealer) -> None:
    links = PersonalLinks(sealer, "https://id.example")
    assert len({links.new("/join/u1", expires_at=AT).token_hash for _ in range(10)}) == 10
