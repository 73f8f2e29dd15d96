"""What people write reaches mails by many fields: names, reasons, texts. None of it adds a header, a reader or a tag."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest
from unit.notifications.test_templates import LINK, PORTAL, TEMPLATES, Page, drafts

from kontor_contracts.values import Recipient
from notifications.mail_request import MailRequest
from notifications.message import Heading, compose
from notifications.plain_values import DIRECTIONS, UNSEEN, one_line, readable
from notifications.templates import Means, Rendered

CORPUS = {
    "line ends": "Nord AG\r\nBcc: eve@evil.example\r\n\r\n<b>Hello</b>",
    "line feeds": "Nord AG\n.\nRCPT TO:<eve@evil.example>",
    "other line ends": "Nord\u2028Bcc: eve@evil.example\u2029\x85X: y",
    "null": "Nord\x00AG\x1b[31m\x07",
    "right to left": "Nord \u202egnirtsgnol\u202c \u2066AG",
    "unseen": "No\u200brd\u00ad \ufeffAG\U000e0041\u2060",
    "homoglyphs": "Κontоr Ѕеcurіtу",  # noqa: RUF001  Greek and Cyrillic on purpose
    "template": "{{ 7 * 7 }} {% include 'x' %} {# a #} ${7*7} #{7*7} %(a)s {0.__class__}",
    "link placeholder": "{link}",
    "tags": "<script>alert(1)</script><a href=https://evil.example>x</a><img src=x onerror=y>",
    "attributes": '" onmouseover="x" style=\'position:fixed\'',
    "comment": "--> <!-- ]]> <![CDATA[ </title></style>",
    "addresses": "Eve <eve@evil.example>, Bob <bob@evil.example>;",
    "encoded words": "=?utf-8?q?x=0D=0ABcc:_eve@evil.example?= =?utf-8?b?DQpCY2M6IHg=?=",
    "boundary": "--=_kontor--",
    "long name": "W" * 200,
    "long words": ("ü" * 99 + " ") * 2,
}
WRITTEN = ("name", "subject", "body", "explanation", "comment", "why", "reason", "address", "by", "company")
CODES = {"by", "why", "ended_by", "because"}
"""Fields that hold a code in some mails: there the text of a person cannot come."""
NAMES = {
    "From",
    "To",
    "Reply-To",
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
DRAFTS = list({draft.template: draft for _, draft in drafts()}.values())


def written(draft: MailRequest) -> list[str]:
    """The fields of the mail that a person may have filled."""
    return [name for name in draft.context if name.endswith(WRITTEN) and name not in CODES]


def hostile(draft: MailRequest, text: str, language: str) -> tuple[Rendered, EmailMessage]:
    recipient = Recipient.model_construct(name=one_line(text), email="zoe@reader.example", culture=language)
    context = {**draft.context, **dict.fromkeys(written(draft), text)}
    rendered = TEMPLATES.render(
        draft.template,
        recipient,
        context,
        Means(link=LINK if draft.sealed_link else None, answers="desk@kontor.example"),
    )
    heading = Heading(
        sender=Address("Kontor", addr_spec="no-reply@kontor.example"),
        recipient=recipient,
        message_id="<4711@kontor.example>",
        date=datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC),
        template=draft.template,
        correlation_id="conversation-1",
        category="program",
        reply_to=Address("Desk", addr_spec="desk@kontor.example"),
    )
    message = message_from_bytes(compose(heading, rendered).content, policy=default)
    assert isinstance(message, EmailMessage)
    return rendered, message


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())
def test_nothing_that_people_write_changes_a_mails_form(text: str, language: str) -> None:
    for draft in DRAFTS:
        plain = Page(hostile(draft, "Nord AG", language)[0].html)
        rendered, message = hostile(draft, text, language)
        page = Page(rendered.html)
        assert sorted(message.keys()) == sorted(NAMES), draft.template
        assert [one.addr_spec for one in message["To"].addresses] == ["zoe@reader.example"]
        assert [one.addr_spec for one in message["Reply-To"].addresses] == ["desk@kontor.example"]
        assert len(list(message.iter_parts())) == 2
        assert set(page.tags) <= {*plain.tags, "a", "ul", "li"}, draft.template
        assert page.attributes <= plain.attributes | {"style", "class", "href"}
        assert set(page.links) <= {LINK, PORTAL}
        assert not re.search(r"on\w+=", " ".join(page.attributes))


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())
def test_what_people_write_can_be_read_in_both_forms(text: str) -> None:
    wanted = one_line(text)
    for draft in DRAFTS:
        if not written(draft) or draft.template == "invitation":
            continue  # in an invitation the placeholder of the link is replaced in the inviter's text
        rendered, _ = hostile(draft, text, "en")
        for form in (rendered.text, Page(rendered.html).text):
            quoted = " ".join(re.sub(r"^> ", "", line) for line in form.splitlines())
            assert wanted in " ".join(quoted.split()), draft.template
            assert not DIRECTIONS.search(form)
            assert not UNSEEN.search(form)
            assert "\x00" not in form and "\x1b" not in form


def test_letters_of_all_scripts_stay_as_they_are() -> None:
    for text in ("Żółć & Søn", "株式会社ノルド", "شركة الشمال", "नॉर्ड\u200d प्रा.", "👩\u200d💻 GmbH", "a\tb\nc"):
        assert readable(text) == text
    assert one_line(" a\tb\nc ") == "a b c"
