"""An invitation's life before it is accepted: drafted, edited, sent, taken back, expired."""

from datetime import timedelta
from functools import reduce

import pytest
from unit.relationships.people import CUSTOMER_CONTACT, MAIL, NOW, PROVIDER, RESELLER, RESELLER_CONTACT, given

from kontor_contracts.relationships import InvitationDrafted, InvitationKind, InvitationSent
from kontor_contracts.values import Partner, Recipient
from relationships.domain.invitation.decide import (
    ERASED,
    Command,
    DraftInvitation,
    EditMail,
    ExpireInvitation,
    Fact,
    ForgetAddressee,
    InvitationExpired,
    InvitationRevoked,
    MailEdited,
    RevokeInvitation,
    SendInvitation,
    decide,
    evolve,
)
from relationships.domain.invitation.state import LIFETIMES, Mail, State, Status, due
from relationships.domain.refusals import InvitationRefused, Reason, refused

SEALED = "x" * 32
SEND = SendInvitation(SEALED, NOW)
STATUSES: tuple[Status, ...] = ("draft", "sent", "accepted", "revoked", "expired")


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


# -- sending


@pytest.mark.parametrize(("kind", "days"), [("partnership", 30), ("customer", 90), ("customer-joint", 90)])
def test_what_is_sent_is_the_text_and_the_sealed_link_and_it_expires(kind: InvitationKind, days: int) -> None:
    (sent,) = decide(SEND, given(kind, "draft"))
    assert isinstance(sent, InvitationSent)
    assert (sent.mail_subject, sent.mail_body, sent.sealed_link) == (MAIL.subject, MAIL.body, SEALED)
    assert sent.expires_at == NOW + timedelta(days=days)
    state = evolve(given(kind, "draft"), sent)
    assert due(state) == sent.expires_at
    assert state.invitation is not None and state.invitation.status == "sent"


@pytest.mark.parametrize("status", ["sent", "accepted"])
def test_what_was_sent_is_not_sent_again(status: Status) -> None:
    assert decide(SendInvitation(SEALED, NOW + timedelta(hours=1)), given(status=status)) == []


@pytest.mark.parametrize("state", [State(), given(status="revoked"), given(status="expired")])
def test_what_is_over_is_not_sent(state: State) -> None:
    assert reason(decide(SEND, state)) == "not-a-draft"


# -- the end without an acceptance


@pytest.mark.parametrize("status", ["draft", "sent"])
def test_the_inviter_may_take_it_back(status: Status) -> None:
    assert decide(RevokeInvitation(), given(status=status)) == [InvitationRevoked()]
    state = after(given(status=status), RevokeInvitation())
    assert due(state) is None
    assert decide(RevokeInvitation(), state) == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (given(status="accepted"), "already-accepted"),
        (given(status="expired"), "invitation-expired"),
        (State(), "not-a-draft"),
    ],
)
def test_what_is_over_cannot_be_taken_back(state: State, why: Reason) -> None:
    assert reason(decide(RevokeInvitation(), state)) == why


def test_it_expires_at_its_time_and_not_before() -> None:
    end = NOW + LIFETIMES["partnership"]
    assert decide(ExpireInvitation(end - timedelta(microseconds=1)), given()) == []
    assert decide(ExpireInvitation(end), given()) == [InvitationExpired()]
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
