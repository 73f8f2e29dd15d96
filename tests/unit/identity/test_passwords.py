"""Passwords: which are good enough, and that checking them has its bounds."""

import asyncio
import random
import string
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.identity.password_tables import GOOD as GOODS
from unit.identity.password_tables import POOR

from chassis.http.addresses import mail_address as address
from chassis.http.problems import ProblemError
from identity.credentials.password_hashing import TEMPORARY_LENGTH, UNAMBIGUOUS, Passwords, temporary_password
from identity.credentials.password_policy import MAX_LENGTH, MIN_LENGTH, FaultCode, Owner, fault
from identity.pages.passwords import password_faults

OWNER = Owner("Grete.Mueller@nordwind.example", "Grete Müller", "Nordwind Systems AG")
GOOD = "Werkbank und Wolke 2026"
SIGNS = string.ascii_letters + string.digits + "!#$%&*+-=?@^_"


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    passwords = Passwords(threads=1, queue=1)
    yield passwords
    passwords.close()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Xq7#mK2$vB9", "password-too-short"),
        ("ab " * 50, "password-too-long"),
        ("passwordpassword", "password-leaked"),
        ("aaaaaaaaaaaaaaaaaaaa", "password-leaked"),
        ("qwertyuiop123", "password-leaked"),
        ("P@$$w0rd!2026", "password-guessable"),
        ("my grete.mueller horse 7 Wolken", "password-guessable"),
        ("GRETE MUELLER und sieben Wolken", "password-guessable"),
        ("Wolken, Nordwind-Systems AG, Kran", "password-guessable"),
        ("Grete Müller 12", "password-guessable"),
    ],
)
def test_a_poor_password_is_refused(password: str, code: str) -> None:
    found = fault(password, OWNER)
    assert found is not None
    assert found.code == code


def test_tables_of_passwords_are_large_enough() -> None:
    assert len(POOR) >= 46 and len(GOODS) >= 30


@pytest.mark.parametrize("password", POOR)
def test_a_password_that_people_often_choose_is_refused(password: str) -> None:
    found = fault(password, OWNER)
    assert found is not None
    assert found.code in {"password-guessable", "password-leaked"}
    assert "choose" in found.detail or "leave out" in found.detail, "the text says what to do"


@pytest.mark.parametrize("password", [GOOD, *GOODS])
def test_a_password_needs_no_certain_kinds_of_characters(password: str) -> None:
    assert fault(password, OWNER) is None


@pytest.mark.parametrize(("alphabet", "length"), [(string.ascii_letters + string.digits, 14), (SIGNS, 16)])
def test_passwords_of_a_password_manager_are_good(alphabet: str, length: int) -> None:
    chance = random.Random(16)
    made = ["".join(chance.choice(alphabet) for _ in range(length)) for _ in range(100)]
    refused = [password for password in made if fault(password, OWNER)]
    assert len(refused) <= 1, "one that looks like a word by chance"


def test_pages_name_every_fault_of_a_password_in_every_language() -> None:
    for texts in password_faults().values():
        assert set(texts) >= set(get_args(FaultCode))


def test_the_last_password_is_no_new_one() -> None:
    found = fault(GOOD, OWNER, last=GOOD)
    assert found is not None
    assert found.code == "password-reused"


def test_length_is_counted_in_the_normal_form() -> None:
    composed, decomposed = "Mohnbrötchen", "Mohnbro\u0308tchen"
    assert (len(composed), len(decomposed)) == (MIN_LENGTH, MIN_LENGTH + 1)
    assert fault(composed, OWNER) == fault(decomposed, OWNER)


def test_short_names_do_not_spoil_innocent_passwords() -> None:
    assert fault(GOOD, Owner("we@x.example", "We", "Und")) is None


@settings(max_examples=100)
@given(st.text(alphabet="4@8({[<369!1|70$5+%2xyz", min_size=MIN_LENGTH, max_size=MAX_LENGTH))
def test_no_text_makes_the_judgement_take_seconds(text: str) -> None:
    started = time.process_time()
    fault(text, OWNER)
    assert time.process_time() - started < 0.5


def test_nobody_is_judged_by_the_words_of_another() -> None:
    # Many at once, and each owner's own word is poor for that owner alone.
    words = ["Zwirbelnuss", "Quastenflosser", "Klabautermann", "Dudelsackpfeife"]
    owners = [Owner(f"x@{word.lower()}.example", "Yo Li", word) for word in words]
    pairs = [(owner, word) for owner in owners for word in words] * 5
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda pair: fault(f"{pair[1]} 2026!!", pair[0]), pairs))
    for (owner, word), each in zip(pairs, found, strict=True):
        assert each is not None or owner.company != word
    assert found == [fault(f"{word} 2026!!", owner) for owner, word in pairs]


async def test_a_password_matches_its_hash_in_any_unicode_form(passwords: Passwords) -> None:
    hashed = await passwords.hash("Mohnbrötchen um fünf")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(hashed, "Mohnbro\u0308tchen um fu\u0308nf")
    assert not await passwords.verify(hashed, "Mohnbrotchen um funf")


async def test_nobodys_password_is_checked_like_anybodys_and_never_right(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def record(hash: str, password: str) -> bool:
        checked.append(hash)
        return True

    monkeypatch.setattr(passwords, "_matches", record)
    assert not await passwords.verify(None, GOOD)
    assert checked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_full_queue_turns_the_next_one_away(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = threading.Event()
    monkeypatch.setattr(passwords, "_matches", lambda hash, password: blocked.wait(10))
    waiting = [asyncio.create_task(passwords.verify("hash", GOOD)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ProblemError) as turned_away:
        await passwords.verify("hash", GOOD)
    assert turned_away.value.status == 429
    blocked.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await passwords.verify("hash", GOOD)


async def test_a_poor_password_names_its_field(passwords: Passwords) -> None:
    with pytest.raises(ProblemError) as refused:
        await passwords.choose("short", OWNER, field="new_password")
    assert (refused.value.status, refused.value.field) == (422, "new_password")


def test_a_temporary_password_can_be_read_aloud() -> None:
    made = {temporary_password() for _ in range(50)}
    assert len(made) == 50
    assert {len(password) for password in made} == {TEMPORARY_LENGTH} == {20}
    assert set("".join(made)) <= set(UNAMBIGUOUS)
    assert not set(UNAMBIGUOUS) & set("0Oo1lI")


@pytest.mark.parametrize(
    "text", ["nobody", "a b@c.example", "ünal@firma.example", "a@b", "a@@b.example", "a@localhost"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        address(text)


def test_an_address_is_kept_in_its_usual_spelling() -> None:
    assert address("Grete.Mueller@NORDWIND.example") == "Grete.Mueller@nordwind.example"
    assert address("info@müller.example") == "info@müller.example"


async def test_a_hash_of_other_parameters_is_noticed() -> None:
    small, large = (Passwords(threads=1, queue=1, memory=memory) for memory in (64, 128))
    try:
        hashed = await small.hash("several words in a row")
        assert await large.verify(hashed, "several words in a row")
        assert large.outdated(hashed)
        assert not small.outdated(hashed)
    finally:
        small.close()
        large.close()
