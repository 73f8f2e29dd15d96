"""What holds of every command in every state that can be reached."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given as law
from hypothesis import strategies as st
from pydantic import TypeAdapter
from unit.enrollment.story import (
    CONTACT,
    FIRST_LINK,
    NOW,
    SECOND_LINK,
    STATUSES,
    SUPPORT,
    after,
    appeal,
    claim,
    company,
    confirm,
    contact,
    deny,
    elapse,
    given,
    notice,
    profile,
    propose,
    reconfirm,
    reinstate,
    reject,
    resend,
    review,
    sign,
    staff,
    start,
    submit,
    support,
    suspend,
    update,
    withdraw,
)

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.account import ForgetApplicant
from enrollment.domain.enrollment.application import AssociatePartnerId
from enrollment.domain.enrollment.decide import Command, decide
from enrollment.domain.enrollment.ending import WithdrawNotice
from enrollment.domain.enrollment.legal_change import JudgeLegalChange, WithdrawLegalChange
from enrollment.domain.enrollment.reauthorization import CONFIRMATIONS, EndWait, MoveReauthorization
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.reviewing import AddNote, MarkRisk
from enrollment.domain.enrollment.state import CLOSED, Enrollment
from kontor_contracts.envelope import Event

moments = st.integers(0, 12 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
links = st.sampled_from([FIRST_LINK, SECOND_LINK, "c" * 64, "0" * 64])
entries: st.SearchStrategy[Any] = st.none() | st.builds(
    profile,
    partner_id=st.sampled_from(["4711001", "4711009"]),
    country=st.sampled_from(["DE", "AT"]),
    status=st.sampled_from(["active", "inactive"]),
    kind=st.sampled_from(["location", "global"]),
)
contacts = st.sampled_from([CONTACT, replace(CONTACT, email="bela@mueller-soehne.example")])
organizations = st.sampled_from(["org-1", "program"])
reviewers = st.builds(staff, moments, organizations)
actors = st.one_of(st.builds(company, moments), st.builds(staff, moments, organizations))
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        start,
        organization_kind=st.sampled_from(["reseller", "provider"]),
        region=st.sampled_from(["europe", None]),
        registration_id_mandatory=st.booleans(),
    ),
    st.builds(lambda e: AssociatePartnerId(e.partner_id if e else "4711001", e, company()), entries),
    st.builds(
        update,
        company_name=st.sampled_from(["Müller & Söhne IT GmbH", "GmbH", "3M"]),
        registration_id=st.sampled_from([None, "HRB 1"]),
    ),
    st.builds(contact, contacts, actors, fault=st.sampled_from([None, "webmail-address"]), token_hash=links),
    st.builds(support, st.sampled_from([SUPPORT, replace(SUPPORT, website=None)]), actors),
    st.builds(withdraw, actors),
    st.builds(elapse, st.integers(0, 2000)),
    st.builds(
        lambda at, confirmed: reconfirm(company(at), confirmed),
        st.integers(0, 800).map(lambda days: NOW + timedelta(days=days)),
        st.sampled_from([CONFIRMATIONS, ("contacts",)]),
    ),
    st.builds(
        lambda actor, days: MoveReauthorization(due_at=NOW + timedelta(days=days), explanation=None, actor=actor),
        reviewers,
        st.integers(-10, 900),
    ),
    st.builds(lambda actor: EndWait(explanation=None, actor=actor), reviewers),
    st.just(ForgetApplicant()),
    st.builds(notice, actors, at_once=st.booleans(), explanation=st.sampled_from([None, "Fraud."])),
    st.builds(lambda actor: WithdrawNotice(actor=actor), actors),
    st.builds(
        propose,
        st.builds(company, moments),
        company_name=st.sampled_from(["Müller Cloud SE", "Müller & Söhne IT GmbH", "GmbH"]),
    ),
    st.builds(lambda actor: WithdrawLegalChange(actor=actor), actors),
    st.builds(
        lambda actor, decision, reason: JudgeLegalChange(decision=decision, reason=reason, actor=actor),
        reviewers,
        st.sampled_from(["accept", "reject"]),
        st.sampled_from([None, "not-verified"]),
    ),
    st.builds(appeal, st.builds(company, moments), st.sampled_from(["one", "two"])),
    st.builds(claim, reviewers, take_over=st.booleans()),
    st.builds(lambda actor, high: MarkRisk(actor=actor, high=high), reviewers, st.booleans()),
    st.builds(lambda actor, text: AddNote(actor=actor, text=text), reviewers, st.sampled_from(["a", "b"])),
    st.builds(submit, links, moments),
    st.builds(resend, links, moments),
    st.builds(confirm, links, moments),
    st.builds(deny, links, moments),
    st.builds(
        review,
        reviewer_organization=organizations,
        reviewer=st.sampled_from(["user-8", "user-9"]),
        step=st.sampled_from([None, "employment", "business"]),
    ),
    st.builds(reject, reason=st.sampled_from([None, "not-eligible"]), reviewer_organization=organizations),
    st.builds(
        sign, accepted=st.booleans(), signer_organization=organizations, version=st.sampled_from(["2026-11", "1"])
    ),
    st.builds(suspend, organization=organizations, reason=st.sampled_from(["abuse", "invoices-overdue"])),
    st.builds(reinstate, organization=organizations),
)


@st.composite
def states(draw: st.DrawFn) -> Enrollment:
    """Somewhere on the way, and a few more commands from there."""
    state = draw(st.sampled_from([Enrollment(), *map(given, STATUSES)]))
    for command in draw(st.lists(commands, max_size=6)):
        state = after(command, state)
    return state


@law(commands, states())
def test_deciding_is_total_and_a_refusal_stands_alone(command: Command, state: Enrollment) -> None:
    facts = decide(command, state)
    assert len(facts) == 1 or not any(isinstance(fact, EnrollmentRefused) for fact in facts)


@law(commands, states())
def test_a_command_decided_again_changes_nothing_more(command: Command, state: Enrollment) -> None:
    once = after(command, state)
    again = decide(command, once)
    assert list(again) == [] or isinstance(again[0], EnrollmentRefused)
    assert after(command, once) == once


@law(states())
def test_a_state_survives_the_store(state: Enrollment) -> None:
    assert ENROLLMENT.parse(ENROLLMENT.dump(state)) == state
    assert TypeAdapter(Enrollment).validate_json(TypeAdapter(Enrollment).dump_json(state)) == state


@law(commands, states())
def test_no_announcement_holds_a_phone_number_a_street_or_a_link_hash(command: Command, state: Enrollment) -> None:
    told = "".join(fact.model_dump_json() for fact in decide(command, state) if isinstance(fact, Event))
    for secret in (FIRST_LINK, SECOND_LINK, CONTACT.phone, SUPPORT.email, "Nordstraße"):
        assert secret not in told


@law(commands, states())
def test_what_is_claimed_is_free_again_only_when_the_enrollment_is_closed(command: Command, state: Enrollment) -> None:
    claims = ENROLLMENT.claims(after(command, state))
    after_it = after(command, state)
    if after_it.status is None or (after_it.status in CLOSED and after_it.wait_until is None):
        assert claims == {}
    else:
        assert claims["organization"] == "org-1"
        assert claims.get("partner_id") == after_it.partner_id


@law(commands, states())
def test_the_history_only_grows_and_ends_with_the_status(command: Command, state: Enrollment) -> None:
    after_it = after(command, state)
    assert after_it.history[: len(state.history)] == state.history
    assert (after_it.history[-1].status if after_it.history else None) == after_it.status
