"""Laws of every aggregate, over generated commands: total, retried at will, never a second change, storable."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from unit.relationships.people import (
    CONSENT,
    CUSTOMER_CONTACT,
    CUSTOMER_SIGNS,
    MAIL,
    NOW,
    OTHER_RESELLER,
    PROVIDER,
    RESELLER,
    RESELLER_CONTACT,
    RESELLER_SIGNS,
    SENDER,
)

from kontor_contracts import Event, Refusal
from relationships.domain import (
    partner as domain_partner,
)
from relationships.domain import (
    partner_request,
    partnership_decide,
    proved_domain,
)
from relationships.domain import (
    partnership as domain_partnership,
)
from relationships.domain.check import held_by
from relationships.domain.customer import commands as customer_moves
from relationships.domain.customer import decide as domain_customer
from relationships.domain.customer.evolve import evolve as evolve_customer
from relationships.domain.customer.state import State as CustomerState
from relationships.domain.invitation import decide as domain_invitation
from relationships.domain.invitation.acceptance import AcceptInvitation
from relationships.domain.invitation.commands import (
    AskAccess,
    ChangeAccess,
    Command,
    ConfirmSending,
    DecideAccess,
    DeclineInvitation,
    DraftInvitation,
    EditMail,
    ExpireInvitation,
    FollowSender,
    ForgetPerson,
    NoteUndeliverable,
    NoteView,
    RemindInvitation,
    RevokeInvitation,
    SendInvitation,
)
from relationships.domain.invitation.evolve import evolve as evolve_invitation
from relationships.domain.invitation.state import Mail, Person
from relationships.domain.invitation.state import State as InvitationState
from relationships.domain.record import commands as records
from relationships.domain.record import decide as domain_record
from relationships.domain.record.evolve import evolve as evolve_record
from relationships.domain.record.state import State as RecordState
from relationships.resellers_of_record import named

ASKER = Person(user_id="u1", organization_id="res", organization_name=RESELLER.name, contact=RESELLER_CONTACT)
partners = st.sampled_from([PROVIDER, RESELLER, OTHER_RESELLER])
moments = st.timedeltas(timedelta(0), timedelta(days=120)).map(lambda passed: NOW + passed)
permissions = st.lists(st.sampled_from(["administer", "order"]), max_size=3).map(tuple)
names = st.sampled_from(["Süß", "Köhler"])

invitation_commands = st.one_of(
    st.builds(
        DraftInvitation,
        invitation_id=st.just("i1"),
        kind=st.sampled_from(["partnership", "customer", "customer-joint"]),
        inviter=partners,
        provider=st.none() | partners,
        recipient=st.sampled_from([CUSTOMER_CONTACT, RESELLER_CONTACT]),
        mail=st.just(MAIL),
    ),
    st.builds(EditMail, st.sampled_from([MAIL, Mail("Neu", "{link}"), Mail("Neu", "ohne")])),
    st.builds(
        SendInvitation,
        sealed_link=st.just("x" * 32),
        generation=st.integers(1, 3),
        request=st.uuids().map(str),
        by=st.just("u9"),
        at=moments,
        again=st.booleans(),
    ),
    st.builds(RevokeInvitation, st.just(SENDER), moments),
    st.builds(
        DeclineInvitation,
        generation=st.sampled_from([None, 1, 2]),
        by=st.none() | st.just(replace(SENDER, organization_id="res")),
        reason=st.none() | st.just("Kein Bedarf"),
        at=moments,
    ),
    st.builds(ConfirmSending, request=st.uuids().map(str), by=st.just(SENDER), at=moments),
    st.builds(RemindInvitation, st.just("x" * 32), moments),
    st.builds(NoteUndeliverable, st.just("refused-by-server"), moments),
    st.builds(NoteView, st.just(replace(SENDER, organization_id="c1")), moments),
    st.builds(ChangeAccess, st.booleans(), st.just(SENDER), moments),
    st.builds(
        AskAccess,
        request_id=st.sampled_from(["a1", "a2"]),
        generation=st.sampled_from([None, 1, 2]),
        person=st.sampled_from([replace(SENDER, organization_id=id) for id in ("c1", "c2")]),
        domain_proved=st.booleans(),
        misfit=st.none() | st.just("not-a-customer"),
        at=moments,
    ),
    st.builds(
        DecideAccess,
        request_id=st.sampled_from(["a1", "a2", "a3"]),
        confirmed=st.booleans(),
        generation=st.sampled_from([1, 1, 2]),
        sealed_link=st.just("x" * 32),
        by=st.just(SENDER),
        at=moments,
    ),
    st.builds(ExpireInvitation, moments),
    st.builds(FollowSender, st.sampled_from([SENDER.user_id, "u8"]), st.booleans()),
    st.builds(ForgetPerson, st.sampled_from([SENDER.user_id, "u8"])),
    st.builds(
        AcceptInvitation,
        generation=st.sampled_from([None, 1, 1, 1, 2]),
        acceptor=st.sampled_from([CUSTOMER_SIGNS, RESELLER_SIGNS, replace(CUSTOMER_SIGNS, organization_id="c2")]),
        inviter_active=st.booleans(),
        same_region=st.booleans(),
        connected=st.booleans(),
        consent=st.sampled_from([None, CONSENT]),
        at=moments,
    ),
)
customer_commands = st.one_of(
    st.builds(
        customer_moves.AuthorizeResellers,
        customer_id=st.just("c1"),
        name=names,
        country=st.just("DE"),
        contact=st.just(CUSTOMER_CONTACT),
        partners=st.lists(partners, max_size=3).map(tuple),
        invitation_id=st.sampled_from(["i1", "i2", "i3"]),
        at=moments,
    ),
    st.builds(
        customer_moves.ImportCustomer,
        customer_id=st.just("c1"),
        portal=st.just("office"),
        external_id=st.just("K-1"),
        name=names,
        country=st.sampled_from(["DE", "AT"]),
        partner_id=partners.map(lambda partner: partner.partner_id),
        permissions=permissions,
        at=moments,
    ),
)
partner_commands = st.one_of(
    st.builds(domain_partner.ListPartner, partners, st.sampled_from(["DE", "AT"]), st.just("europe")),
    st.builds(domain_partner.SuspendPartner, reason=st.just("abuse"), at=moments),
    st.builds(domain_partner.ReinstatePartner, at=moments),
    st.builds(domain_partner.FollowAccount, st.booleans(), moments),
    st.builds(domain_partner.ErasePartner, moments),
)
partnership_commands = st.one_of(
    st.builds(
        domain_partnership.EstablishPartnership,
        provider=st.just(PROVIDER),
        reseller=st.sampled_from([RESELLER, OTHER_RESELLER]),
        invitation_id=st.sampled_from(["i1", "i2"]),
        at=moments,
    ),
    st.builds(
        domain_partnership.EndPartnership,
        by=st.sampled_from(["prov", "res", None]),
        reason=st.just("other"),
        at=moments,
    ),
    st.builds(
        domain_partnership.GrantAdminAccess,
        by=st.just("u"),
        until=st.none() | moments,
        consent=st.booleans(),
        at=moments,
    ),
    st.builds(domain_partnership.RemoveAdminAccess, at=moments),
    st.builds(domain_partnership.ExpireAdminAccess, moments),
    st.builds(
        domain_partnership.FollowPartners,
        st.lists(st.builds(domain_partnership.PresentPartner, partners, st.booleans()), max_size=2).map(tuple),
        moments,
    ),
)

organizations = st.sampled_from(["o1", "o2"])
domain_commands = st.one_of(
    st.builds(proved_domain.NoteProof, organizations, moments),
    st.builds(proved_domain.NoteRelease, organizations, moments),
)

request_commands = st.one_of(
    st.builds(
        partner_request.AskForPartnership,
        request_id=st.just("prov.res"),
        provider=st.just(PROVIDER),
        reseller=st.just(RESELLER),
        requester=st.just(ASKER),
        message=st.sampled_from([None, "Hallo"]),
        connected=st.booleans(),
        same_region=st.booleans(),
        at=moments,
    ),
    st.builds(
        partner_request.AcceptRequest,
        by=st.just(ASKER),
        provider=st.just(PROVIDER),
        reseller=st.just(RESELLER),
        invitation_id=st.just("i1"),
        at=moments,
    ),
    st.builds(partner_request.DeclineRequest, reason=st.just("other"), comment=st.none(), at=moments),
    st.builds(partner_request.WithdrawRequest, moments),
    st.builds(partner_request.ExpireRequest, moments),
    st.builds(partner_request.ForgetRequester, moments),
)

record_commands = st.one_of(
    st.builds(
        records.SetReseller,
        record_id=st.just("r1"),
        customer_id=st.just("c1"),
        subscription_id=st.just("A-1"),
        provider=st.just(named(PROVIDER)),
        reseller=st.sampled_from([named(RESELLER), named(OTHER_RESELLER)]),
        verdict=st.sampled_from(["valid", "valid", "partnership-missing"]),
        by=st.just("u1"),
        at=moments,
    ),
    st.builds(records.RemoveReseller, side=st.just("provider"), by=st.just("u1"), at=moments),
    st.builds(
        records.FollowEnd,
        because=st.just("partnership-ended"),
        partner_ids=st.sampled_from([(PROVIDER.partner_id, RESELLER.partner_id), (OTHER_RESELLER.partner_id,)]),
        again=st.booleans(),
        at=moments,
    ),
)

Decide = Callable[[Any, Any], Sequence[Any]]
Evolve = Callable[[Any, Any], Any]
AGGREGATES = {
    "invitation": (domain_invitation.decide, evolve_invitation, InvitationState(), invitation_commands),
    "customer": (domain_customer.decide, evolve_customer, CustomerState(), customer_commands),
    "proved domain": (proved_domain.decide, proved_domain.evolve, proved_domain.State(), domain_commands),
    "partner": (domain_partner.decide, domain_partner.evolve, domain_partner.State(), partner_commands),
    "partnership-request": (
        partner_request.decide,
        partner_request.evolve,
        partner_request.State(),
        request_commands,
    ),
    "reseller-of-record": (domain_record.decide, evolve_record, RecordState(), record_commands),
    "partnership": (
        partnership_decide.decide,
        partnership_decide.evolve,
        domain_partnership.State(),
        partnership_commands,
    ),
}
every_aggregate = pytest.mark.parametrize(
    ("decide", "evolve", "initial", "commands"), AGGREGATES.values(), ids=AGGREGATES.keys()
)


@every_aggregate
@given(data=st.data())
def test_a_command_may_be_retried_at_will(
    decide: Decide, evolve: Evolve, initial: Any, commands: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    state = initial
    for command in data.draw(st.lists(commands, max_size=8)):
        facts = decide(command, state)
        state = reduce(evolve, facts, state)
        again = decide(command, state)
        refused = [fact for fact in facts if isinstance(fact, Refusal)]
        assert again == refused
        assert reduce(evolve, again, state) == state


@every_aggregate
@given(data=st.data())
def test_a_state_survives_the_store(
    decide: Decide, evolve: Evolve, initial: Any, commands: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(type(initial))
    state = initial
    for command in data.draw(st.lists(commands, max_size=8)):
        state = reduce(evolve, decide(command, state), state)
    assert adapter.validate_python(adapter.dump_python(state, mode="json")) == state


@every_aggregate
@given(data=st.data())
def test_evolve_takes_any_fact_in_any_state(
    decide: Decide, evolve: Evolve, initial: Any, commands: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    facts: list[Any] = []
    state = initial
    for command in data.draw(st.lists(commands, max_size=8)):
        decided = decide(command, state)
        facts += decided
        state = reduce(evolve, decided, state)
    reduce(evolve, data.draw(st.permutations(facts)), initial)


@given(commands=st.lists(customer_commands, max_size=8))
def test_nothing_that_checks_depend_on_changes_unannounced(commands: list[customer_moves.Command]) -> None:
    """What processes remember of a customer is dropped by its events (ADR 20)."""
    state = CustomerState()
    for command in commands:
        facts = domain_customer.decide(command, state)
        before, state = state, reduce(evolve_customer, facts, state)
        if held_by(before) != held_by(state):
            assert any(isinstance(fact, Event) and not isinstance(fact, Refusal) for fact in facts)


@given(commands=st.lists(invitation_commands, max_size=12))
def test_an_invitation_ends_once_unless_it_is_resent(commands: list[Command]) -> None:
    state = InvitationState()
    seen: list[str] = []
    for command in commands:
        facts = domain_invitation.decide(command, state)
        seen += [type(fact).__name__ for fact in facts if not isinstance(fact, Refusal)]
        state = reduce(evolve_invitation, facts, state)
    final = {"InvitationAccepted", "InvitationRevoked", "InvitationDeclined"}
    assert len([name for name in seen if name in final]) <= 1
    assert not {"InvitationSent", "InvitationExpired"}.intersection(_after_first(seen, final))
    # It expires at most once for each time that it was sent.
    sendings = seen.count("InvitationSent") + seen.count("InvitationSentByInviter")
    assert seen.count("InvitationExpired") <= sendings
    assert seen.count("InvitationReminded") <= 2 * sendings
    assert seen.count("InvitationUndeliverable") <= sendings


def _after_first(seen: list[str], names: set[str]) -> list[str]:
    first = next((n for n, name in enumerate(seen) if name in names), len(seen))
    return seen[first + 1 :]
