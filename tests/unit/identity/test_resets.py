"""A new password by mail: a link is good once and for half an hour, and asking for more changes nothing."""

from dataclasses import replace
from datetime import timedelta

from unit.identity.people import NOW, add, after, refusal, sign_up

from identity.documents import USER
from identity.domain.user.commands import (
    ChangePassword,
    DeleteUser,
    DisableUser,
    EnableUser,
    RedeemReset,
    Rehash,
    RequestReset,
    RestoreUser,
)
from identity.domain.user.decide import decide
from identity.domain.user.events import PasswordSet, ResetLinkMade
from identity.domain.user.state import MOST_RESET_LINKS, Granter, ResetLink, User
from kontor_contracts.identity import PasswordResetRequested, UserPasswordChanged

HALF_AN_HOUR = timedelta(minutes=30)
SEALED = "eyJhbGciOiJFQ0RILUVTIn0..iv.text.tag"


def request(name: str, at: object = NOW) -> RequestReset:
    assert isinstance(at, type(NOW))
    return RequestReset(token_hash=name, sealed_link=SEALED, at=at, expires_at=at + HALF_AN_HOUR)


def redeem(name: str, password: str = "hash of a new one", at: object = NOW) -> RedeemReset:
    assert isinstance(at, type(NOW))
    return RedeemReset(token_hash=name, password_hash=password, at=at)


ASKED = after([sign_up(), request("first")])


def test_the_link_is_announced_sealed_and_its_hash_kept() -> None:
    announced, kept = decide(request("first"), after([sign_up()]))
    assert isinstance(announced, PasswordResetRequested)
    assert (announced.recipient.email, announced.sealed_link) == ("juergen@mueller.example", SEALED)
    assert kept == ResetLinkMade(ResetLink("first", NOW + HALF_AN_HOUR))


def test_a_link_sets_the_password_once_and_ends_all_sessions() -> None:
    changed, set_ = decide(redeem("first"), ASKED)
    assert isinstance(changed, UserPasswordChanged) and changed.user_id == "admin"
    assert changed.contact is not None and changed.contact.email == ASKED.email, "the user gets a mail"
    assert set_ == PasswordSet("hash of a new one", None)
    done = after([redeem("first")], ASKED)
    assert done.session_epoch == ASKED.session_epoch + 1
    assert done.reset_links == ()
    assert refusal(redeem("first", "hash of another"), done).reason == "reset-link-over"


def test_a_reset_can_void_a_factor_from_before_the_proof() -> None:
    def void_before(user: User) -> object:
        changed = decide(replace(redeem("first"), remove_unproved_factor=True), user)[0]
        assert isinstance(changed, UserPasswordChanged)
        return changed.factor_void_before

    assert ASKED.proved_at is not None
    later = replace(redeem("first", at=NOW + timedelta(minutes=5)), remove_unproved_factor=True)
    assert void_before(ASKED) == ASKED.proved_at
    changed = decide(later, replace(ASKED, proved_at=None))[0]
    assert isinstance(changed, UserPasswordChanged) and changed.factor_void_before == later.at
    plain = decide(redeem("first"), ASKED)[0]
    assert isinstance(plain, UserPasswordChanged) and plain.factor_void_before is None


def test_a_repeated_use_is_already_done_and_no_password_is_no_password() -> None:
    done = after([redeem("first")], ASKED)
    assert decide(redeem("first"), done) == []
    nothing = replace(done, password_hash="")
    assert refusal(redeem("first", ""), nothing).reason == "reset-link-over"


def test_using_one_link_voids_the_others() -> None:
    done = after([request("second"), redeem("second")], ASKED)
    assert refusal(redeem("first", "hash of another"), done).reason == "reset-link-over"


def test_a_password_that_was_changed_otherwise_voids_the_links() -> None:
    changed = after([ChangePassword(verified_hash="hash-of-his-own", password_hash="chosen")], ASKED)
    assert refusal(redeem("first"), changed).reason == "reset-link-over"


def test_who_comes_back_does_not_come_in_by_an_older_link() -> None:
    by = Granter("adam", global_admin=True)
    disabled = after([DisableUser(seen=ASKED.role_changes, by=by)], ASKED)
    deleted = after([DeleteUser(seen=ASKED.role_changes, restorable_until=NOW + HALF_AN_HOUR, by=by)], ASKED)
    for back in (after([EnableUser(by=by)], disabled), after([RestoreUser(at=NOW, by=by)], deleted)):
        assert back.status == "active"
        assert refusal(redeem("first"), back).reason == "reset-link-over"


def test_a_link_is_good_for_half_an_hour() -> None:
    assert decide(redeem("first", at=NOW + HALF_AN_HOUR - timedelta(seconds=1)), ASKED)
    assert refusal(redeem("first", at=NOW + HALF_AN_HOUR), ASKED).reason == "reset-link-over"


def test_what_was_never_sent_is_no_link() -> None:
    assert refusal(redeem("made up"), ASKED).reason == "reset-link-over"
    assert refusal(redeem("first"), User()).reason == "reset-link-over"


def test_asking_again_and_again_voids_no_link_and_fills_no_mailbox() -> None:
    asked = after([request(f"link {n}") for n in range(50)], after([sign_up()]))
    assert [link.token_hash for link in asked.reset_links] == [f"link {n}" for n in range(MOST_RESET_LINKS)]
    assert decide(redeem("link 0"), asked)


def test_an_address_with_many_mails_gets_one_link_at_a_time() -> None:
    sparing = replace(request("second", NOW + timedelta(minutes=1)), sparing=True)
    assert decide(sparing, ASKED) == []
    assert decide(redeem("first", at=sparing.at), ASKED), "the owner has a good link"
    later = replace(request("second", NOW + HALF_AN_HOUR), sparing=True)
    assert decide(later, ASKED), "and gets another when it is over"


def test_when_links_have_run_out_new_ones_can_be_asked_for() -> None:
    later = NOW + HALF_AN_HOUR
    asked = after([*(request(f"link {n}") for n in range(3)), request("new", later)], after([sign_up()]))
    assert decide(redeem("new", at=later), asked)
    assert len(asked.reset_links) <= MOST_RESET_LINKS


def test_nobody_is_sent_no_link() -> None:
    assert decide(request("first"), User()) == []


def test_a_temporary_password_is_replaced_by_an_own_one() -> None:
    new = after([add(), request("first"), redeem("first")])
    assert not new.must_change_password


def test_a_password_hashed_anew_is_the_same_password() -> None:
    again = after([Rehash("hash-of-his-own", "better hash")], after([sign_up()]))
    assert again.password_hash == "better hash"
    assert again.session_epoch == 0
    assert after([Rehash("hash of before", "x")], again) == again


def test_a_user_with_links_is_read_as_it_was_written() -> None:
    assert USER.parse(USER.dump(ASKED)) == ASKED
