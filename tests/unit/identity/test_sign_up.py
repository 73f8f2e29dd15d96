"""A sign-up before its address is proved: one mail, no user, no claim; and how an address is proved."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.identity.people import ADMIN, NOW, PROOF, PROVE, add, after, profile, refusal, sign_up

from identity.documents import SIGN_UP, USER
from identity.domain.sign_up import (
    MOST_WRONG,
    Applicant,
    Command,
    CompleteSignUp,
    CountWrongPassword,
    ExpireSignUp,
    PendingSignUp,
    RequestSignUp,
    SignUpRefused,
    decide,
    evolve,
    usable,
)
from identity.domain.user.address.proof import provable
from identity.domain.user.commands import (
    AcceptInvitation,
    InviteUser,
    ProveAddress,
    RedeemReset,
    RenewInvitation,
    RequestReset,
)
from identity.domain.user.decide import decide as decide_user
from kontor_contracts.envelope import Event
from kontor_contracts.identity import AddressVerificationRequested, SignUpRepeated, UserAddressProved
from kontor_contracts.values import Recipient

DAY = timedelta(days=1)
SEALED = "s" * 40
APPLICANT = Applicant(
    user_id="admin",
    organization=profile(),
    full_name="Jürgen Müller",
    email="juergen@mueller.example",
    culture="de",
    password_hash="hash-of-his-own",
)
KNOWN = Recipient(name="The true one", email="juergen@mueller.example", culture="de")


def request(token: str = "first", **changes: Any) -> RequestSignUp:
    facts: dict[str, Any] = {"token_hash": token, "sealed_link": SEALED, "at": NOW, "expires_at": NOW + DAY}
    return RequestSignUp(applicant=APPLICANT, **facts | changes)


def told(commands: Iterable[Command]) -> PendingSignUp:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, PendingSignUp())


# -- the sign-up


def test_a_sign_up_announces_its_mail_and_nothing_else() -> None:
    facts = decide(request(), PendingSignUp())
    (asked,) = [fact for fact in facts if isinstance(fact, Event)]
    assert isinstance(asked, AddressVerificationRequested)
    assert (asked.purpose, asked.recipient.email) == ("sign-up", APPLICANT.email)
    assert "hash" not in asked.model_dump_json()


def test_a_sign_up_claims_nothing() -> None:
    assert SIGN_UP.claims(told([request()])) == {}


def test_a_newer_sign_up_replaces_the_older_with_all_it_set_up() -> None:
    stranger = replace(APPLICANT, user_id="stranger", password_hash="hash-of-a-stranger", full_name="Eve")
    state = told([replace(request("strangers"), applicant=stranger), request("own")])
    assert not usable(state, "strangers", NOW)
    assert usable(state, "own", NOW)
    assert "stranger" not in str(SIGN_UP.dump(state))


def test_a_sign_up_with_a_known_address_tells_its_user_alone() -> None:
    state = told([request()])
    repeated, kept = decide(request("second", known=KNOWN, known_user_id="true"), state)
    assert repeated == SignUpRepeated(user_id="true", recipient=KNOWN)
    after_it = reduce(evolve, (repeated, kept), state)
    assert (after_it.user_id, after_it.organization_id) == (APPLICANT.user_id, "org")
    assert APPLICANT.email not in str(SIGN_UP.dump(after_it))


def test_an_address_with_many_mails_keeps_one_link_for_the_newest_sign_up() -> None:
    stranger = replace(APPLICANT, user_id="stranger", password_hash="hash-of-a-stranger", full_name="Eve")
    state = told([replace(request("mailed"), applicant=stranger)])
    facts = decide(request("own", sparing=True, expires_at=NOW + 2 * DAY), state)
    assert not [fact for fact in facts if isinstance(fact, Event)], "no further mail"
    after_it = reduce(evolve, facts, state)
    assert after_it.applicant == APPLICANT
    assert usable(after_it, "mailed", NOW) and not usable(after_it, "mailed", NOW + DAY)


@pytest.mark.parametrize("used", [[], [request("old"), CompleteSignUp("old")], [request("old", expires_at=NOW)]])
def test_an_address_with_many_mails_gets_one_where_no_link_is_left(used: list[Command]) -> None:
    facts = decide(request("own", sparing=True), told(used))
    assert [fact for fact in facts if isinstance(fact, AddressVerificationRequested)]
    assert usable(reduce(evolve, facts, PendingSignUp()), "own", NOW)


def test_a_known_user_with_many_mails_gets_no_further_one() -> None:
    (kept,) = decide(request(known=KNOWN, known_user_id="true", sparing=True), PendingSignUp())
    assert not isinstance(kept, Event)
    assert evolve(PendingSignUp(), kept).user_id == APPLICANT.user_id


@pytest.mark.parametrize(
    ("token", "at", "good"), [("first", NOW, True), ("other", NOW, False), ("first", NOW + DAY, False)]
)
def test_a_link_works_for_its_sign_up_until_it_expires(token: str, at: Any, good: bool) -> None:
    assert usable(told([request()]), token, at) is good


def test_an_expired_sign_up_is_forgotten_by_the_timer() -> None:
    state = told([request()])
    assert SIGN_UP.due(state) == NOW + DAY
    assert decide(ExpireSignUp(NOW), state) == []
    gone = told([request(), ExpireSignUp(NOW + DAY)])
    assert (gone.status, gone.applicant, SIGN_UP.due(gone)) == ("over", None, None)
    assert APPLICANT.email not in str(SIGN_UP.dump(gone))


def test_wrong_passwords_end_the_link() -> None:
    tries: list[Command] = [CountWrongPassword("first")] * (MOST_WRONG - 1)
    assert usable(told([request(), *tries]), "first", NOW)
    over = told([request(), *tries, CountWrongPassword("first")])
    assert not usable(over, "first", NOW)
    (refused,) = decide(CountWrongPassword("first"), over)
    assert isinstance(refused, SignUpRefused) and refused.reason == "verification-link-over"
    assert usable(told([request(), *tries, CountWrongPassword("first"), request("second")]), "second", NOW)


def test_a_complete_sign_up_keeps_nothing_of_the_person() -> None:
    done = told([request(), CompleteSignUp("first")])
    assert (done.status, done.applicant) == ("proved", None)
    assert decide(CompleteSignUp("first"), done) == []


COMMANDS = st.lists(
    st.sampled_from(
        [
            request("a"),
            request("b"),
            request("c", known=KNOWN, known_user_id="true"),
            CountWrongPassword("a"),
            CompleteSignUp("a"),
            CompleteSignUp("b"),
            ExpireSignUp(NOW),
            ExpireSignUp(NOW + DAY),
        ]
    ),
    max_size=12,
)


@given(COMMANDS)
def test_a_sign_up_holds_data_exactly_while_it_is_pending_and_has_a_timer(commands: list[Command]) -> None:
    state = told(commands)
    assert (state.status == "pending") is (state.applicant is not None) is (SIGN_UP.due(state) is not None)
    assert SIGN_UP.parse(SIGN_UP.dump(state)) == state


# -- users who are added or invited


def invite() -> InviteUser:
    return InviteUser(
        user_id="zoe",
        organization=profile(),
        full_name="Zoë Brown",
        email="zoe@mueller.example",
        culture="en",
        roles=("global-admin",),
        guest=False,
        token_hash="invited",
        sealed_link=SEALED,
        expires_at=NOW + DAY,
        by=ADMIN,
    )


ACCEPT = AcceptInvitation(token_hash="invited", password_hash="chosen", at=NOW)


@pytest.mark.parametrize(("coming", "proof"), [(add(roles=("global-admin",)), PROVE), (invite(), ACCEPT)])
def test_a_user_claims_the_address_and_counts_once_it_is_proved(coming: Any, proof: Any) -> None:
    new, proved = after([coming]), after([coming, proof])
    assert set(USER.claims(new)) == {"colleague"}
    assert set(USER.claims(proved)) == {"colleague", "email"}
    assert (new.counts_as_global_admin, proved.counts_as_global_admin) == (False, True)
    assert proved.role_changes > new.role_changes
    assert proved.proved_at == NOW


def test_who_signed_up_has_proved_the_address() -> None:
    assert set(USER.claims(after([sign_up()]))) == {"colleague", "email"}
    assert after([sign_up()]).counts_as_global_admin


def test_an_operator_of_the_console_needs_no_mail() -> None:
    assert set(USER.claims(after([add(link=None)]))) == {"colleague", "email"}


@pytest.mark.parametrize(("token", "at"), [("other", NOW), (PROOF.token_hash, PROOF.expires_at)])
def test_an_address_is_not_proved_by_another_link_or_too_late(token: str, at: Any) -> None:
    added = after([add()])
    assert not provable(added, token, at)
    assert refusal(ProveAddress(token_hash=token, at=at), added).reason == "proof-link-over"


def test_the_directory_of_the_domain_proves_an_address() -> None:
    proved, _ = decide_user(ProveAddress(token_hash=None, at=NOW), after([add()]))
    assert isinstance(proved, UserAddressProved) and proved.by == "issuer"


def test_an_address_is_proved_once() -> None:
    proved = after([add(), PROVE])
    assert decide_user(PROVE, proved) == []
    assert after([add(), PROVE, ProveAddress(token_hash=None, at=NOW + DAY)]).proved_at == NOW


def test_the_mail_to_an_added_user_can_be_sent_again() -> None:
    again = RenewInvitation(token_hash="second", sealed_link=SEALED, expires_at=NOW + DAY, by=ADMIN)
    asked, _ = decide_user(again, after([add()]))
    assert isinstance(asked, AddressVerificationRequested) and asked.purpose == "added"
    renewed = after([add(), again])
    assert not provable(renewed, PROOF.token_hash, NOW)
    assert provable(renewed, "second", NOW)
    assert decide_user(again, renewed) == []


def test_a_reset_by_mail_proves_the_address_of_an_older_user() -> None:
    older = replace(after([sign_up()]), proved_at=None)
    asked = RequestReset(token_hash="t", sealed_link=SEALED, at=NOW, expires_at=NOW + DAY)
    redeem = RedeemReset(token_hash="t", password_hash="new", at=NOW + timedelta(hours=1))
    assert after([asked, redeem], older).proved_at == NOW + timedelta(hours=1)
    assert after([asked, redeem], after([sign_up()])).proved_at == NOW
