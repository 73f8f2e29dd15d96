"""A mail on the wire: the headers it must have, and no way to smuggle in another one."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kontor_contracts.values import Recipient
from notifications.message import BOUNDARY, NOT_IN_NAMES, Heading, UnwritableError, _add, _as_meant, address_of, compose
from notifications.templates import Rendered

RENDERED = Rendered("Grüße aus Köln", "Guten Tag,\n\n.\nschöne Grüße\n", "<p>schöne Grüße</p>", "de")
HEADING = Heading(
    sender=Address("Kontor", addr_spec="no-reply@kontor.example"),
    recipient=Recipient(name="Jürgen Müller", email="juergen.mueller@mueller-soehne.example", culture="de-DE"),
    message_id="<4711@kontor.example>",
    date=datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC),
    template="review-started",
    correlation_id="conversation-1",
    category="progress",
)
NAMES = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "Feedback-ID",
    "X-Kontor-Template",
    "X-Correlation-Id",
    "MIME-Version",
    "Content-Type",
}


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def to(email: str, name: str = "Jürgen Müller") -> Heading:
    return replace(HEADING, recipient=Recipient.model_construct(name=name, email=email, culture="en"))


def addresses(content: bytes) -> list[str]:
    found = [address.addr_spec for address in read(content)["To"].addresses]
    # Python's parser takes bytes for ASCII and keeps the others as surrogates.
    return [address.encode("ascii", "surrogateescape").decode() for address in found]


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_has_the_headers_it_needs_and_both_forms() -> None:
    outgoing = compose(HEADING, RENDERED)
    message = read(outgoing.content)
    assert set(message.keys()) == NAMES
    assert message["To"].addresses[0].display_name == "Jürgen Müller"
    assert message["Subject"] == "Grüße aus Köln"
    assert message["Message-ID"] == "<4711@kontor.example>"
    assert message["Date"].datetime == HEADING.date
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "de"
    assert message["Feedback-ID"] == "review-started:progress:transactional:kontor"
    assert (message["X-Kontor-Template"], message["X-Correlation-Id"]) == ("review-started", "conversation-1")
    assert message.get_content_type() == "multipart/alternative"
    assert body(message, "plain") == RENDERED.text
    assert body(message, "html").strip() == RENDERED.html
    assert (outgoing.sender, outgoing.recipient) == (
        "no-reply@kontor.example",
        "juergen.mueller@mueller-soehne.example",
    )


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=80))
@example("Zoë Ängström")
@example('"a@b.example", Eve')
def test_answers_go_to_one_address_whatever_its_owner_is_called(name: str) -> None:
    recipient = Recipient.model_construct(name=name, email="zoe@inviter.example", culture="en")
    message = read(compose(replace(HEADING, reply_to=address_of(recipient)), RENDERED).content)
    assert set(message.keys()) == {*NAMES, "Reply-To"}
    assert [one.addr_spec for one in message["Reply-To"].addresses] == ["zoe@inviter.example"]


def test_an_answers_address_that_the_server_may_not_carry_is_left_out() -> None:
    recipient = Recipient.model_construct(name="Zoë", email="zoë@inviter.example", culture="en")
    outgoing = compose(replace(HEADING, reply_to=address_of(recipient)), RENDERED)
    assert (outgoing.utf8, read(outgoing.content)["Reply-To"]) == (False, None)


def test_an_optional_mail_is_unsubscribed_with_one_click() -> None:
    link = "https://kontor.example/mail-preferences?token=" + "a" * 90
    message = read(compose(replace(HEADING, unsubscribe=link), RENDERED).content)
    assert set(message.keys()) == {*NAMES, "List-Unsubscribe", "List-Unsubscribe-Post"}
    # A long link is folded within the header only: readers take white space out.
    assert "".join(message["List-Unsubscribe"].split()) == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_is_the_same_to_the_byte_in_every_attempt() -> None:
    assert compose(HEADING, RENDERED) == compose(HEADING, RENDERED)


@pytest.mark.parametrize("text", [f"--{BOUNDARY}", f"--{BOUNDARY}--\n\nMore", f"{BOUNDARY}\n--{BOUNDARY}"])
def test_what_people_write_ends_no_part_of_a_mail(text: str) -> None:
    message = read(compose(HEADING, replace(RENDERED, text=text, html=text)).content)
    assert (body(message, "plain").strip(), body(message, "html").strip()) == (text, text)
    assert len(list(message.iter_parts())) == 2


def test_a_mail_is_ascii_on_the_wire_in_short_lines() -> None:
    content = compose(HEADING, replace(RENDERED, text="ü" * 2000)).content
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "subject", ["Hello\r\nBcc: all@kontor.example", "Hello\nX: y", "Hello\x00", "a\u2028b", "a\x85b"]
)
def test_a_subject_with_a_control_character_is_not_sent(subject: str) -> None:
    with pytest.raises(UnwritableError, match="Subject"):
        compose(HEADING, replace(RENDERED, subject=subject))


ENCODED = ["=?utf-8?q?x=0D=0ABcc:_a@b.example?=", "a =?utf-8?b?DQpCY2M6IHg=?= b", "==?utf-8?q?=0AX:_y?=?"]


@pytest.mark.parametrize("hidden", ENCODED)
def test_a_line_end_that_hides_in_an_encoded_word_stays_hidden(hidden: str) -> None:
    for heading, subject in ((HEADING, hidden), (to("maud@bookshop.example", hidden), "Hello")):
        content = compose(heading, replace(RENDERED, subject=subject)).content
        message = read(content)
        assert set(message.keys()) == NAMES
        assert b"\nBcc:" not in content
        assert hidden.replace("=?", "= ?") in str(message["Subject"]) or heading is not HEADING


@pytest.mark.parametrize("hidden", [*ENCODED, "Hello\r\nBcc: x@kontor.example", "a\x00b"])
def test_a_line_end_in_a_header_stops_the_mail_however_it_came_there(hidden: str) -> None:
    with pytest.raises(UnwritableError, match="Subject"):
        _add(EmailMessage(SMTP), "Subject", hidden)


@pytest.mark.parametrize(
    "head", [b"To: a\r\nBcc: b\r\n", b"Bcc: b\r\n", b"\r\n\r\nTo: a", b"To: a\n\nx", b"To: a\r\nTo: b\r\n"]
)
def test_headers_that_were_not_meant_stop_the_mail(head: bytes) -> None:
    assert _as_meant(b"To: a\r\n b\r\n", ["To"])
    with pytest.raises(UnwritableError):
        _as_meant(head, ["To"])


@pytest.mark.parametrize(
    "email",
    [
        "a(comment)@kontor.example",
        '"a b"@kontor.example',
        '"a@b"@kontor.example',
        ".a@kontor.example",
        "a..b@kontor.example",
        "a:b@kontor.example",
        "a@[127.0.0.1]",
        "a@-kontor.example",
        "a@kontor..example",
    ],
)
def test_an_address_that_could_mean_two_mailboxes_is_not_written_to(email: str) -> None:
    with pytest.raises(UnwritableError):
        compose(to(email), RENDERED)


def test_a_domain_with_umlauts_is_written_as_registries_know_it() -> None:
    outgoing = compose(to("kontakt@bäckerei-weiß.example"), RENDERED)
    # Not "weiss": ß is a letter of its own in a domain name (IDNA 2008), and that domain may be somebody else's.
    assert (outgoing.recipient, outgoing.utf8) == ("kontakt@xn--bckerei-wei-56a8c.example", False)


def test_a_mailbox_with_umlauts_asks_the_server_for_utf8() -> None:
    outgoing = compose(to("jürgen@kontor.example"), RENDERED)
    assert outgoing.utf8
    assert addresses(outgoing.content) == ["jürgen@kontor.example"]


CHARACTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
WORDS = CHARACTERS | st.sampled_from([*ENCODED, "=?", "?=", "<a@b.example>", ",", '"'])
LINES = st.lists(WORDS, min_size=1, max_size=60).map(lambda words: "".join(words)[:200].strip()).filter(bool)
LOCAL_PARTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="@<>,;"), min_size=1
)
EMAILS = st.builds(
    "{}@{}".format,
    LOCAL_PARTS.filter(lambda text: not re.search(r"\s", text)),
    st.sampled_from(["kontor.example", "bäckerei.example", "[1.2.3.4]", "x"]),
)


BESIDE_A_WORD = f"{ENCODED[0]}{ENCODED[2]}{ENCODED[0]}\xa0\xa0\U00010000{ENCODED[0]}\xa1"
"""The standard library's folding takes a wrong end of an encoded word here."""


@given(name=LINES, subject=LINES)
@example(name="0", subject=BESIDE_A_WORD)
@example(name=BESIDE_A_WORD, subject="0")
def test_every_valid_name_and_subject_can_be_sent(name: str, subject: str) -> None:
    message = read(compose(to("maud@bookshop.example", name), replace(RENDERED, subject=subject)).content)
    assert "".join(message["Subject"].split()) == "".join(subject.replace("=?", "= ?").split())
    wanted = "".join(" " if c in NOT_IN_NAMES else c for c in name).replace("=?", "= ?")
    assert "".join(message["To"].addresses[0].display_name.split()) == "".join(wanted.split())


@given(name=LINES, email=EMAILS, subject=LINES)
def test_no_valid_text_adds_a_header_or_a_recipient(name: str, email: str, subject: str) -> None:
    try:
        outgoing = compose(to(email, name), replace(RENDERED, subject=subject))
    except UnwritableError:
        return
    message = read(outgoing.content)
    assert set(message.keys()) == NAMES
    assert addresses(outgoing.content) == [outgoing.recipient]


@pytest.mark.parametrize(
    "name",
    [
        "Doe, Jane <jane@evil.example>",
        "a@evil.example, b",
        'x" <y@evil.example>, "z' * 5,
        "Ö" * 150 + ", b@c.d",
        "ü <y@evil.example>, " * 9,
    ],
)
def test_a_name_that_looks_like_addresses_stays_a_name(name: str) -> None:
    for address in ("maud@bookshop.example", "jürgen@bookshop.example"):
        assert addresses(compose(to(address, name), RENDERED).content) == [address]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_every_text_comes_back_from_its_encoding(text: str) -> None:
    content = compose(HEADING, replace(RENDERED, text=text)).content
    assert content.isascii()
    assert body(read(content), "plain") == text.replace("\r", "") + ("" if text.endswith("\n") else "\n")
