"""Who may accept an invitation, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.relationships.people import (
    CONSENT,
    CUSTOMER_SIGNS,
    NOW,
    PROVIDER,
    RESELLER,
    RESELLER_SIGNS,
    VERSION,
    acceptance,
    given,
    invitation,
)

from kontor_contracts.problems import codes_of
from kontor_contracts.relationships import InvitationAccepted, InvitationKind
from relationships.domain.invitation.acceptance import AcceptInvitation, Acceptor, AnswerNoted
from relationships.domain.invitation.decide import decide
from relationships.domain.invitation.evolve import evolve
from relationships.domain.invitation.state import LIFETIMES, State, Status
from relationships.domain.refusals import InvitationRefused, Reason, refused

KINDS: tuple[InvitationKind, ...] = ("partnership", "customer", "customer-joint")
PROVIDER_SIGNS = replace(
    RESELLER_SIGNS,
    organization_id="prov2",
    kind="provider",
    partner=PROVIDER.model_copy(update={"partner_id": "520009"}),
)
STRANGER = replace(RESELLER_SIGNS, organization_id="res9", partner=None)
OTHER_CUSTOMER = replace(CUSTOMER_SIGNS, organization_id="cust2")


def reason(command: AcceptInvitation, state: State) -> Reason:
    (fact,) = decide(command, state)
    assert isinstance(fact, InvitationRefused)
    return fact.reason


@pytest.mark.parametrize("kind", KINDS)
def test_the_addressee_accepts(kind: InvitationKind) -> None:
    command = acceptance(kind)
    noted, accepted = decide(command, given(kind))
    assert isinstance(noted, AnswerNoted) and noted.answer.person is not None and noted.evidence is not None
    assert (noted.evidence.words, noted.evidence.box, noted.evidence.at) == (CONSENT.words, CONSENT.box, command.at)
    assert (noted.evidence.person, noted.evidence.network) == (noted.answer.person, CONSENT.network)
    assert isinstance(accepted, InvitationAccepted)
    sent = invitation(kind)
    assert (accepted.kind, accepted.inviter, accepted.provider) == (kind, sent.inviter, sent.provider)
    assert accepted.accepted_by == command.acceptor.user_id
    assert accepted.accepting_organization_id == command.acceptor.organization_id
    assert accepted.accepting_partner == (RESELLER if kind == "partnership" else None)
    assert (accepted.consent, accepted.accepted_at) == (VERSION, command.at)
    state = evolve(given(kind), accepted).invitation
    assert state is not None
    assert (state.status, state.accepted_by) == ("accepted", command.acceptor.organization_id)


@pytest.mark.parametrize("kind", KINDS)
def test_accepting_again_changes_nothing_even_later(kind: InvitationKind) -> None:
    assert decide(acceptance(kind), given(kind, "accepted")) == []
    late = acceptance(kind, at=NOW + timedelta(days=999), consent=None, connected=False, inviter_active=False)
    assert decide(late, given(kind, "accepted")) == []


def test_another_company_comes_too_late() -> None:
    command = acceptance("customer", acceptor=OTHER_CUSTOMER)
    assert reason(command, given("customer", "accepted")) == "already-accepted"


@pytest.mark.parametrize("status", ["draft", "sent", "accepted", "revoked", "expired"])
@pytest.mark.parametrize("generation", [None, 0, 2])
def test_without_the_right_link_nobody_learns_anything(status: Status, generation: int | None) -> None:
    assert decide(acceptance(generation=generation), given(status=status)) == [refused("link-invalid")]
    assert codes_of("relationships")["link-invalid"].statuses == (403,)


def test_an_unknown_invitation_looks_like_a_wrong_link() -> None:
    assert decide(acceptance(), State()) == [refused("link-invalid")]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("draft", "not-sent"),
        ("revoked", "invitation-revoked"),
        ("expired", "invitation-expired"),
        ("declined", "invitation-declined"),
    ],
)
def test_what_is_not_open_is_not_accepted(status: Status, why: Reason) -> None:
    assert reason(acceptance(), given(status=status)) == why


@pytest.mark.parametrize("kind", KINDS)
def test_the_time_counts_and_not_the_timer(kind: InvitationKind) -> None:
    end = NOW + LIFETIMES[kind]
    assert reason(acceptance(kind, at=end), given(kind)) == "invitation-expired"
    assert isinstance(decide(acceptance(kind, at=end - timedelta(microseconds=1)), given(kind))[-1], InvitationAccepted)


@pytest.mark.parametrize(
    ("kind", "acceptor", "why"),
    [
        ("partnership", CUSTOMER_SIGNS, "not-a-reseller"),
        ("partnership", PROVIDER_SIGNS, "not-a-reseller"),
        ("partnership", STRANGER, "not-a-reseller"),
        ("partnership", replace(RESELLER_SIGNS, organization_id="prov"), "own-organization"),
        ("customer", RESELLER_SIGNS, "own-organization"),
        ("customer", replace(CUSTOMER_SIGNS, organization_id="res"), "own-organization"),
        ("customer", STRANGER, "not-a-customer"),
        ("customer-joint", PROVIDER_SIGNS, "not-a-customer"),
        ("customer-joint", replace(CUSTOMER_SIGNS, organization_id="prov"), "own-organization"),
        ("customer-joint", replace(CUSTOMER_SIGNS, kind="operator"), "not-a-customer"),
    ],
)
def test_only_a_company_that_fits_accepts(kind: InvitationKind, acceptor: Acceptor, why: Reason) -> None:
    assert reason(acceptance(kind, acceptor=acceptor), given(kind)) == why


@pytest.mark.parametrize("kind", KINDS)
def test_both_are_in_one_region(kind: InvitationKind) -> None:
    assert reason(acceptance(kind, same_region=False), given(kind)) == "region-differs"


@pytest.mark.parametrize("kind", KINDS)
def test_the_inviter_is_active(kind: InvitationKind) -> None:
    assert reason(acceptance(kind, inviter_active=False), given(kind)) == "inviter-not-active"


def test_a_joint_invitation_needs_the_partnership_when_accepted() -> None:
    assert reason(acceptance("customer-joint", connected=False), given("customer-joint")) == "partnership-missing"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_happens_without_consent(kind: InvitationKind) -> None:
    assert reason(acceptance(kind, consent=None), given(kind)) == "consent-missing"
    assert refused("consent-missing").field == "consent"


@pytest.mark.parametrize("kind", KINDS)
def test_a_customer_without_room_for_partners_cannot_accept(kind: InvitationKind) -> None:
    command = acceptance(kind, room=False)
    if kind == "partnership":
        assert isinstance(decide(command, given(kind))[-1], InvitationAccepted)
    else:
        assert reason(command, given(kind)) == "too-many-partners"
    assert decide(command, given(kind, "accepted")) == []
