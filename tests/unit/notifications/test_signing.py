"""A signed mail is verified by the library, and no other mail is."""

from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from harness.dkim_key import dkim_key

from kontor_contracts.values import Recipient
from notifications.message import Heading, compose
from notifications.signing import read_key, signer
from notifications.templates import Rendered

RENDERED = Rendered("Grüße aus Köln", "Guten Tag,\n\n.\nschöne Grüße\n", "<p>schöne Grüße</p>", "de")
LINK = "https://kontor.example/mail-preferences?token=" + "a" * 90


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """The file with the private key, and the record in the DNS."""
    file = tmp_path_factory.mktemp("dkim") / "dkim.pem"
    return file, dkim_key(file)


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def mail(email: str = "juergen@mueller.example") -> bytes:
    heading = Heading(
        sender=Address("Kontor", addr_spec="no-reply@kontor.example"),
        recipient=Recipient.model_construct(name="Jürgen Müller", email=email, culture="de"),
        message_id="<4711@kontor.example>",
        date=datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC),
        template="review-started",
        correlation_id="conversation-1",
        category="progress",
        unsubscribe=LINK,
    )
    return compose(heading, RENDERED).content


def verified(content: bytes, record: bytes) -> bool:
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    found = bool(dkim.verify(content, dnsfunc=dns))
    assert asked == [b"k1._domainkey.kontor.example."]
    return found


@pytest.mark.parametrize("email", ["juergen@mueller.example", "jürgen@mueller.example"])
def test_a_signed_mail_is_verified_until_it_is_changed(pair: tuple[Path, bytes], email: str) -> None:
    file, record = pair
    content = mail(email)
    signed = signer(file, "k1", "kontor.example")(content)
    assert signed.endswith(content)
    assert verified(signed, record)
    changes = [
        (b"8bschen", b"x"),
        (b"=C3=B6ne", b"=C3=B6n"),
        (b"Message-ID: <4711", b"Message-ID: <4712"),
        (b"token=", b"token=x"),
        (b"One-Click", b"Two-Click"),
        (b":progress:", b":security:"),
        (b"Content-Language: de", b"Content-Language: en"),
    ]
    for old, new in changes:
        if old in signed:
            assert not verified(signed.replace(old, new, 1), record), old


def test_a_second_sender_breaks_the_signature(pair: tuple[Path, bytes]) -> None:
    file, record = pair
    signed = signer(file, "k1", "kontor.example")(mail())
    assert not verified(b"From: Eve <eve@evil.example>\r\n" + signed, record)
    assert not verified(signed.replace(b"\r\nTo:", b"\r\nSubject: Hello\r\nTo:", 1), record)


def test_without_a_key_a_mail_stays_as_it_is() -> None:
    assert signer(None, None, "kontor.example")(b"To: a") == b"To: a"


@pytest.mark.parametrize(
    "content",
    [b"", b"no key", pem_of(ec.generate_private_key(ec.SECP256R1())), pem_of(rsa.generate_private_key(65537, 1024))],
)
def test_what_is_no_key_of_2048_bits_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="key"):
        read_key(file)
