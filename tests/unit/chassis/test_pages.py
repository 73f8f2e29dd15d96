"""What pages behind mailed links share: headers, language, forms, and the links themselves."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OKPKey

from chassis import PersonalLinks, Sealer, form_body, form_values, page_headers, page_language, split_token, token_hash

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
