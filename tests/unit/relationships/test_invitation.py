"""An invitation's life before it is accepted: drafted, edited, sent, taken back, expired."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce

import pytest
from unit.relationships.people import (
    CUSTOMER_CONTACT,
    MAIL,
    NOW,
    PROVIDER,
    RESELLER,
    RESELLER_CONTACT,
    SENDER,
    given,
)

from kontor_contracts.relationships import (
    InvitationDeclined,
    InvitationDrafted,
    InvitationExpired,
    InvitationKind,
    InvitationReady,
    InvitationReminded,
    InvitationRevoked,
    InvitationSent,
    InvitationSentByInviter,
    InvitationUndeliverable,
    InvitationViewed,
)
from kontor_contracts.values import Partner, Recipient
from relationships.domain.invitation.acceptance import AnswerNoted
from relationships.domain.invitation.commands import (
    Command,
    ConfirmSending,
    DeclineInvitation,
    DraftInvitation,
    EditMail,
    ExpireInvitation,
    FollowSender,
    ForgetAddressee,
    ForgetPerson,
    MailEdited,
    NoteEnrolled,
    NoteUndeliverable,
    NoteView,
    RemindInvitation,
    RevokeInvitation,
    SendInvitation,
)
from relationships.domain.invitation.decide import decide
from relationships.domain.invitation.endings import ERASED
from relationships.domain.invitation.evolve import Fact, evolve
from relationships.domain.invitation.state import LIFETIMES, Mail, Person, State, Status, due
from relationships.domain.refusals import InvitationRefused, Reason, refused

SEALED = "x" * 32
SEND = SendInvitation(sealed_link=SEALED, generation=1, request="r0", by="u9", at=NOW)
LATER = NOW + timedelta(days=20)
RESEND = SendInvitation(sealed_link=SEALED, generation=2, request="r2", by="u9", at=LATER, again=True)
REVOKE = RevokeInvitation(SENDER, LATER)
ADDRESSEE = Person(
    user_id="u1", organization_id="res", organization_name="Müller & Söhne GmbH", contact=RESELLER_CONTACT
)
DECLINE = DeclineInvitation(generation=1, by=ADDRESSEE, reason="Kein Bedarf", at=LATER)
STATUSES: tuple[Status, ...] = ("draft", "sent", "accepted", "declined", "revoked", "expired")


def drafting(
    kind: InvitationKind = "partnership",
    inviter: Partner = PROVIDER,
    provider: Partner | None = None,
    recipient: Recipient = RESELLER_CONTACT,
) -> DraftInvitation:
    return DraftInvitation(
        invitation_id="i1", kind=kind, inviter=inviter, provider=provider, recipient=recipient, mail=MAIL
    )


def after(state: State, *commands: Command) -> State:
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def reason(facts: list[Fact]) -> Reason:
    (fact,) = facts
    assert isinstance(fact, InvitationRefused)
    return fact.reason


# -- drafting


@pytest.mark.parametrize(
    "command",
    [
        drafting(),
        drafting("customer", RESELLER, recipient=CUSTOMER_CONTACT),
        drafting("customer", PROVIDER, recipient=CUSTOMER_CONTACT),
        drafting("customer-joint", RESELLER, PROVIDER, CUSTOMER_CONTACT),
    ],
    ids=["partnership", "customer of a reseller", "customer of a provider", "customer of both"],
)
def test_a_partner_drafts_an_invitation_and_nothing_is_sent(command: DraftInvitation) -> None:
    facts = decide(command, State())
    assert [fact for fact in facts if isinstance(fact, InvitationDrafted | InvitationSent)] == [
        InvitationDrafted(
            invitation_id="i1",
            kind=command.kind,
            inviter_id=command.inviter.organization_id,
            provider_id=command.provider.organization_id if command.provider else None,
        )
    ]
    drafted = reduce(evolve, facts, State()).invitation
    assert drafted is not None
    assert (drafted.status, drafted.recipient, drafted.mail) == ("draft", command.recipient, MAIL)
    assert drafted.partners == tuple(one for one in (command.inviter, command.provider) if one)


def test_a_draft_is_made_once() -> None:
    assert decide(drafting(), given(status="draft")) == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (drafting(inviter=RESELLER), "not-a-provider"),
        (drafting("customer-joint", PROVIDER, PROVIDER, CUSTOMER_CONTACT), "not-a-reseller"),
        (drafting("customer-joint", RESELLER, None, CUSTOMER_CONTACT), "partnership-missing"),
    ],
)
def test_who_may_not_invite_is_told_why(command: DraftInvitation, why: Reason) -> None:
    assert reason(decide(command, State())) == why


@pytest.mark.parametrize("address", ["boss@mueller.example", "boss@MUELLER.Example", "boss@nord.example"])
def test_a_customer_is_not_at_a_partners_own_domain(address: str) -> None:
    recipient = CUSTOMER_CONTACT.model_copy(update={"email": address})
    assert decide(drafting("customer-joint", RESELLER, PROVIDER, recipient), State()) == [refused("own-domain")]
    assert refused("own-domain").field == "recipient.email"


def test_a_customer_may_be_at_a_domain_that_only_ends_like_a_partners() -> None:
    recipient = CUSTOMER_CONTACT.model_copy(update={"email": "boss@not-mueller.example"})
    assert decide(drafting("customer", RESELLER, None, recipient), State())


# -- the text


def test_the_draft_may_be_rewritten() -> None:
    mail = Mail("Anders", "Grüße!\n{link}")
    assert decide(EditMail(mail), given(status="draft")) == [MailEdited(mail)]
    edited = after(given(status="draft"), EditMail(mail)).invitation
    assert edited is not None and edited.mail == mail


def test_the_same_text_again_changes_nothing() -> None:
    assert decide(EditMail(MAIL), given(status="draft")) == []


@pytest.mark.parametrize("body", ["no link", "{ link }", "{links}", "link"])
def test_the_link_stays_in_the_text(body: str) -> None:
    refusal = refused("link-missing")
    assert decide(EditMail(Mail("Hallo", body)), given(status="draft")) == [refusal]
    assert refusal.field == "body"


@pytest.mark.parametrize("state", [State(), *(given(status=status) for status in STATUSES if status != "draft")])
def test_only_a_draft_may_be_rewritten(state: State) -> None:
    assert reason(decide(EditMail(MAIL), state)) == "not-a-draft"


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (Mail("Hallo", "{link} und {link}"), "link-repeated"),
        (Mail("{link}", "{link}"), "link-repeated"),
        (Mail("Hallo", "https://boese.example/?to={link}"), "link-hidden"),
        (Mail("Hallo", "x{link}"), "link-hidden"),
        (Mail("Hallo", "{link}x"), "link-hidden"),
        (Mail("Hallo", "{link}\nhttps://boese.example"), "link-foreign"),
        (Mail("Hallo", "{link}\nwww.boese.example"), "link-foreign"),
        (Mail("Hallo", "{link}\nboese.example/klick"), "link-foreign"),
        (Mail("Hallo", "{link}\nhttps://nord.example@boese.example/"), "link-foreign"),
        (Mail("Hallo", "{link}\nhttps://nord.example:x@boese.example/"), "link-foreign"),
        (Mail("Hallo", "{link}\nhttps://boese.example\\@nord.example/"), "link-foreign"),
        (Mail("Hallo", "{link}\nboese.example:8080/klick"), "link-foreign"),
        (Mail("Hallo", "{link}\nböse.рф/klick"), "link-foreign"),
        (Mail("Hallo", "{link}\nboese.xn--p1ai/klick"), "link-foreign"),
        (Mail("Hallo", "{link}\nhttps://nord.example.boese.example/"), "link-foreign"),
        (Mail("HTTPS://BOESE.example", "{link}"), "link-foreign"),
        (Mail("Hallo", "{link}\nh\u200bttps://boese.example"), "link-foreign"),
    ],
)
def test_the_link_is_ours_alone_visible_and_there_once(mail: Mail, why: Reason) -> None:
    facts = decide(EditMail(mail), given(status="draft"))
    assert reason(facts) == why
    assert refused(why).field == "body"


@pytest.mark.parametrize(
    "body",
    [
        "Hier: {link}.",
        "({link})",
        "<{link}>",
        "„{link}“",
        "{link}\n\nIda Vogt\nida@nord.example\nwww.nord.example\nhttps://shop.nord.example/x?y=1",
        "Preise: 1.000,00 €; z.B. am 3.12.2026, Nr. 4/5\n{link}",
    ],
)
def test_own_addresses_and_usual_punctuation_may_stand_in_the_text(body: str) -> None:
    assert decide(EditMail(Mail("Hallo", body)), given(status="draft")) == [MailEdited(Mail("Hallo", body))]


def test_what_nobody_sees_is_taken_out_of_the_text() -> None:
    edited = EditMail(Mail("Hal\u200blo\u202e", "\n\nGru\u0308ße \r\n\n\n\n\n\n\u2063{link}\t\n"))
    assert decide(edited, given(status="draft")) == [MailEdited(Mail("Hallo", "Grüße\n\n\n{link}\n"))]


# -- sending


def test_the_inviter_mails_a_draft_itself_and_the_link_works() -> None:
    confirm = ConfirmSending(request="r5", by=SENDER, at=NOW)
    _, sent = decide(confirm, given(status="draft"))
    assert isinstance(sent, InvitationSentByInviter)
    assert (sent.previous, sent.by, sent.expires_at) == ("draft", "u9", NOW + LIFETIMES["partnership"])
    state = after(given(status="draft"), confirm)
    assert state.invitation is not None and (state.invitation.status, state.invitation.sent_by) == ("sent", "inviter")
    assert decide(confirm, state) == []
    assert reason(decide(replace(confirm, request="r6"), state)) == "already-sent"
    assert after(state, RESEND).invitation != state.invitation


@pytest.mark.parametrize(("kind", "days"), [("partnership", 30), ("customer", 90), ("customer-joint", 90)])
def test_what_is_sent_is_the_text_and_the_sealed_link_and_it_expires(kind: InvitationKind, days: int) -> None:
    _, sent = decide(SEND, given(kind, "draft"))
    assert isinstance(sent, InvitationSent)
    assert (sent.mail_subject, sent.mail_body, sent.sealed_link) == (MAIL.subject, MAIL.body, SEALED)
    assert sent.expires_at == NOW + timedelta(days=days)
    state = evolve(given(kind, "draft"), sent)
    lifetime = timedelta(days=days)
    assert due(state) == NOW + lifetime / 2
    half = after(state, RemindInvitation(SEALED, NOW + lifetime / 2))
    assert due(half) == NOW + lifetime - timedelta(days=3)
    assert due(after(half, RemindInvitation(SEALED, NOW + lifetime - timedelta(days=3)))) == sent.expires_at
    assert state.invitation is not None and state.invitation.status == "sent"


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State(), "not-a-draft"),
        (given(), "already-sent"),
        (given(status="expired"), "already-sent"),
        (given(status="accepted"), "already-accepted"),
        (given(status="declined"), "invitation-declined"),
        (given(status="revoked"), "invitation-revoked"),
    ],
)
def test_only_a_draft_is_sent_for_the_first_time(state: State, why: Reason) -> None:
    assert reason(decide(SEND, state)) == why


def test_the_same_request_sends_once() -> None:
    for send, state in ((SEND, given(status="draft")), (RESEND, given())):
        assert decide(send, after(state, send)) == []


@pytest.mark.parametrize("status", ["sent", "expired"])
def test_a_resent_invitation_has_a_new_link_and_a_new_time(status: Status) -> None:
    _, sent = decide(RESEND, given(status=status))
    assert isinstance(sent, InvitationSent)
    assert (sent.attempt, sent.previous, sent.sent_by) == (2, status, "u9")
    assert sent.expires_at == LATER + LIFETIMES["partnership"]
    resent = after(given(status=status), RESEND).invitation
    assert resent is not None
    assert (resent.status, resent.generation, resent.sent_at) == ("sent", 2, LATER)


def test_of_two_who_resend_at_once_one_is_refused() -> None:
    other = replace(RESEND, request="r3")
    assert reason(decide(other, after(given(), RESEND))) == "sent-meanwhile"


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("draft", "not-sent"),
        ("accepted", "already-accepted"),
        ("declined", "invitation-declined"),
        ("revoked", "invitation-revoked"),
    ],
)
def test_what_was_answered_or_never_sent_is_not_resent(status: Status, why: Reason) -> None:
    assert reason(decide(RESEND, given(status=status))) == why


# -- while it waits

HALF, LAST = NOW + timedelta(days=15), NOW + timedelta(days=27)


def reminded(at: datetime, state: State) -> list[InvitationReminded]:
    return [fact for fact in decide(RemindInvitation(SEALED, at), state) if isinstance(fact, InvitationReminded)]


def test_the_addressee_is_reminded_twice() -> None:
    assert reminded(HALF - timedelta(seconds=1), given()) == []
    (first,) = reminded(HALF, given())
    assert (first.number, first.reminded, first.sealed_link) == (1, "addressee", SEALED)
    once = after(given(), RemindInvitation(SEALED, HALF))
    assert reminded(HALF, once) == []
    (second,) = reminded(LAST, once)
    assert second.number == 2
    assert reminded(LAST, after(once, RemindInvitation(SEALED, LAST))) == []


def test_nobody_is_reminded_to_accept_what_cannot_be_accepted() -> None:
    """An inviter that is suspended, or a joint invitation whose partnership has ended: the inviter hears of it alone."""
    facts = decide(RemindInvitation(SEALED, HALF, acceptable=False), given())
    (only,) = (fact for fact in facts if isinstance(fact, InvitationReminded))
    assert (only.reminded, only.sealed_link) == ("inviter", None)


def test_after_a_long_outage_there_is_one_reminder() -> None:
    (only,) = reminded(LAST, given())
    assert only.number == 2
    late = after(given(), RemindInvitation(SEALED, LAST))
    assert due(late) == NOW + LIFETIMES["partnership"]


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "sent"])
def test_nobody_is_reminded_of_what_is_not_open(status: Status) -> None:
    assert reminded(LAST, given(status=status)) == []


def test_where_no_mail_arrived_the_inviter_is_reminded() -> None:
    by_hand = after(given(status="draft"), ConfirmSending(request="r5", by=SENDER, at=NOW))
    came_back = after(given(), NoteUndeliverable("refused-by-server", NOW))
    for state in (by_hand, came_back):
        (reminder,) = reminded(HALF, state)
        assert (reminder.reminded, reminder.sealed_link, reminder.notify) == ("inviter", None, SENDER.contact)


def test_a_mail_that_came_back_is_told_once_and_the_link_works_on() -> None:
    bounced = NoteUndeliverable("refused-by-server", NOW)
    (told,) = decide(bounced, given())
    assert isinstance(told, InvitationUndeliverable)
    assert (told.reason, told.notify, told.previous) == ("refused-by-server", SENDER.contact, "sent")
    state = after(given(), bounced)
    assert decide(bounced, state) == []
    assert state.invitation is not None and state.invitation.status == "sent"
    again = after(state, RESEND).invitation
    assert again is not None and again.undeliverable is None


def test_an_enrolled_addressee_is_written_to_once() -> None:
    enrolled = NoteEnrolled("sealed-link-of-this-one", NOW)
    (ready,) = decide(enrolled, given())
    assert isinstance(ready, InvitationReady) and ready.sealed_link == "sealed-link-of-this-one"
    assert decide(enrolled, after(given(), enrolled)) == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [("partnership", "draft"), ("partnership", "accepted"), ("partnership", "declined"), ("customer", "sent")],
)
def test_an_invitation_that_cannot_be_accepted_leads_to_no_mail(kind: InvitationKind, status: Status) -> None:
    assert decide(NoteEnrolled("sealed-link-of-this-one", NOW), given(kind, status)) == []


def test_an_expired_invitation_leads_to_no_mail_when_its_company_enrolls() -> None:
    state = given()
    assert state.invitation is not None and state.invitation.expires_at is not None
    assert decide(NoteEnrolled("sealed-link-of-this-one", state.invitation.expires_at), state) == []


def test_the_first_look_of_the_addressee_is_noted() -> None:
    look = NoteView(ADDRESSEE, NOW)
    (viewed,) = decide(look, given())
    assert isinstance(viewed, InvitationViewed) and viewed.by == "u1"
    assert decide(look, after(given(), look)) == []
    assert decide(NoteView(SENDER, NOW), given()) == []


# -- the end without an acceptance


@pytest.mark.parametrize("status", ["draft", "sent"])
def test_the_inviter_may_take_it_back(status: Status) -> None:
    (revoked,) = decide(REVOKE, given(status=status))
    assert isinstance(revoked, InvitationRevoked)
    assert (revoked.previous, revoked.by, revoked.by_organization_id) == (status, "u9", "prov")
    state = after(given(status=status), REVOKE)
    assert due(state) is None
    assert decide(REVOKE, state) == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (given(status="accepted"), "already-accepted"),
        (given(status="declined"), "invitation-declined"),
        (given(status="expired"), "invitation-expired"),
        (State(), "not-a-draft"),
    ],
)
def test_what_is_over_cannot_be_taken_back(state: State, why: Reason) -> None:
    assert reason(decide(REVOKE, state)) == why


def test_the_addressee_declines_with_a_reason() -> None:
    noted, declined = decide(DECLINE, given())
    assert isinstance(noted, AnswerNoted) and noted.answer.person == ADDRESSEE
    assert isinstance(declined, InvitationDeclined)
    assert (declined.reason, declined.name, declined.notify) == ("Kein Bedarf", "Jürgen Müller", SENDER.contact)
    assert (declined.previous, declined.by, declined.by_organization_id) == ("sent", "u1", "res")
    state = after(given(), DECLINE)
    assert due(state) is None
    assert decide(DECLINE, state) == []


def test_who_holds_the_link_may_decline_without_an_account() -> None:
    _, declined = decide(replace(DECLINE, by=None, reason=None), given())
    assert isinstance(declined, InvitationDeclined)
    assert (declined.by, declined.name, declined.reason) == (None, None, None)


@pytest.mark.parametrize("state", [State(), *(given(status=status) for status in STATUSES)])
def test_without_the_right_link_nothing_is_declined(state: State) -> None:
    assert reason(decide(replace(DECLINE, generation=None), state)) == "link-invalid"


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("draft", "not-sent"),
        ("accepted", "already-accepted"),
        ("revoked", "invitation-revoked"),
        ("expired", "invitation-expired"),
    ],
)
def test_what_is_not_open_is_not_declined(status: Status, why: Reason) -> None:
    assert reason(decide(DECLINE, given(status=status))) == why


def test_the_inviter_revokes_and_does_not_decline() -> None:
    assert reason(decide(replace(DECLINE, by=SENDER), given())) == "own-organization"


def test_a_draft_without_a_sender_notifies_the_contact_of_the_inviter() -> None:
    older = given().invitation
    assert older is not None
    _, declined = decide(DECLINE, State(replace(older, sender=None)))
    assert isinstance(declined, InvitationDeclined) and declined.notify == PROVIDER.contact


def test_it_expires_at_its_time_and_not_before() -> None:
    end = NOW + LIFETIMES["partnership"]
    assert decide(ExpireInvitation(end - timedelta(microseconds=1)), given()) == []
    (expired,) = decide(ExpireInvitation(end), given())
    assert isinstance(expired, InvitationExpired)
    assert (expired.notify, expired.by, expired.at) == (SENDER.contact, None, end)
    assert due(after(given(), ExpireInvitation(end))) is None


@pytest.mark.parametrize("state", [State(), *(given(status=status) for status in STATUSES if status != "sent")])
def test_only_what_was_sent_expires(state: State) -> None:
    assert decide(ExpireInvitation(NOW + timedelta(days=999)), state) == []
    assert due(state) is None


# -- an erased work account


@pytest.mark.parametrize("status", ["draft", "sent", "accepted", "revoked", "expired"])
def test_an_invitation_loses_its_addressee_with_the_work_account(status: Status) -> None:
    before = given(status=status)
    assert before.invitation
    left = after(before, ForgetAddressee())
    assert left.invitation
    assert left.invitation.recipient == ERASED and left.invitation.status == status
    assert before.invitation.recipient.email not in str(left) and before.invitation.mail.body not in str(left)
    assert decide(ForgetAddressee(), left) == [] == decide(ForgetAddressee(), State())


@pytest.mark.parametrize("status", STATUSES)
def test_an_erased_inviter_leaves_no_contact_and_nothing_open(status: Status) -> None:
    left = after(given(status=status), ForgetAddressee(inviter=True))
    assert left.invitation is not None
    assert left.invitation.inviter.contact == left.invitation.notify == left.invitation.recipient
    assert left.invitation.status == {"draft": "revoked", "sent": "revoked"}.get(status, status)
    assert due(left) is None
    assert decide(ExpireInvitation(LAST + timedelta(days=9)), left) == []
    assert decide(ForgetAddressee(inviter=True), left) == []


def test_an_inviter_is_forgotten_also_after_the_acceptor() -> None:
    left = after(given(status="accepted"), ForgetAddressee(), ForgetAddressee(inviter=True))
    assert left.invitation is not None and left.invitation.inviter.contact == left.invitation.recipient


def test_mails_go_to_the_primary_contact_while_the_sender_is_away() -> None:
    assert decide(FollowSender("somebody-else", away=True), given()) == []
    away = after(given(), FollowSender(SENDER.user_id, away=True))
    assert away.invitation is not None and away.invitation.notify == away.invitation.inviter.contact
    assert decide(FollowSender(SENDER.user_id, away=True), away) == []
    back = after(away, FollowSender(SENDER.user_id, away=False))
    assert back == given()


def test_mails_go_to_the_primary_contact_once_the_sender_is_purged() -> None:
    assert decide(ForgetPerson("somebody-else"), given()) == []
    left = after(given(), ForgetPerson(SENDER.user_id))
    assert left.invitation is not None
    assert (left.invitation.sender, left.invitation.notify) == (None, left.invitation.inviter.contact)
    assert decide(ForgetPerson(SENDER.user_id), left) == [] == decide(ForgetPerson("u9"), State())
