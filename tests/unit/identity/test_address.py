"""A user moves to another mail address."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest

from identity.domain.user.address.change import OVER, SAME
from identity.domain.user.commands import ConfirmAddressChange, RequestAddressChange
from identity.domain.user.decide import decide
from identity.domain.user.evolve import evolve
from identity.domain.user.state import ResetLink, User
from kontor_contracts.identity import AddressChangeRequested, OrganizationProfile, UserAddressChanged, voids_tokens

NOW = datetime(2026, 11, 27, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROFILE = OrganizationProfile(organization_id="o1", name="Müller", kind="reseller", country="DE", culture="de")
USER = User(
    status="active",
    user_id="u1",
    organization=PROFILE,
    full_name="Jürgen Müller",
    email="old@mueller.example",
    reset_links=(ResetLink("r", NOW + HOUR),),
    proved_at=NOW - HOUR,
)
ASK = RequestAddressChange(
    email="new@mueller.example", token_hash="t1", sealed_link="x" * 20, at=NOW, expires_at=NOW + HOUR
)
CONFIRM = ConfirmAddressChange("t1", NOW)


def after(state: User, *commands: Any) -> User:
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def test_asking_changes_nothing_but_mails_the_new_address() -> None:
    asked, _ = decide(ASK, USER)
    assert isinstance(asked, AddressChangeRequested) and asked.recipient.email == "new@mueller.example"
    assert after(USER, ASK).email == "old@mueller.example"


def test_the_link_moves_the_user_and_tells_the_old_address() -> None:
    (changed,) = decide(CONFIRM, after(USER, ASK))
    assert isinstance(changed, UserAddressChanged) and changed.previous.email == "old@mueller.example"
    assert voids_tokens(changed)
    moved = after(USER, ASK, CONFIRM)
    assert moved.proved_at == USER.proved_at
    assert (moved.email, moved.session_epoch, moved.reset_links) == ("new@mueller.example", USER.session_epoch + 1, ())
    assert decide(CONFIRM, moved) == [OVER]


@pytest.mark.parametrize(
    "late",
    [ConfirmAddressChange("t2", NOW), ConfirmAddressChange("t1", NOW + HOUR), ConfirmAddressChange("", NOW)],
    ids=["another token", "too late", "none"],
)
def test_a_link_counts_in_its_time_alone(late: ConfirmAddressChange) -> None:
    assert decide(late, after(USER, ASK)) == [OVER]


def test_a_newer_request_voids_the_older_link() -> None:
    newer = replace(ASK, email="third@mueller.example", token_hash="t2")
    state = after(USER, ASK, newer)
    assert decide(CONFIRM, state) == [OVER]
    assert after(state, ConfirmAddressChange("t2", NOW)).email == "third@mueller.example"


def test_the_own_address_is_no_new_one() -> None:
    assert decide(replace(ASK, email="Old@Mueller.example"), USER) == [SAME]


def test_a_disabled_user_does_not_move() -> None:
    disabled = replace(after(USER, ASK), status="disabled")
    assert decide(CONFIRM, disabled) == [OVER] and decide(ASK, disabled) == [OVER]
