"""Who sees which part of the portal, and who can give the others; domains and the activity log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.identity.people import NOW

from identity.activity.entries import recording
from identity.documents import AUDIT, DOMAIN
from identity.domain.audit_entry import Difference, Entry, Forget, Line, Record
from identity.domain.audit_entry import decide as decide_audit
from identity.domain.audit_entry import evolve as evolve_audit
from identity.domain.domain_claim import (
    Claim,
    ClaimDomain,
    Command,
    DomainRefused,
    ProveDomain,
    ReleaseDomain,
    decide,
    evolve,
)
from identity.domain.roles import ROLES
from identity.domain.workspaces import WORKSPACES, access
from kontor_contracts import Event, new_envelope
from kontor_contracts.identity import SecondFactorChanged, SessionRevoked
from kontor_contracts.values import OrganizationKind


def test_every_permission_that_opens_a_workspace_is_given_by_a_role() -> None:
    given_permissions = {permission for role in ROLES.values() for permission in role.permissions}
    for workspace in WORKSPACES:
        assert set(workspace.opened_by) <= given_permissions


@pytest.mark.parametrize(
    ("roles", "kind", "open_", "closed"),
    [
        ((), "reseller", set(), {"account", "people", "activity", "enrollment", "partnerships", "customers"}),
        (("helpdesk-agent",), "reseller", {"account", "customers"}, {"people", "activity", "partnerships"}),
        (("global-admin",), "customer", {"account", "people", "activity", "invitations"}, set()),
        (("program-operator",), "operator", {"account", "reviews", "mails", "activity"}, set()),
    ],
)
def test_a_role_opens_its_workspaces(
    roles: tuple[str, ...], kind: OrganizationKind, open_: set[str], closed: set[str]
) -> None:
    found = {each.workspace.name: each for each in access(roles, kind)}
    assert {name for name, each in found.items() if each.may_enter} >= open_
    assert {name for name, each in found.items() if not each.may_enter} >= closed
    for each in found.values():
        assert bool(each.ask) is not each.may_enter


def test_workspaces_of_others_do_not_exist() -> None:
    assert "reviews" not in {each.workspace.name for each in access(("global-admin",), "reseller")}
    assert "invitations" not in {each.workspace.name for each in access((), "reseller")}


def test_those_who_give_the_opening_role_are_the_ones_to_ask() -> None:
    asked = {each.workspace.name: each.ask for each in access((), "reseller")}
    assert asked["activity"] == ("global-admin", "user-management-admin", "admin-agent")
    assert asked["customers"][0] == "global-admin"


# -- domains

CLAIM = ClaimDomain(organization_id="org", domain="mueller.example", challenge="kontor-domain=abc", at=NOW)
PROOF = ProveDomain(found=("v=spf1 -all", "kontor-domain=abc"), at=NOW)


def claimed(*commands: Command) -> Claim:
    state = Claim()
    for command in commands:
        for fact in decide(command, state):
            state = evolve(state, fact)
    return state


def test_a_domain_is_proved_by_the_record_that_was_asked_for() -> None:
    refused = decide(ProveDomain(found=("kontor-domain=other",), at=NOW), claimed(CLAIM))
    assert isinstance(refused[0], DomainRefused)
    assert "_kontor-challenge.mueller.example" in refused[0].detail
    assert claimed(CLAIM, PROOF).status == "proved"
    assert DOMAIN.claims(claimed(CLAIM, PROOF)) == {"domain": "mueller.example"}


def test_a_claim_alone_keeps_nobody_from_proving() -> None:
    assert DOMAIN.claims(claimed(CLAIM)) == {}
    assert DOMAIN.claims(claimed(CLAIM, PROOF, ReleaseDomain())) == {}


def test_a_released_domain_is_claimed_anew_with_a_new_challenge() -> None:
    again = ClaimDomain(organization_id="org", domain="mueller.example", challenge="kontor-domain=new", at=NOW)
    assert claimed(CLAIM, PROOF, ReleaseDomain(), again).challenge == "kontor-domain=new"
    assert claimed(CLAIM, again).challenge == "kontor-domain=abc"
    assert isinstance(decide(PROOF, claimed(CLAIM, ReleaseDomain()))[0], DomainRefused)


domain_commands: st.SearchStrategy[Command] = st.sampled_from(
    [CLAIM, PROOF, ReleaseDomain(), ProveDomain(found=(), at=NOW)]
)


@given(domain_commands, st.lists(domain_commands, max_size=5))
def test_a_command_decided_again_changes_nothing_more(command: Command, before: list[Command]) -> None:
    state = claimed(*before)
    first, again = decide(command, state), decide(command, claimed(*before, command))
    assert again == (first if any(isinstance(fact, DomainRefused) for fact in first) else [])
    assert DOMAIN.parse(DOMAIN.dump(state)) == state


# -- the activity log

ENTRY = Entry(
    event_id="e1",
    at=NOW,
    actor="user:admin",
    on_behalf_of="org",
    organization_id="org",
    action="user-updated",
    subject="user:zoe",
    differences=(Difference("full_name", "Zoë Brown", "Zoë Green", personal=True), Difference("status", None, "x")),
)


def test_an_entry_is_written_once_and_forgets_only_the_person() -> None:
    (recorded,) = decide_audit(Record(ENTRY), Line())
    line = evolve_audit(Line(), recorded)
    assert decide_audit(Record(ENTRY), line) == []
    assert AUDIT.parse(AUDIT.dump(line)) == line
    assert AUDIT.tenant(line) == "org"
    (forgotten,) = decide_audit(Forget(), line)
    left = evolve_audit(line, forgotten)
    assert "Zoë" not in str(left)
    assert left.entry is not None and left.entry.differences[1] == ENTRY.differences[1]
    assert decide_audit(Forget(), left) == []
    assert decide_audit(Forget(), Line()) == []


@pytest.mark.parametrize(
    ("event", "subject", "difference"),
    [
        (
            SecondFactorChanged(user_id="zoe", organization_id="org", state="off"),
            "factor:zoe",
            Difference("second_factor", None, "off"),
        ),
        (
            SessionRevoked(session_id="s1", user_id="zoe", organization_id="org", reason="token-reused"),
            "session:s1",
            Difference("reason", None, "token-reused"),
        ),
    ],
)
def test_what_happens_to_sessions_and_second_factors_is_logged(event: Event, subject: str, difference: object) -> None:
    message = new_envelope(
        event, id="e1", source="/kontor/identity", subject=subject, time=NOW, sequence=1, correlationid="c"
    )
    record = recording(message, None).command
    assert isinstance(record, Record)
    assert (record.entry.organization_id, record.entry.subject) == ("org", subject)
    assert record.entry.differences == (difference,)
