"""Who may accept an invitation: its addressee, people of the same proved domain, and companies that the inviter lets in."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from unit.relationships.people import CUSTOMER_CONTACT, CUSTOMER_SIGNS, NOW, SENDER, acceptance, given

from kontor_contracts.relationships import (
    InvitationAccepted,
    InvitationAccessChanged,
    InvitationAccessConfirmed,
    InvitationAccessRefused,
    InvitationAccessRequested,
)
from kontor_contracts.values import Recipient
from relationships.domain import proved_domain
from relationships.domain.invitation.acceptance import person_of
from relationships.domain.invitation.access import MOST_REQUESTS
from relationships.domain.invitation.commands import (
    AskAccess,
    ChangeAccess,
    Command,
    DecideAccess,
    ForgetPerson,
    RevokeInvitation,
)
from relationships.domain.invitation.decide import decide
from relationships.domain.invitation.endings import ERASED
from relationships.domain.invitation.evolve import Fact, evolve
from relationships.domain.invitation.listing import listing, person_list
from relationships.domain.invitation.state import State, Status
from relationships.domain.proved_domain import NoteProof, NoteRelease, proved_by
from relationships.domain.refusals import InvitationRefused, Reason

AT = NOW + timedelta(days=1)
STRANGER = replace(
    CUSTOMER_SIGNS,
    organization_id="cust9",
    name="Café Fremd",
    user_id="u8",
    contact=Recipient(name="Fritz Fremd", email="fritz@fremd.example"),
)
ASK = AskAccess(request_id="a1", generation=1, person=person_of(STRANGER), domain_proved=False, misfit=None, at=AT)
CONFIRM = DecideAccess(request_id="a1", confirmed=True, generation=1, sealed_link="x" * 32, by=SENDER, at=AT)
REFUSE = replace(CONFIRM, confirmed=False)
SENT = given("customer")


def after(state: State, *commands: Command) -> State:
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def reason(facts: list[Fact]) -> Reason:
    (fact,) = facts
    assert isinstance(fact, InvitationRefused)
    return fact.reason


def accepted(state: State, **changes: object) -> bool:
    facts = decide(acceptance("customer", **changes), state)
    return isinstance(facts[-1], InvitationAccepted)


@pytest.mark.parametrize("email", ["kaethe@suess.example", "Kaethe@SUESS.example"])
def test_the_addressee_accepts_however_the_address_is_spelt(email: str) -> None:
    signs = replace(CUSTOMER_SIGNS, contact=CUSTOMER_CONTACT.model_copy(update={"email": email}))
    assert accepted(SENT, acceptor=signs)


@pytest.mark.parametrize("email", ["fritz@fremd.example", "kaethe.x@suess.example", "kaethe@suess.example.org"])
def test_who_only_holds_the_link_does_not_accept(email: str) -> None:
    signs = replace(STRANGER, contact=CUSTOMER_CONTACT.model_copy(update={"email": email}))
    assert reason(decide(acceptance("customer", acceptor=signs), SENT)) == "not-the-addressee"


def test_a_colleague_whose_company_proved_the_domain_accepts() -> None:
    assert accepted(SENT, acceptor=STRANGER, domain_proved=True)


def test_with_the_inviters_leave_anyone_with_the_link_accepts() -> None:
    opened = ChangeAccess(anyone=True, by=SENDER, at=AT)
    (changed,) = decide(opened, SENT)
    assert isinstance(changed, InvitationAccessChanged)
    assert (changed.anyone_with_link, changed.by, changed.by_organization_id) == (True, "u9", "prov")
    state = after(SENT, opened)
    assert accepted(state, acceptor=STRANGER)
    assert decide(opened, state) == []
    closed = after(state, ChangeAccess(anyone=False, by=SENDER, at=AT))
    assert not accepted(closed, acceptor=STRANGER)


def test_a_stranger_asks_and_nothing_is_established() -> None:
    _, asked = decide(ASK, SENT)
    assert isinstance(asked, InvitationAccessRequested)
    assert (asked.requester.name, asked.requesting_organization_name, asked.requester.email) == (
        "Fritz Fremd",
        "Café Fremd",
        "fritz@fremd.example",
    )
    assert (asked.notify, asked.by, asked.by_organization_id) == (SENDER.contact, "u8", "cust9")
    waiting = after(SENT, ASK)
    assert decide(ASK, waiting) == []
    assert not accepted(waiting, acceptor=STRANGER)


def test_a_confirmed_company_accepts_and_another_does_not() -> None:
    confirmed = after(SENT, ASK, CONFIRM)
    _, fact = decide(CONFIRM, after(SENT, ASK))
    assert isinstance(fact, InvitationAccessConfirmed)
    assert (fact.requester.email, fact.by) == ("fritz@fremd.example", "u9")
    assert decide(CONFIRM, confirmed) == []
    assert accepted(confirmed, acceptor=replace(STRANGER, user_id="u7"))
    assert not accepted(confirmed, acceptor=replace(STRANGER, organization_id="cust8"))


def test_a_refused_company_neither_accepts_nor_asks_again() -> None:
    refused = after(SENT, ASK, REFUSE)
    assert isinstance(decide(REFUSE, after(SENT, ASK))[-1], InvitationAccessRefused)
    assert not accepted(refused, acceptor=STRANGER)
    assert reason(decide(ASK, refused)) == "access-refused"
    # The inviter may think again, both ways.
    assert accepted(after(refused, CONFIRM), acceptor=STRANGER)
    assert not accepted(after(SENT, ASK, CONFIRM, REFUSE), acceptor=STRANGER)


def test_who_may_accept_need_not_ask() -> None:
    addressee = replace(ASK, person=person_of(CUSTOMER_SIGNS))
    for command, state in (
        (addressee, SENT),
        (replace(ASK, domain_proved=True), SENT),
        (ASK, after(SENT, ChangeAccess(anyone=True, by=SENDER, at=AT))),
        (ASK, after(SENT, ASK, CONFIRM)),
    ):
        assert reason(decide(command, state)) == "access-unneeded"


@pytest.mark.parametrize("status", ["draft", "accepted", "declined", "revoked", "expired"])
def test_nobody_asks_for_what_is_not_open(status: Status) -> None:
    assert isinstance(decide(ASK, given("customer", status))[0], InvitationRefused)
    assert reason(decide(replace(ASK, generation=None), given("customer", status))) == "link-invalid"


def test_a_company_of_the_wrong_kind_cannot_ask() -> None:
    assert reason(decide(replace(ASK, misfit="not-a-customer"), SENT)) == "not-a-customer"


def test_only_a_request_of_an_open_invitation_is_decided() -> None:
    assert reason(decide(replace(CONFIRM, request_id="a9"), after(SENT, ASK))) == "access-unknown"
    assert reason(decide(CONFIRM, after(SENT, ASK, RevokeInvitation(SENDER, AT)))) == "invitation-revoked"


def test_an_invitation_takes_so_many_requests() -> None:
    asking = [
        replace(ASK, request_id=f"a{n}", person=replace(ASK.person, organization_id=f"c{n}"))
        for n in range(MOST_REQUESTS + 1)
    ]
    assert reason(decide(asking[-1], after(SENT, *asking[:-1]))) == "too-many-access-requests"


# -- proved domains


def test_a_domain_belongs_to_who_proved_it_last() -> None:
    commands: list[proved_domain.Command] = [
        NoteProof("o1", NOW),
        NoteProof("o2", NOW + timedelta(hours=2)),
        NoteRelease("o1", NOW + timedelta(hours=1)),
    ]
    state = proved_domain.State()
    for command in commands:
        state = reduce(proved_domain.evolve, proved_domain.decide(command, state), state)
    assert proved_by(state, "o2") and not proved_by(state, "o1")
    given_up = NoteRelease("o2", NOW + timedelta(hours=3))
    state = reduce(proved_domain.evolve, proved_domain.decide(given_up, state), state)
    assert not proved_by(state, "o2") and not proved_by(None, "o2")


# -- erased people


def test_an_undecided_request_goes_with_the_person_who_asked() -> None:
    left = after(SENT, ASK, ForgetPerson("u8"))
    assert left == SENT
    assert decide(ForgetPerson("u8"), left) == []


def test_a_company_that_was_let_in_stays_so_without_the_name_of_who_asked() -> None:
    left = after(SENT, ASK, CONFIRM, ForgetPerson("u8"))
    assert "Fritz" not in str(left) and "fritz" not in str(left)
    assert accepted(left, acceptor=STRANGER)


def test_evidence_keeps_the_id_of_who_accepted_and_no_name() -> None:
    before = after(SENT, acceptance("customer"))
    assert before.invitation and before.invitation.evidence and CUSTOMER_CONTACT.name in str(before)
    left = after(before, ForgetPerson(CUSTOMER_SIGNS.user_id)).invitation
    assert left and left.evidence and left.evidence.person and left.answer and left.answer.person
    assert left.evidence.person.user_id == CUSTOMER_SIGNS.user_id == left.answer.person.user_id
    assert {left.evidence.person.contact, left.answer.person.contact} == {ERASED}


def test_everybody_named_is_found_for_the_erasure() -> None:
    found = listing(after(SENT, ASK, acceptance("customer")))
    assert found and {person_list(id) for id in (SENDER.user_id, "u8", CUSTOMER_SIGNS.user_id)} <= set(found[0])


def test_a_confirmation_does_not_mail_a_link_that_a_resending_voided() -> None:
    state = after(SENT, ASK)
    assert reason(decide(replace(CONFIRM, generation=2), state)) == "sent-meanwhile"
    refused = decide(replace(REFUSE, generation=2), state)
    assert isinstance(refused[-1], InvitationAccessRefused)
