"""Marks of wrong passwords: no two distinct passwords look like one, and nothing is found out by a mark."""

from pathlib import Path
from typing import Any

import pytest
from unit.identity.people import NOW
from unit.identity.test_equal_work import CAUSE, KNOWN, Witness

from chassis.crypto import KeyedHash
from chassis.limits.lockout import FREE
from identity.documents import DOOR
from identity.sign_in.lockouts import AccountLockouts
from kontor_contracts.addresses import address_key

SECRET = "a secret of more than 32 characters, first"


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "hash.secret"
    file.write_text(SECRET + "\n")
    return file


def doors(witness: Witness, secret_file: Path) -> AccountLockouts:
    every: Any = witness
    return AccountLockouts(every, every, KeyedHash(secret_file))


async def test_no_choice_of_passwords_leaves_a_door_open(secret_file: Path) -> None:
    # Of 16 bits keyed with the public id, anybody found as many passwords of one mark as wanted.
    witness = Witness({address_key(KNOWN.email): KNOWN})
    lockouts = doors(witness, secret_file)
    marks = {lockouts._lockouts.mark(KNOWN.user_id, f"chosen {n}") for n in range(20_000)}
    assert len(marks) == 20_000
    opened = [await lockouts.count(KNOWN, KNOWN.email, f"chosen {n}", None, CAUSE) for n in range(41)]
    assert [each.open for each in opened] == [True] * (FREE + 1) + [False] * (41 - FREE - 1)
    assert opened[-1].until is not None and opened[-1].until > NOW


async def test_a_mark_needs_the_secret_and_is_of_one_account(secret_file: Path, tmp_path: Path) -> None:
    witness = Witness({address_key(KNOWN.email): KNOWN})
    lockouts = doors(witness, secret_file)
    await lockouts.count(KNOWN, KNOWN.email, "hunter2", None, CAUSE)
    (mark,) = witness.states[DOOR.id(KNOWN.user_id)].strangers.marks
    assert len(mark) == 43, "256 bits"
    assert lockouts._lockouts.mark("another user", "hunter2") != mark
    other = tmp_path / "other.secret"
    other.write_text("a secret of more than 32 characters, second")
    assert doors(witness, other)._lockouts.mark(KNOWN.user_id, "hunter2") != mark


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    for text in ("", "short", f"{SECRET}\nshort"):
        file = tmp_path / "secret"
        file.write_text(text)
        with pytest.raises(ValueError, match="32 characters"):
            KeyedHash(file)


def test_a_new_secret_in_front_finds_what_the_old_one_made(secret_file: Path, tmp_path: Path) -> None:
    old = KeyedHash(secret_file).of("recovery-code", "zoe", "abc")
    both = tmp_path / "both"
    both.write_text(f"a secret of more than 32 characters, second\n{SECRET}\n")
    hashes = KeyedHash(both)
    assert hashes.of("recovery-code", "zoe", "abc") == hashes.every("recovery-code", "zoe", "abc")[0] != old
    assert old in hashes.every("recovery-code", "zoe", "abc")


def test_hashes_of_different_purposes_and_parts_differ(secret_file: Path) -> None:
    hashes = KeyedHash(secret_file)
    made = {hashes.of(*parts) for parts in (("a", "b", "c"), ("a", "bc"), ("ab", "c"), ("b", "a", "c"), ("abc",))}
    assert len(made) == 5
