"""Access codes: a stored one says nothing without the secret, and an older hash is wrapped, not lost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.enrollment.story import NOW, profile

from chassis.crypto import KeyedHash
from chassis.http.pages import token_hash as digest
from enrollment.access_codes import AccessCodes
from enrollment.documents import LOCKOUT
from enrollment.domain.profile import (
    EntryChange,
    EntryRecorded,
    ImportProfile,
    Keeper,
    KeptChange,
    Profile,
    RehashAccessCode,
    decide,
)

CODE = "MRQ25xRAVAtJSiWvE4H9"


@pytest.fixture
def codes(tmp_path: Path) -> AccessCodes:
    file = tmp_path / "hash.secret"
    file.write_text("a secret of more than 32 characters")
    nowhere: Any = None
    return AccessCodes(nowhere, nowhere, KeyedHash(file))


BARE = profile(access_code_hash=digest(CODE))


def test_a_stored_code_is_not_the_hash_of_the_code(codes: AccessCodes) -> None:
    keyed = codes.keyed(BARE)
    assert keyed.access_code_hash != BARE.access_code_hash and CODE not in str(keyed)
    other = codes.keyed(replace(BARE, membership_account="other@membership.example"))
    assert keyed.access_code_hash != other.access_code_hash, "one code of two accounts is stored in two ways"
    assert codes.keyed(keyed) == keyed


def test_a_code_opens_keyed_entries_and_those_not_yet_wrapped(codes: AccessCodes) -> None:
    entries = [codes.keyed(BARE), BARE, replace(BARE, access_code_hash="x")]
    assert codes.opened(BARE.membership_account, entries, CODE) == entries[:2]
    assert codes.opened(BARE.membership_account, entries, CODE + "x") == []


def test_a_wrapped_code_keeps_its_entry_and_is_announced_to_nobody(codes: AccessCodes) -> None:
    keyed, state = codes.keyed(BARE), Profile(BARE, "import-1")
    command = RehashAccessCode(BARE.access_code_hash, keyed.access_code_hash)
    assert decide(command, state) == [EntryRecorded(keyed, "import-1")]
    assert decide(command, Profile(keyed, "import-1")) == []
    assert decide(command, Profile()) == []
    keeper = Keeper("user:olga", NOW, "file")
    change = KeptChange(keeper, (EntryChange("access_code", None, None),))
    assert decide(ImportProfile(keyed, "import-2", keeper), state) == [EntryRecorded(keyed, "import-2", change)]


def test_unknown_accounts_share_few_documents(codes: AccessCodes) -> None:
    keys = {codes._keys(f"{n}@x.example", CODE, "org", known=False)[0][0] for n in range(5000)}
    assert len(keys) <= 1024
    assert LOCKOUT.kind == "lockout"
