"""Every mail in every language: complete, in one language, and deaf to what people write into it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from pydantic import TypeAdapter

from kontor_contracts import Envelope, decode
from kontor_contracts.enrollment import (
    Applicant,
    ContactDenied,
    EnrollmentActivated,
    EnrollmentEnded,
    EnrollmentExpired,
    EnrollmentReinstated,
    EnrollmentRejected,
    EnrollmentReminded,
    EnrollmentSuspended,
    LegalChangeRejected,
)
from kontor_contracts.identity import (
    EVENTS,
    SecondFactorChanged,
    Sender,
    UserAdded,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserInvited,
    UserPasswordChanged,
    UserRestored,
    UserRolesChanged,
)
from kontor_contracts.relationships import InvitationReminded, ResellersRefused
from kontor_contracts.topics import read_by
from kontor_contracts.values import Line, Recipient, Text
from notifications.invitation_mails import when_invitation_sent
from notifications.mail_request import MailRequest
from notifications.mails import (
    MAILS,
    when_second_factor_changed,
    when_user_roles_changed,
)
from notifications.plain_values import one_line, readable
from notifications.templates import LANGUAGES, Letterhead, Means, Rendered, Templates

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"
SOMETIMES = {"role", "explanation", "reseller_partner_id", "provider_partner_id", "sender_in_program"}
"""Values that not every form of a mail shows: of one side of a partnership, of a sender without a domain, of a role."""
CLOSED_LISTS: dict[type[Any], str] = {
    EnrollmentRejected: "reason",
    EnrollmentSuspended: "reason",
    EnrollmentReinstated: "reason",
    EnrollmentReminded: "status",
    EnrollmentExpired: "status",
    LegalChangeRejected: "reason",
}
"""Of messages whose mails have a paragraph for each of several values: the field."""
APPLICANT = Applicant(user_id="u2", name="Jörg Süß", email="joerg@mueller.example", culture="en")
SENDER = Sender(name="Jürgen Müller", email="juergen@mueller.example", domain="mueller.example")
SEALED = "e" * 40
LINK = "https://kontor.example/invitations/7f1?token=0aB_-9&lang=de"
PORTAL = "https://portal.kontor.example"
IMPRINT = ("Nordwind Vertrieb GmbH, Hafenstraße 7, 20457 Hamburg", "HRB 12345, Amtsgericht Hamburg")
TEMPLATES = Templates(Letterhead("Nordwind", PORTAL, IMPRINT))
HIGHER = UserRolesChanged(
    user_id="u1",
    organization_id="o1",
    roles=("global-admin",),
    added=("global-admin",),
    removed=("owner",),
    organization_name="Müller & Söhne GmbH",
    contact=Recipient(name="Zoë Größler", email="zoe@mueller.example", culture="de"),
)
NOTICED: dict[str, Any] = {
    "user_id": "u1",
    "organization_id": "o1",
    "organization_name": "Müller & Söhne GmbH",
    "contact": Recipient(name="Zoë Größler", email="zoe@mueller.example", culture="de"),
}
NEWER: dict[Any, Any] = {
    UserRolesChanged: HIGHER,
    UserPasswordChanged: UserPasswordChanged(**NOTICED),
    UserDisabled: UserDisabled(**NOTICED),
    UserEnabled: UserEnabled(**NOTICED),
    UserRestored: UserRestored(**NOTICED, status="active"),
    UserDeleted: UserDeleted(**NOTICED, restorable_until=datetime(2026, 12, 28, tzinfo=UTC)),
    SecondFactorChanged: SecondFactorChanged(**NOTICED, state="off", by="administrator"),
}
OTHERWISE: dict[Any, dict[str, Any]] = {
    EnrollmentEnded: {"reason": "not-reauthorized", "enroll_again_from": datetime(2027, 12, 4, tzinfo=UTC)},
    EnrollmentActivated: {"already_in_program": True},
    # The addressee got no mail, so the inviter is reminded.
    InvitationReminded: {"reminded": "inviter", "sealed_link": None},
}
"""Of messages that lead to another mail by the value of a field."""
HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} {% raw %} {link} \" onload='x' &lt; </title>"
GERMAN_WORDS = re.compile(r"\b(und|Sie|Ihr|nicht|die|der|wurde)\b")
ENGLISH_WORDS = re.compile(r"\b(and|you|your|not|the|was)\b")
LEFTOVERS = re.compile(r"\{\{|\}\}|\{%|%\}|\{link\}|Undefined|None\b|\b(yes|administer|indirect-\w+)\b,?order?")


def messages() -> Iterator[Envelope[Any]]:
    """The golden examples that notifications relies on and writes mails about."""
    types = {name: message for topic in read_by("notifications") for name, message in topic.types.items()}
    for event in MAILS:
        message = decode((EXAMPLES / event.TYPE / "notifications.json").read_bytes(), [], types)
        # The released examples are older than the fields that the mails need.
        data = NEWER.get(event, message.data)
        if event is UserAdded:
            until = datetime(2026, 11, 30, tzinfo=UTC)
            data = data.model_copy(update={"sealed_link": SEALED, "expires_at": until, "sender": SENDER})
        elif event is UserInvited:
            data = data.model_copy(update={"sender": SENDER})
        elif event is ResellersRefused:
            data = data.model_copy(update={"customer_name": "Köhler KG", "contact": NOTICED["contact"]})
        if "applicant" in event.model_fields:
            data = data.model_copy(update={"applicant": APPLICANT})
        if event is EnrollmentRejected:
            data = data.model_copy(update={"appeal_until": datetime(2026, 12, 4, tzinfo=UTC), "appeals_left": 2})
        if event is ContactDenied:
            data = data.model_copy(update={"undo_until": datetime(2026, 12, 4, tzinfo=UTC)})
        yield message.model_copy(update={"data": data})
        if other := OTHERWISE.get(event):
            yield message.model_copy(update={"data": data.model_copy(update=other)})


def drafts() -> Iterator[tuple[str, MailRequest]]:
    """Every mail of every example; one for each reason where there are several."""
    for message in messages():
        data = message.data
        if field := CLOSED_LISTS.get(type(data)):
            for value in get_args(type(data).model_fields[field].annotation):
                for draft in MAILS[type(data)](data.model_copy(update={field: value})):
                    yield f"{draft.template}-{value}-{draft.context['role']}", draft
        else:
            for draft in MAILS[type(data)](data):
                told = (draft.template, draft.context.get("side"), draft.context.get("role"))
                yield "-".join(filter(None, told)), draft


CASES = [pytest.param(draft, language, id=f"{name}-{language}") for name, draft in drafts() for language in LANGUAGES]


def render(draft: MailRequest, culture: str, **changed: str) -> Rendered:
    recipient = draft.recipient.model_copy(update={"culture": culture})
    return TEMPLATES.render(
        draft.template, recipient, {**draft.context, **changed}, Means(link=LINK if draft.sealed_link else None)
    )


class Page(HTMLParser):
    """An HTML mail: its tags, its attributes and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_mail_has_its_templates_and_every_template_a_mail() -> None:
    wanted, folder = {draft.template for _, draft in drafts()}, "services/notifications/src/notifications/templates"
    missing = sorted(
        f"{folder}/{name}.{language}.jinja" for name in wanted - set(TEMPLATES.names) for language in LANGUAGES
    )
    assert not missing, f"write {', '.join(missing)}"
    assert set(TEMPLATES.names) == wanted, "no mail uses these; remove them"


@pytest.mark.parametrize(("draft", "language"), CASES)
def test_a_mail_is_complete(draft: MailRequest, language: str) -> None:
    mail = render(draft, language)
    page = Page(mail.html)
    for part in (mail.subject, mail.text, page.text):
        assert part.strip()
        assert not LEFTOVERS.search(part)
    assert mail.language == language
    assert f'lang="{language}"' in mail.html
    assert "\n\n\n" not in mail.text
    assert draft.template == "invitation" or draft.recipient.name in mail.text
    assert "script" not in page.tags


@pytest.mark.parametrize(("draft", "language"), CASES)
def test_a_mail_is_in_one_language(draft: MailRequest, language: str) -> None:
    # What the inviter wrote is in the inviter's language, whatever that is.
    mail = render(draft, language, mail_body="{link}", mail_subject="…")
    own, other = (GERMAN_WORDS, ENGLISH_WORDS) if language == "de" else (ENGLISH_WORDS, GERMAN_WORDS)
    assert own.search(mail.text)
    assert not other.search(mail.text)
    assert not other.search(Page(mail.html).text)


@pytest.mark.parametrize(("draft", "language"), CASES)
def test_both_forms_of_a_mail_say_the_same(draft: MailRequest, language: str) -> None:
    mail = render(draft, language)
    html = " ".join(Page(mail.html).text.split())
    for line in mail.text.splitlines():
        if line == PORTAL:
            continue  # in HTML, where the words before it lead
        words = " ".join(line.removeprefix("- ").removeprefix("-- ").split())
        assert words.replace("--", "").removesuffix(":") in html


@pytest.mark.parametrize(("draft", "language"), CASES)
def test_a_mail_links_to_portal_and_personal_page_alone(draft: MailRequest, language: str) -> None:
    mail = render(draft, language)
    assert set(Page(mail.html).links) == ({LINK, PORTAL} if draft.sealed_link else {PORTAL})
    assert (LINK in mail.text) == bool(draft.sealed_link)
    assert f"\n{PORTAL}\n" in mail.text
    assert mail.text.count("https://") == (2 if draft.sealed_link else 1)


@pytest.mark.parametrize(("draft", "language"), CASES)
def test_a_mail_names_the_brand_and_the_legal_sender(draft: MailRequest, language: str) -> None:
    mail = render(draft, language)
    for form in (mail.text, Page(mail.html).text):
        assert "Nordwind" in form
        assert all(line in form for line in IMPRINT)
        assert "Kontor" not in form


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_says_where_an_answer_goes(language: str) -> None:
    draft = next(draft for name, draft in drafts() if name == "password-changed")
    recipient = draft.recipient.model_copy(update={"culture": language})
    unread, read = (
        TEMPLATES.render(draft.template, recipient, draft.context, Means(answers=answers)).text
        for answers in ("", "desk@kontor.example")
    )
    assert {"en": "please do not reply", "de": "antworten Sie nicht"}[language] in unread
    assert "desk@kontor.example" in read
    assert {"en": "please do not reply", "de": "antworten Sie nicht"}[language] not in read


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_optional_mail_leads_to_the_choice_of_mails(language: str) -> None:
    draft = next(draft for name, draft in drafts() if name.startswith("review-started"))
    recipient = draft.recipient.model_copy(update={"culture": language})
    mute = "https://kontor.example/mail-preferences?token=abc&lang=en"
    mail = TEMPLATES.render(draft.template, recipient, draft.context, Means(mute=mute))
    assert f"\n{mute}\n" in mail.text
    assert mute in Page(mail.html).links


@pytest.mark.parametrize(("draft", "language"), CASES)
def test_a_mail_needs_all_of_its_context(draft: MailRequest, language: str) -> None:
    for missing in draft.context.keys() - SOMETIMES:
        context = {name: value for name, value in draft.context.items() if name != missing}
        with pytest.raises(UndefinedError):
            TEMPLATES.render(draft.template, draft.recipient, context, Means(link=LINK))
    if draft.sealed_link:
        with pytest.raises(UndefinedError):
            TEMPLATES.render(draft.template, draft.recipient, draft.context, Means())


@pytest.mark.parametrize(("draft", "language"), CASES)
def test_what_people_write_stays_text(draft: MailRequest, language: str) -> None:
    names = [
        name
        for name in draft.context
        if name.endswith(("name", "subject", "body", "explanation", "comment")) and draft.context[name] != LINK
    ]
    plain = Page(render(draft, language).html)
    mail = render(draft, language, **dict.fromkeys(names, HOSTILE))
    page = Page(mail.html)
    assert page.attributes <= plain.attributes
    assert set(page.tags) <= set(plain.tags) | {"a"}
    assert set(page.links) <= {LINK, PORTAL}
    shown = HOSTILE.replace("{link}", LINK)
    assert not names or HOSTILE in mail.text or shown in mail.text
    assert "49" not in mail.text.replace(LINK, "")


LINES = (
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=200)
    .map(str.strip)
    .filter(bool)
)
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\r\t\x85{}<>&%-"), min_size=1, max_size=400
)


def test_answers_to_an_invitation_go_to_the_inviters_contact() -> None:
    invitation = next(message.data for message in messages() if message.type.endswith("invitation-sent.v1"))
    (draft,) = when_invitation_sent(invitation)
    assert draft.reply_to == invitation.inviter.contact


@given(subject=LINES, body=TEXTS)
def test_an_invitation_says_what_the_inviter_wrote(subject: str, body: str) -> None:
    assert TypeAdapter(Line).validate_python(subject) == subject
    assert TypeAdapter(Text).validate_python(body) == body
    invitation = next(message.data for message in messages() if message.type.endswith("invitation-sent.v1"))
    (draft,) = when_invitation_sent(invitation.model_copy(update={"mail_subject": subject, "mail_body": body}))
    mail = render(draft, "en")
    wanted = readable(body).replace("{link}", LINK).strip()
    facts, _, words = mail.text.partition("\n\n")
    assert f"{invitation.inviter.name} (partner id {invitation.inviter.partner_id}" in facts
    assert words.lstrip().startswith(wanted)
    assert mail.subject == one_line(subject)
    assert set(Page(mail.html).links) <= {LINK, PORTAL}


def test_a_link_alone_becomes_a_button_and_within_a_text_words() -> None:
    draft = next(draft for name, draft in drafts() if name == "invitation")
    alone = render(draft, "en", mail_body="Please answer:\n{link}\nThank you").html
    inside = render(draft, "en", mail_body="Please answer {link} soon").html
    assert "display:inline-block" in alone
    assert f"<br>{LINK.replace('&', '&amp;')}" in alone
    assert "display:inline-block" not in inside
    assert "Please answer <a href=" in inside
    assert "Open the invitation</a> soon" in inside


@pytest.mark.parametrize(
    ("culture", "language", "date"),
    [
        ("de-AT", "de", "9. November 2026, 08:14 UTC"),
        ("de-ZZ", "de", "9. November 2026, 08:14 UTC"),
        ("en-GB", "en", "9 November 2026, 08:14 UTC"),
        ("en-US", "en", "November 9, 2026, 8:14\u202fAM UTC"),
        ("fr-FR", "en", "November 9, 2026, 8:14\u202fAM UTC"),
        ("xx", "en", "November 9, 2026, 8:14\u202fAM UTC"),
    ],
)
def test_dates_are_written_as_the_reader_does(culture: str, language: str, date: str) -> None:
    draft = next(draft for name, draft in drafts() if name == "contact-verification")
    at = datetime(2026, 11, 9, 8, 14, tzinfo=UTC).isoformat()
    mail = render(draft, culture, expires_at=at)
    assert (mail.language, date in mail.text) == (language, True)


def test_no_mail_carries_a_password() -> None:
    welcome = next(draft for name, draft in drafts() if name == "user-welcome")
    assert not [name for name in welcome.context if "password" in name]
    assert set(welcome.context) - {"organization_name", "address_known", "proof", "expires_at"} == {
        "sender_name",
        "sender_address",
        "sender_domain",
        "sender_in_program",
    }


def test_each_side_gets_its_own_mail() -> None:
    by_template: dict[str, list[str]] = {}
    for _, draft in drafts():
        by_template.setdefault(draft.template, []).append(draft.recipient.email)
    assert len(set(by_template["partnership-established"])) == 2
    assert len(set(by_template["resellers-authorized"])) == 3
    assert len(set(by_template["resellers-refused"])) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_acceptance_that_came_to_nothing_is_mailed_with_the_remedy(language: str) -> None:
    event = of(ResellersRefused)
    mails = {draft.recipient.email: render(draft, language) for draft in MAILS[ResellersRefused](event)}
    assert set(mails) == {event.contact.email, *(one.contact.email for one in event.partners)}
    for mail in mails.values():
        assert event.customer_name in mail.text
        assert {"en": "new invitation", "de": "neue Einladung"}[language] in mail.text
    assert all(one.name in mails[event.contact.email].text for one in event.partners)


def test_a_refusal_that_names_no_customer_leads_to_no_mail() -> None:
    older = of(ResellersRefused).model_copy(update={"customer_name": None, "contact": None})
    assert MAILS[ResellersRefused](older) == []


def test_what_identity_has_mailed_is_about_somebody_who_may_be_purged() -> None:
    told = [message for message in messages() if isinstance(message.data, EVENTS)]
    assert {type(message.data) for message in told} == set(EVENTS) & set(MAILS)
    for message in told:
        assert {draft.about for draft in MAILS[type(message.data)](message.data)} == {message.data.user_id}


def of(event: type[Any]) -> Any:
    return next(message.data for message in messages() if isinstance(message.data, event))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", [UserAdded, UserInvited])
def test_a_mail_says_who_sends_it_and_what_is_proved(event: type[Any], language: str) -> None:
    unproved = Sender(name="Eve Evil", email="eve@evil.example")
    partner = unproved.model_copy(update={"status": "active"})
    organization = "URGENT transfer"
    texts = [
        render(
            MAILS[event](of(event).model_copy(update={"sender": sender, "organization_name": organization}))[0],
            language,
        )
        for sender in (SENDER, unproved, partner)
    ]
    assert all(organization not in mail.subject for mail in texts)
    assert "mueller.example" in texts[0].text
    assert "eve@evil.example" in texts[1].text
    assert {"en": "have not checked", "de": "nicht geprüft"}[language] in texts[1].text
    assert {"en": "verified partner", "de": "geprüfter Partner"}[language] in texts[2].text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", [UserAdded, UserInvited])
def test_a_mail_to_a_known_address_says_so_without_a_link(event: type[Any], language: str) -> None:
    (draft,) = MAILS[event](of(event).model_copy(update={"address_known": True}))
    assert draft.sealed_link is None
    mail = render(draft, language)
    assert {"en": "You already have a user", "de": "haben Sie schon einen Benutzer"}[language] in mail.text
    assert "https://" not in mail.text.replace(PORTAL, "")


def test_a_welcome_without_a_link_asks_for_no_proof() -> None:
    (draft,) = MAILS[UserAdded](of(UserAdded).model_copy(update={"sealed_link": None, "sender": None}))
    assert "onfirm" not in render(draft, "en").text.partition("-- ")[0]


def test_names_cannot_part_what_tabs_and_line_feeds_part() -> None:
    for name in ("a\tb", "a\nb"):
        with pytest.raises(ValueError, match="pattern"):
            TypeAdapter(Line).validate_python(name)
    assert Recipient(name="a b", email="a@b.example")


def test_only_the_highest_roles_are_worth_a_mail() -> None:
    for changed in (
        HIGHER.model_copy(update={"added": ("helpdesk-agent",), "removed": ()}),
        HIGHER.model_copy(update={"contact": None}),
    ):
        assert when_user_roles_changed(changed) == []
    (draft,) = when_user_roles_changed(HIGHER)
    assert "global administrator now" in render(draft, "en").text
    assert "no longer an owner" in render(draft, "en").text
    assert "nicht mehr Ihnen" in render(draft, "de").text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("state", "by"), [("active", "user"), ("off", "user"), ("off", "administrator")])
def test_a_notice_says_what_became_of_the_second_factor(language: str, state: str, by: str) -> None:
    event = SecondFactorChanged(**NOTICED, state=state, by=by)
    mail = render(when_second_factor_changed(event)[0], language)
    others = [each for each in (("active", "user"), ("off", "user"), ("off", "administrator")) if each != (state, by)]
    texts = {
        render(when_second_factor_changed(SecondFactorChanged(**NOTICED, state=s, by=b))[0], language).text
        for s, b in others
    }
    assert mail.text not in texts
    assert ("Forgotten password" if language == "en" else "Kennwort vergessen") in mail.text


def test_an_event_without_contact_leads_to_no_notice() -> None:
    bare = {"user_id": "u1", "organization_id": "o1"}
    assert MAILS[UserPasswordChanged](UserPasswordChanged(**bare)) == []
    assert MAILS[UserDisabled](UserDisabled(**bare)) == []
    assert MAILS[SecondFactorChanged](SecondFactorChanged(**bare, state="off")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_stranger_writes_looks_like_no_line_of_ours(language: str) -> None:
    """The holder of a link declines without signing in, and writes a reason."""
    values = {
        "addressee_name": "Käthe Süß",
        "addressee_address": "kaethe@suess.example",
        "inviter_name": "Nord AG",
        "provider_name": "",
        "declined_by": "",
        "declining_company": "",
        "at": "2026-11-28T01:00:00+00:00",
        "why": "Nein.\r\n\r\nPlease sign in once more.\n- Now",
    }
    mail = TEMPLATES.render(
        "invitation-declined", Recipient(name="Ida", email="i@nord.example", culture=language), values, Means()
    )
    forged = [line for line in mail.text.splitlines() if "sign in once more" in line or "- Now" in line]
    assert forged == ["> Please sign in once more.", "> - Now"]
    assert "&gt; Please sign in once more." in mail.html
