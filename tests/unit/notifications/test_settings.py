"""What would only show at the first mail, or in a wire trace, is refused at the start."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kontor_local.keys import SEALING_PRIVATE, write_keys
from notifications.settings import Settings
from notifications.templates import Letterhead

GIVEN: dict[str, Any] = {
    "mongo_url": "mongodb://127.0.0.1:1",
    "kafka_bootstrap": "127.0.0.1:1",
    "jwks_url": "http://127.0.0.1:1",
    "issuer": "http://127.0.0.1:1",
    "sealing_key_file": Path(SEALING_PRIVATE),
    "smtp_host": "mail.example",
    "mail_sender": "Kontor <no-reply@kontor.example>",
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_keys(tmp_path)
    (tmp_path / "password").write_text("secret")
    monkeypatch.chdir(tmp_path)


def test_the_sender_has_a_name_an_address_and_a_domain() -> None:
    settings = Settings(**GIVEN)
    assert (settings.sender.display_name, settings.sender.addr_spec) == ("Kontor", "no-reply@kontor.example")
    assert settings.sender_domain == "kontor.example"
    assert settings.smtp_tls == "starttls"


def test_the_imprint_is_read_line_by_line_and_the_portal_is_identitys() -> None:
    settings = Settings(**GIVEN, mail_imprint="Kontor GmbH\n\n Hamburg \n", identity_url="https://id.kontor.example/")
    assert settings.letterhead == Letterhead("Kontor", "https://id.kontor.example", ("Kontor GmbH", "Hamburg"))


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"mail_sender": "Kontor"}, "MAIL_SENDER"),
        ({"mail_sender": "Kontor <no-reply>"}, "MAIL_SENDER"),
        ({"mail_reply_to": "the desk"}, "MAIL_REPLY_TO"),
        ({"mail_dkim_selector": "k1"}, "belong together"),
        ({"mail_dkim_key_file": Path("password"), "mail_dkim_selector": "k1"}, "an RSA key of 2,048 bits"),
        ({"mail_imprint": "Kontor GmbH\nHamburg\x00"}, "control characters"),
        ({"portal_url": "portal"}, "no URL"),
        ({"smtp_fallbacks": ("mail.example",)}, "host:port"),
        ({"smtp_username": "mailer"}, "belong together"),
        ({"smtp_password_file": Path("password")}, "belong together"),
        (
            {"smtp_username": "mailer", "smtp_password_file": Path("password"), "smtp_tls": "none"},
            "in plain text",
        ),
        ({"mail_lease": 100, "smtp_timeout": 60}, "at least twice"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValidationError, match=remedy):
        Settings(**{**GIVEN, **wrong})
