"""Profiles of the registry that other services keep by messages: the rules of the domain."""

from functools import reduce

import pytest
from unit.enrollment.story import NOW, profile

from enrollment.domain import refused_command
from enrollment.domain.profile import (
    NO_CODE,
    EntryRecorded,
    ImportProfile,
    Keeper,
    Profile,
    RetireProfile,
    decide,
    evolve,
    refuse,
)
from kontor_contracts.enrollment import PartnerProfileImported, PartnerProfileRefused

REGISTRY = Keeper("source:/registries/center", NOW, "message")
KEEP = ImportProfile(profile(access_code_hash=NO_CODE), "command-1", REGISTRY)
RETIRE = RetireProfile("4711001", "command-2", REGISTRY)


def after(*commands: ImportProfile | RetireProfile) -> Profile:
    state = Profile()
    for command in commands:
        facts = [each for each in decide(command, state) if not isinstance(each, PartnerProfileRefused)]
        state = reduce(evolve, facts, state)
    return state


def test_a_retired_profile_is_inactive_and_announced() -> None:
    imported, recorded = decide(RETIRE, after(KEEP))
    assert isinstance(imported, PartnerProfileImported) and imported.status == "inactive"
    assert isinstance(recorded, EntryRecorded) and recorded.change and recorded.change.keeper == REGISTRY


def test_retiring_again_changes_nothing() -> None:
    assert decide(RETIRE, after(KEEP, RETIRE)) == []


def test_a_retired_profile_comes_back_by_keeping_it() -> None:
    back = after(KEEP, RETIRE, KEEP)
    assert back.entry and back.entry.status == "active"
    assert [each.keeper.way for each in back.history] == ["message"] * 3


def test_a_message_keeps_the_access_code_of_the_account() -> None:
    first = ImportProfile(profile(), "import-1", Keeper("user:olga", NOW, "api"))
    kept = after(first, ImportProfile(profile(company_name="Müller SE", access_code_hash=NO_CODE), "c-2", REGISTRY))
    assert kept.entry and kept.entry.access_code_hash == "c" * 64


def test_an_unknown_profile_is_not_retired() -> None:
    assert decide(RETIRE, Profile()) == [PartnerProfileRefused(partner_id="4711001", reason="profile-unknown")]
    unknown = refused_command.RefuseUnknown("4711001")
    assert refused_command.decide(unknown, refused_command.State()) == decide(RETIRE, Profile())


@pytest.mark.parametrize("command", [KEEP, RETIRE])
def test_a_used_id_is_refused_by_name(command: ImportProfile | RetireProfile) -> None:
    assert refuse(command, "id-reused") == PartnerProfileRefused(partner_id="4711001", reason="id-reused")
    unknown = refused_command.RefuseUnknown("4711001")
    assert refused_command.refuse(unknown, "too-late").reason == "too-late"


def test_refusals_of_many_sources_share_few_documents() -> None:
    places = {refused_command.refusals_of(f"/registries/{number}") for number in range(500)}
    assert len(places) == refused_command.DOCUMENTS
